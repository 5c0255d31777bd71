//! A git repository's own files: what is checked out, and where it came from.

use std::path::{Path, PathBuf};

use contract::WorkspaceFolder;

use super::commit::{self, Summary};
use super::confined::Confined;
use super::{packs, remote};

/// Largest `HEAD`, ref or `gitdir:` file.
const LINE: u64 = 4 << 10;
const LARGEST_CONFIG: u64 = 256 << 10;
const LARGEST_PACKED_REFS: u64 = 16 << 20;
/// Refs that name refs; git itself follows five.
const DEEPEST: u32 = 5;

/// What a folder's repository tells; `None` if the folder is no work tree of one within.
pub(super) fn read(confined: &Confined, folder: &Path) -> Option<WorkspaceFolder> {
    let repository = Repository::open(confined, folder)?;
    let head = confined.text(&repository.own.join("HEAD"), LINE)?;
    let (branch, commit) = repository.head(head.trim())?;
    let summary = commit.as_deref().and_then(|commit| repository.summary(commit)).unwrap_or_default();
    let config = confined.text(&repository.common.join("config"), LARGEST_CONFIG);
    Some(WorkspaceFolder {
        git: true,
        remote: config.and_then(|config| remote::of(&config)),
        branch,
        commit,
        subject: summary.subject,
        committed_at: summary.committed_at,
    })
}

struct Repository<'a> {
    confined: &'a Confined,
    /// Of this work tree.
    own: PathBuf,
    /// Of all its work trees; mostly the same.
    common: PathBuf,
}

impl<'a> Repository<'a> {
    fn open(confined: &'a Confined, folder: &Path) -> Option<Self> {
        let dot_git = folder.join(".git");
        let own = confined.folder(&dot_git).or_else(|| {
            let text = confined.text(&dot_git, LINE)?;
            confined.folder(&folder.join(text.strip_prefix("gitdir:")?.trim()))
        })?;
        let named = confined.text(&own.join("commondir"), LINE);
        let common = named.and_then(|named| confined.folder(&own.join(named.trim())));
        Some(Self { confined, common: common.unwrap_or_else(|| own.clone()), own })
    }

    /// Branch and commit that `HEAD` names; `None` if it is no `HEAD`.
    fn head(&self, head: &str) -> Option<(Option<String>, Option<String>)> {
        if let Some(commit) = object_id(head) {
            return Some((None, Some(commit)));
        }
        let name = head.strip_prefix("ref:")?.trim();
        if !is_ref(name) {
            return Some((None, None));
        }
        Some((name.strip_prefix("refs/heads/").map(str::to_owned), self.resolve(name, DEEPEST)))
    }

    fn resolve(&self, name: &str, depth: u32) -> Option<String> {
        let loose =
            [&self.own, &self.common].into_iter().find_map(|base| self.confined.text(&base.join(name), LINE));
        let Some(loose) = loose else { return self.packed(name) };
        match loose.trim().strip_prefix("ref:") {
            Some(other) if depth > 0 && is_ref(other.trim()) => self.resolve(other.trim(), depth - 1),
            Some(_) => None,
            None => object_id(loose.trim()),
        }
    }

    fn packed(&self, name: &str) -> Option<String> {
        let packed = self.confined.text(&self.common.join("packed-refs"), LARGEST_PACKED_REFS)?;
        let line =
            packed.lines().find(|line| line.split_once(' ').is_some_and(|(_, named)| named == name))?;
        object_id(line.split_once(' ')?.0)
    }

    fn summary(&self, commit: &str) -> Option<Summary> {
        let objects = self.common.join("objects");
        let (folder, file) = commit.split_at(2);
        let loose = self.confined.open(&objects.join(folder).join(file));
        let text = loose.and_then(commit::loose).or_else(|| packs::commit(self.confined, &objects, commit));
        let logged = || commit::logged(self.confined.open(&self.own.join("logs/HEAD"))?, commit);
        text.map(|text| commit::parse(&text)).or_else(logged)
    }
}

/// A whole id of an object, SHA-1 or SHA-256.
fn object_id(text: &str) -> Option<String> {
    let fits = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| text.to_ascii_lowercase())
}

/// A name as git allows it: so it stays within the folder, and is shown to people as it is.
fn is_ref(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let letter = |letter: char| !letter.is_control() && !" ~^:?*[\\".contains(letter);
    name.len() <= 250
        && name.starts_with("refs/")
        && !name.contains("..")
        && name.split('/').all(part)
        && name.chars().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_git_allows_are_followed() {
        for name in ["refs/heads/main", "refs/heads/feature/ä-1", "refs/tags/v1.0"] {
            assert!(is_ref(name), "{name}");
        }
        for name in [
            "HEAD",
            "refs/heads/../../../x",
            "refs//x",
            "refs/heads/.invalid",
            "refs/heads/a b",
            "/refs/x",
            "refs/heads/x.lock",
        ] {
            assert!(!is_ref(name), "{name}");
        }
    }
}
