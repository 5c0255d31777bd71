//! `post-merge`: what was merged or pulled. Its argument: whether it was squashed, which makes no commit.

use serde_json::Value;

use super::commit::{Commit, insert_branch};
use super::git_process::GitError;
use super::observe::{Scene, Told};

pub(super) fn told(scene: &Scene<'_>) -> Result<Told, GitError> {
    // A pull can bring years of work: its lines are not counted.
    let commit = Commit::at_head(scene.call.folder, false, scene.deadline)?;
    let squash = scene.argument(0).is_some_and(|flag| flag == "1");
    let mut data = commit.data();
    insert_branch(&mut data, scene);
    data.insert("squash".into(), squash.into());
    let log = scene.git_dir.last_move().filter(|last| last.to == commit.sha && !squash);
    if let Some(log) = log {
        data.insert("fastForward".into(), Value::Bool(log.why.ends_with(": Fast-forward")));
        data.insert("from".into(), log.from.into());
    }
    Ok(Some(("git.merge", data)))
}
