//! The repository's own folder, read without asking git: a process costs milliseconds, a file does not.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// More than one line of a reflog is in its last this many bytes.
const TAIL: u64 = 8 << 10;
/// Longest small file that is looked into.
const LONGEST: u64 = 64 << 10;

/// Where git keeps what belongs to one work tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GitDir {
    path: PathBuf,
    bare: bool,
}

/// The last time that `HEAD` moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// Where it was.
    pub(super) from: String,
    /// Where it is.
    pub(super) to: String,
    /// What moved it, such as `commit (amend): Plant`.
    pub(super) why: String,
}

/// What `HEAD` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// On a branch.
    Branch(String),
    /// On a commit.
    Detached,
    /// In a format that only git reads.
    Unknown,
}

impl GitDir {
    /// That of the folder that git calls a hook in: the top of the work tree, or the repository if it is bare.
    pub(super) fn find(folder: &Path, named: Option<&Path>) -> Option<Self> {
        let bare = |path: PathBuf| {
            let bare = path.join("HEAD").is_file() && !folder.join(".git").exists();
            Self { path, bare }
        };
        if let Some(named) = named.filter(|named| !named.as_os_str().is_empty()) {
            let path = folder.join(named);
            let is_here = path == folder || named == Path::new(".");
            return Some(if is_here { bare(folder.to_owned()) } else { Self { path, bare: false } });
        }
        let inside = folder.join(".git");
        if inside.is_dir() {
            return Some(Self { path: inside, bare: false });
        }
        if inside.is_file() {
            // A linked work tree or a submodule: the file says where.
            let text = read_small(&inside)?;
            let path = folder.join(text.strip_prefix("gitdir:")?.trim());
            return Some(Self { path, bare: false });
        }
        (folder.join("HEAD").is_file() && folder.join("objects").is_dir()).then(|| bare(folder.to_owned()))
    }

    /// Whether there is no work tree.
    pub(super) fn is_bare(&self) -> bool {
        self.bare
    }

    /// Whether a rebase or `git am` is under way.
    pub(super) fn is_rebasing(&self) -> bool {
        self.path.join("rebase-merge").is_dir() || self.path.join("rebase-apply").is_dir()
    }

    /// What `HEAD` says; while rebasing, the branch that is rebased.
    pub(super) fn head(&self) -> Head {
        for rebased in ["rebase-merge/head-name", "rebase-apply/head-name"] {
            if let Some(name) = read_small(&self.path.join(rebased)) {
                return name.trim().strip_prefix("refs/heads/").map_or(Head::Detached, branch);
            }
        }
        match read_small(&self.path.join("HEAD")) {
            Some(text) => match text.trim().strip_prefix("ref:").map(str::trim) {
                // So that older gits see that they cannot read this repository.
                Some("refs/heads/.invalid") => Head::Unknown,
                Some(name) => name.strip_prefix("refs/heads/").map_or(Head::Unknown, branch),
                None => Head::Detached,
            },
            None => Head::Unknown,
        }
    }

    /// The last line of the log of `HEAD`, if it keeps one.
    pub(super) fn last_move(&self) -> Option<Move> {
        let mut file = File::open(self.path.join("logs/HEAD")).ok()?;
        let length = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).ok()?;
        let mut tail = Vec::new();
        file.take(TAIL).read_to_end(&mut tail).ok()?;
        let tail = String::from_utf8_lossy(&tail);
        parse_move(tail.trim_end_matches('\n').rsplit('\n').next()?)
    }
}

fn branch(name: &str) -> Head {
    Head::Branch(name.to_owned())
}

fn parse_move(line: &str) -> Option<Move> {
    let (before, why) = line.split_once('\t').unwrap_or((line, ""));
    let mut words = before.split(' ');
    let (from, to) = (words.next()?, words.next()?);
    let is_id = |text: &str| text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_id(from) && is_id(to)).then(|| Move { from: from.to_owned(), to: to.to_owned(), why: why.to_owned() })
}

fn read_small(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The top of the work tree around a folder: where `.git` is.
pub(crate) fn top_around(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|place| fs::symlink_metadata(place.join(".git")).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_is_read_and_a_torn_one_is_not() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let line = format!("{a} {b} Ada <a@b> 1795347880 +0000\tcommit (amend): tab\tand more");
        let read = parse_move(&line).unwrap();
        assert_eq!((read.from, read.to), (a, b));
        assert_eq!(read.why, "commit (amend): tab\tand more");
        for torn in ["", " ", "aaa bbb", "Ada <a@b> 1795347880 +0000\tcommit: x"] {
            assert_eq!(parse_move(torn), None, "{torn}");
        }
    }

    #[test]
    fn the_branch_is_read_from_head_and_from_a_rebase_under_way() {
        let folder = tempfile::tempdir().unwrap();
        let git = folder.path().join(".git");
        fs::create_dir(&git).unwrap();
        let found = || GitDir::find(folder.path(), None).unwrap();
        assert_eq!(found().head(), Head::Unknown);
        for (text, head) in [
            ("ref: refs/heads/a/ü\n", branch("a/ü")),
            ("ref: refs/heads/.invalid\n", Head::Unknown),
            ("0123456789012345678901234567890123456789\n", Head::Detached),
        ] {
            fs::write(git.join("HEAD"), text).unwrap();
            assert_eq!(found().head(), head, "{text}");
        }
        fs::create_dir(git.join("rebase-merge")).unwrap();
        fs::write(git.join("rebase-merge/head-name"), "refs/heads/topic\n").unwrap();
        assert_eq!(found().head(), branch("topic"));
        assert!(found().is_rebasing());
    }

    #[test]
    fn the_folder_is_found_through_a_file_a_variable_and_in_a_bare_repository() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".git"), "gitdir: ../real dir\n").unwrap();
        let found = GitDir::find(folder.path(), None).unwrap();
        assert_eq!(found.path, folder.path().join("../real dir"));
        let found = GitDir::find(folder.path(), Some(Path::new("/else/where"))).unwrap();
        assert_eq!(found.path, Path::new("/else/where"));
        assert!(!found.is_bare());
        let bare = tempfile::tempdir().unwrap();
        assert_eq!(GitDir::find(bare.path(), None), None);
        fs::write(bare.path().join("HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::create_dir(bare.path().join("objects")).unwrap();
        assert!(GitDir::find(bare.path(), None).unwrap().is_bare());
        assert!(GitDir::find(bare.path(), Some(Path::new("."))).unwrap().is_bare());
    }
}
