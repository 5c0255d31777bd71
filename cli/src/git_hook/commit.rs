//! `post-commit`: the commit that `HEAD` is now.

use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value};

use super::git_process::{self, GitError};
use super::observe::{COUNTED_WITHIN, Scene, Told};

/// Longest subject that is sent, in bytes.
const LONGEST_SUBJECT: usize = 2000;
/// More parents than that has nobody.
const MOST_PARENTS: usize = 64;

/// A commit.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) sha: String,
    parents: Vec<String>,
    subject: String,
    /// Lines added and removed, seen from the first parent.
    lines: Option<(u64, u64)>,
}

pub(super) fn told(scene: &Scene<'_>) -> Result<Told, GitError> {
    let soon = scene.deadline.min(Instant::now() + COUNTED_WITHIN);
    let commit = match Commit::at_head(scene.call.folder, true, soon) {
        Err(GitError::Slow | GitError::Refused { .. }) => {
            Commit::at_head(scene.call.folder, false, scene.deadline)?
        }
        answer => answer?,
    };
    let mut data = commit.data();
    insert_branch(&mut data, scene);
    let log = scene.git_dir.last_move().filter(|last| last.to == commit.sha);
    if let Some(log) = log {
        // `commit (amend): …`, `rebase (pick): …`, `cherry-pick: …`
        let how = log.why.split(": ").next().unwrap_or_default();
        if how.ends_with("(amend)") {
            data.insert("amend".into(), true.into());
            data.insert("amended".into(), log.from.into());
        } else if let Some(action) = how.split(' ').next().filter(|action| is_replay(action)) {
            data.insert("by".into(), action.into());
        }
    }
    Ok(Some(("git.commit", data)))
}

/// Whether a commit was made once more from one that was there.
fn is_replay(action: &str) -> bool {
    matches!(action, "rebase" | "cherry-pick" | "revert" | "am")
}

pub(super) fn insert_branch(data: &mut Map<String, Value>, scene: &Scene<'_>) {
    if let Some(branch) = scene.branch() {
        data.insert("branch".into(), branch.into());
    }
}

impl Commit {
    /// The one that `HEAD` is now.
    pub(super) fn at_head(folder: &Path, counted: bool, deadline: Instant) -> Result<Self, GitError> {
        let format = "--format=%H%x00%P%x00%s%x00";
        let counting = if counted { "--shortstat" } else { "--no-patch" };
        // Plumbing: nothing that somebody configured for reading logs changes what it prints.
        let answer = git_process::start(
            folder,
            &[
                "diff-tree",
                "--root",
                "--always",
                "--diff-merges=first-parent",
                "--find-renames",
                "--no-ext-diff",
                "--no-textconv",
                "--encoding=UTF-8",
                counting,
                format,
                "HEAD",
            ],
        )?
        .finish(deadline)?;
        let mut commit = Self::parse(&String::from_utf8_lossy(&answer));
        if counted && commit.lines.is_none() {
            commit.lines = Some((0, 0));
        }
        Ok(commit)
    }

    fn parse(answer: &str) -> Self {
        let mut parts = answer.split('\0');
        let mut next = || parts.next().unwrap_or_default().trim().to_owned();
        let (sha, parents, subject, stat) = (next(), next(), next(), next());
        let parents = parents.split_whitespace().take(MOST_PARENTS).map(str::to_owned).collect();
        let (subject, _) = contract::terminal::cap(&subject, LONGEST_SUBJECT);
        Self { sha, parents, subject, lines: parse_lines(&stat) }
    }

    /// As an event tells it.
    pub(super) fn data(&self) -> Map<String, Value> {
        let mut data = Map::new();
        data.insert("sha".into(), self.sha.clone().into());
        data.insert("parents".into(), self.parents.clone().into());
        data.insert("subject".into(), self.subject.clone().into());
        if let Some((additions, deletions)) = self.lines {
            data.insert("additions".into(), additions.into());
            data.insert("deletions".into(), deletions.into());
        }
        data
    }
}

/// ` 2 files changed, 3 insertions(+), 1 deletion(-)`: what is zero may be missing.
fn parse_lines(stat: &str) -> Option<(u64, u64)> {
    let count = |word: &str| {
        let part = stat.split(", ").find(|part| part.contains(word))?;
        part.split_whitespace().next()?.parse().ok()
    };
    stat.contains("changed").then(|| (count("insertion").unwrap_or(0), count("deletion").unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_what_git_says() {
        for (stat, lines) in [
            ("\n\n 1 file changed, 1 insertion(+)\n", Some((1, 0))),
            (" 12 files changed, 3000 insertions(+), 1 deletion(-)", Some((3000, 1))),
            (" 1 file changed, 2 deletions(-)", Some((0, 2))),
            (" 1 file changed, 0 insertions(+), 0 deletions(-)", Some((0, 0))),
            ("", None),
            (" 1 file changed, 99999999999999999999999 insertions(+)", Some((0, 0))),
        ] {
            assert_eq!(parse_lines(stat), lines, "{stat}");
        }
    }

    #[test]
    fn an_answer_that_is_cut_is_read_as_far_as_it_goes() {
        assert_eq!(Commit::parse(""), Commit::default());
        let commit = Commit::parse("abc\0def fed\0Plant\u{1b}[31m ☘\0");
        assert_eq!(commit.parents, ["def", "fed"]);
        assert_eq!(commit.subject, "Plant\u{1b}[31m ☘");
    }
}
