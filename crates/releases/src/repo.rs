//! Names of repositories and tracks, validated before they reach a URL, a file name or a log line.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `owner/name` on GitHub: letters, digits, `-`, `_` and `.` only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Repo {
    owner: String,
    name: String,
}

/// Not a repository name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a repository: write OWNER/NAME, as in its address on GitHub")]
pub struct NotARepo;

impl Repo {
    /// The user or organisation.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The repository's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for Repo {
    type Err = NotARepo;

    fn from_str(text: &str) -> Result<Self, NotARepo> {
        let (owner, name) = text.split_once('/').ok_or(NotARepo)?;
        if is_path_word(owner, 39) && is_path_word(name, 100) {
            Ok(Self { owner: owner.into(), name: name.into() })
        } else {
            Err(NotARepo)
        }
    }
}

/// One URL path segment that means nothing to a shell, a file system or a log.
fn is_path_word(text: &str, max: usize) -> bool {
    !text.is_empty()
        && text.len() <= max
        && text != "."
        && text != ".."
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

impl TryFrom<String> for Repo {
    type Error = NotARepo;

    fn try_from(text: String) -> Result<Self, NotARepo> {
        text.parse()
    }
}

impl From<Repo> for String {
    fn from(repo: Repo) -> Self {
        repo.to_string()
    }
}

impl fmt::Display for Repo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.owner, self.name)
    }
}

/// What is followed: `releases`, or `branch:NAME`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Track {
    /// Releases (or tags, where there are none).
    #[default]
    Releases,
    /// The head of a branch.
    Branch(String),
}

/// Not a track.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a track: write `releases` or `branch:NAME`")]
pub struct NotATrack;

impl FromStr for Track {
    type Err = NotATrack;

    fn from_str(text: &str) -> Result<Self, NotATrack> {
        match text.strip_prefix("branch:") {
            None if text == "releases" => Ok(Self::Releases),
            Some(branch) if is_ref_name(branch) => Ok(Self::Branch(branch.into())),
            _ => Err(NotATrack),
        }
    }
}

/// The safe part of what `git check-ref-format` allows; also holds for tags.
#[must_use]
pub fn is_ref_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./+@#=,".contains(&byte);
    !text.is_empty()
        && text.len() <= 200
        && text.bytes().all(plain)
        && !text.starts_with(['-', '/', '.'])
        && !text.ends_with(['/', '.'])
        && !text.ends_with(".lock")
        && !["..", "//", "/.", "@{"].iter().any(|bad| text.contains(bad))
}

/// A full commit SHA (SHA-1 or SHA-256), lower case.
#[must_use]
pub fn is_full_sha(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl fmt::Display for Track {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Releases => formatter.write_str("releases"),
            Self::Branch(name) => write!(formatter, "branch:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Repo, Track, is_ref_name};

    #[test]
    fn a_repository_is_two_plain_words() {
        assert_eq!("octo-org/My.App_2".parse::<Repo>().unwrap().to_string(), "octo-org/My.App_2");
        for bad in ["", "a", "a/", "/b", "a/b/c", "a/..", "../b", "-a/b", "a/b;id", "a b/c", "a/$(id)", "ä/b"]
        {
            assert!(bad.parse::<Repo>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_track_is_releases_or_a_branch_with_a_safe_name() {
        assert_eq!("releases".parse::<Track>().unwrap(), Track::Releases);
        assert_eq!("branch:feat/x".parse::<Track>().unwrap(), Track::Branch("feat/x".into()));
        for bad in
            ["", "tags", "branch:", "branch:a..b", "branch:-f", "branch:a b", "branch:a\n", "branch:/a"]
        {
            assert!(bad.parse::<Track>().is_err(), "{bad}");
        }
    }

    #[test]
    fn shell_and_path_tricks_are_no_ref_names() {
        for bad in ["v1;id", "$(id)", "`id`", "--flag", "a\nb", "../../etc/cron.d/x", "a.lock", "v1 ", "@{u}"]
        {
            assert!(!is_ref_name(bad), "{bad}");
        }
        assert!(is_ref_name("v1.2.3+build.5"));
    }
}
