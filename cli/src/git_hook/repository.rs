//! What git's configuration says of a repository: its name for people, and whether it is left out.

use std::path::Path;
use std::time::Instant;

use super::address::without_secrets;
use super::git_process::{self, GitError, Running};

/// `git config remote-agent.enabled false` leaves a repository out.
const ENABLED: &str = "remote-agent.enabled";
/// `git config remote-agent.workspace NAME` names it otherwise.
const WORKSPACE: &str = "remote-agent.workspace";

/// What is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// Whether it is left out.
    pub(super) left_out: bool,
    /// The name of its workspace.
    pub(super) workspace: Option<String>,
    remotes: Vec<(String, String)>,
}

/// Asks git, which knows about includes, scopes and work trees.
pub(super) fn start(folder: &Path) -> Result<Running, GitError> {
    let wanted = r"^(remote\..*\.url|remote-agent\..*)$";
    git_process::start(folder, &["config", "-z", "--get-regexp", wanted])
}

/// What git answered; an answer that there is nothing is one.
pub(super) fn finish(running: Running, deadline: Instant) -> Result<Settings, GitError> {
    match running.finish(deadline) {
        Ok(answer) => Ok(parse(&String::from_utf8_lossy(&answer))),
        Err(GitError::Refused { code: Some(1), .. }) => Ok(Settings::default()),
        Err(error) => Err(error),
    }
}

impl Settings {
    /// The address of `origin`, else of the only remote, without secrets.
    pub(super) fn address(&self) -> Option<String> {
        let of = |wanted: &str| self.remotes.iter().find(|(name, _)| name == wanted);
        let only = match self.remotes.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        let (_, address) = of("origin").or(only)?;
        without_secrets(address)
    }

    /// Whether a remote has this name.
    pub(super) fn has_remote(&self, name: &str) -> bool {
        self.remotes.iter().any(|(known, _)| known == name)
    }
}

fn parse(answer: &str) -> Settings {
    let mut settings = Settings::default();
    for entry in answer.split('\0').filter(|entry| !entry.is_empty()) {
        // A key without `=` is true, to git.
        let (key, value) = entry.split_once('\n').unwrap_or((entry, "true"));
        match key {
            ENABLED => settings.left_out = is_false(value),
            WORKSPACE => settings.workspace = Some(value.to_owned()).filter(|name| !name.is_empty()),
            _ => {
                let remote = key.strip_prefix("remote.").and_then(|rest| rest.strip_suffix(".url"));
                // The first address of a remote is the one that is fetched from.
                if let Some(name) = remote.filter(|name| !settings.has_remote(name)) {
                    settings.remotes.push((name.to_owned(), value.to_owned()));
                }
            }
        }
    }
    settings
}

/// What git itself takes for false.
fn is_false(value: &str) -> bool {
    ["false", "no", "off", "0", ""].iter().any(|word| value.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_comes_first_then_an_only_remote_and_never_one_of_several() {
        let of = |answer: &str| parse(answer).address();
        let two =
            "remote.fork.url\nhttps://f/\0remote.origin.url\nhttps://a:b@o/\0remote.origin.url\nhttps://p/\0";
        assert_eq!(of(two).as_deref(), Some("https://o/"));
        assert_eq!(of("remote.a.b.url\nhttps://f/\0").as_deref(), Some("https://f/"));
        assert_eq!(of("remote.a.url\nhttps://f/\0remote.b.url\nhttps://g/\0"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn a_repository_is_left_out_by_every_word_that_git_takes_for_false() {
        for (value, left_out) in [("false", true), ("No", true), ("0", true), ("true", false), ("1", false)] {
            assert_eq!(parse(&format!("remote-agent.enabled\n{value}\0")).left_out, left_out, "{value}");
        }
        assert!(!parse("remote-agent.enabled\0").left_out);
        // The most specific scope comes last and counts.
        assert!(!parse("remote-agent.enabled\nfalse\0remote-agent.enabled\ntrue\0").left_out);
        assert_eq!(parse("remote-agent.workspace\nmine\0").workspace.as_deref(), Some("mine"));
    }
}
