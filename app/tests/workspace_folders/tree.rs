//! A `WORKSPACES_DIR`, and git as nobody configured it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use app::workspace_folders::WorkspaceFolders;
use contract::WorkspaceFolder;
use tempfile::TempDir;

/// When everything here was committed.
pub(crate) const TIME: &str = "2026-01-30T14:30:00Z";

pub(crate) struct Tree {
    folder: TempDir,
    workspaces: PathBuf,
}

impl Tree {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspaces = folder.path().join("workspaces");
        std::fs::create_dir(&workspaces).unwrap();
        Self { folder, workspaces }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.workspaces
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.workspaces.join(name)
    }

    /// A repository with one commit.
    pub(crate) fn repository(&self, name: &str) -> PathBuf {
        make(&self.workspaces, name)
    }

    /// One beside the workspaces, where nothing may be read.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        make(self.folder.path(), name)
    }

    pub(crate) async fn list(&self) -> BTreeMap<String, WorkspaceFolder> {
        WorkspaceFolders::new(&self.workspaces).list().await
    }

    pub(crate) async fn only(&self) -> WorkspaceFolder {
        let mut told = self.list().await;
        assert_eq!(told.len(), 1, "{told:?}");
        told.pop_first().unwrap().1
    }
}

fn make(parent: &Path, name: &str) -> PathBuf {
    git(parent, &["init", "--quiet", "--initial-branch", "main", name]);
    let folder = parent.join(name);
    git(&folder, &["commit", "--quiet", "--allow-empty", "-m", "First: a subject\n\nAnd more."]);
    folder
}

/// Runs git and returns what it says.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    for (name, value) in [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ("GIT_AUTHOR_NAME", "A"),
        ("GIT_AUTHOR_EMAIL", "a@example.com"),
        ("GIT_AUTHOR_DATE", "2020-01-01T00:00:00Z"),
        ("GIT_COMMITTER_NAME", "B C"),
        ("GIT_COMMITTER_EMAIL", "b@example.com"),
        ("GIT_COMMITTER_DATE", TIME),
    ] {
        command.env(name, value);
    }
    // A hook or another git that started the tests must not lead this one elsewhere.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
