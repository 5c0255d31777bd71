//! The folders of `WORKSPACES_DIR`, with repositories that git made and some that somebody spoiled.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod hostile;
mod tree;

use app::workspace_folders::WorkspaceFolders;
use contract::WorkspaceFolder;
use std::time::Duration;

use tree::{TIME, Tree, git};

#[tokio::test]
async fn a_repository_tells_branch_commit_and_remote() {
    let tree = Tree::new();
    let folder = tree.repository("work");
    git(&folder, &["remote", "add", "origin", "https://me:SECRET@example.com/a/b.git?token=SECRET"]);
    git(&folder, &["checkout", "--quiet", "-b", "feature/one"]);
    let told = tree.only().await;
    assert_eq!(
        told,
        WorkspaceFolder {
            git: true,
            remote: Some("https://example.com/a/b.git".into()),
            branch: Some("feature/one".into()),
            commit: Some(git(&folder, &["rev-parse", "HEAD"])),
            subject: Some("First: a subject".into()),
            committed_at: Some(TIME.parse().unwrap()),
        }
    );
}

#[tokio::test]
async fn what_git_packed_is_found_all_the_same() {
    let tree = Tree::new();
    let folder = tree.repository("work");
    for number in 0..20 {
        git(&folder, &["commit", "--quiet", "--allow-empty", "-m", &format!("Number {number}")]);
    }
    git(&folder, &["gc", "--quiet"]);
    git(&folder, &["pack-refs", "--all"]);
    std::fs::remove_dir_all(folder.join(".git/logs")).unwrap();
    let objects = std::fs::read_dir(folder.join(".git/objects")).unwrap().flatten();
    let left: Vec<_> = objects.map(|entry| entry.file_name()).filter(|name| name.len() == 2).collect();
    assert!(left.is_empty() && folder.join(".git/packed-refs").exists());
    let told = tree.only().await;
    assert_eq!(told.commit, Some(git(&folder, &["rev-parse", "HEAD"])));
    assert_eq!(told.subject.as_deref(), Some("Number 19"));
    assert_eq!(told.committed_at, Some(TIME.parse().unwrap()));
}

#[tokio::test]
async fn a_fresh_clone_tells_all_of_it() {
    let tree = Tree::new();
    let origin = tree.outside("origin");
    let clone = tree.path("clone");
    let from = format!("file://{}", origin.display());
    git(tree.root(), &["clone", "--quiet", &from, clone.to_str().unwrap()]);
    let told = tree.only().await;
    assert_eq!((told.remote, told.branch.as_deref()), (Some(from), Some("main")));
    assert_eq!(told.subject.as_deref(), Some("First: a subject"));
}

#[tokio::test]
async fn a_second_work_tree_tells_its_own_branch() {
    let tree = Tree::new();
    let folder = tree.repository("work");
    git(&folder, &["worktree", "add", "--quiet", "-b", "side", "../side"]);
    git(&tree.path("side"), &["commit", "--quiet", "--allow-empty", "-m", "On the side"]);
    let told = tree.list().await;
    let branches: Vec<_> = told.values().map(|folder| folder.branch.as_deref().unwrap()).collect();
    assert_eq!(branches, ["side", "main"]);
    assert_eq!(told["side"].subject.as_deref(), Some("On the side"));
    assert_eq!(told["work"].subject.as_deref(), Some("First: a subject"));
}

#[tokio::test]
async fn a_detached_head_has_a_commit_and_no_branch() {
    let tree = Tree::new();
    let folder = tree.repository("work");
    git(&folder, &["checkout", "--quiet", "--detach"]);
    let told = tree.only().await;
    assert_eq!((told.branch, told.commit), (None, Some(git(&folder, &["rev-parse", "HEAD"]))));
}

#[tokio::test]
async fn a_repository_without_a_commit_tells_its_branch() {
    let tree = Tree::new();
    git(tree.root(), &["init", "--quiet", "--initial-branch", "trunk", "empty"]);
    let expected = WorkspaceFolder { git: true, branch: Some("trunk".into()), ..WorkspaceFolder::default() };
    assert_eq!(tree.only().await, expected);
}

#[tokio::test]
async fn the_log_tells_of_a_commit_whose_object_cannot_be_read() {
    let tree = Tree::new();
    let folder = tree.repository("work");
    std::fs::remove_dir_all(folder.join(".git/objects")).unwrap();
    let told = tree.only().await;
    assert_eq!(told.subject.as_deref(), Some("First: a subject"));
    assert_eq!(told.committed_at, Some(TIME.parse().unwrap()));
}

#[tokio::test]
async fn a_plain_folder_is_told_and_hidden_ones_and_files_are_not() {
    let tree = Tree::new();
    for name in ["plain", ".hidden"] {
        std::fs::create_dir(tree.path(name)).unwrap();
    }
    std::fs::write(tree.path("file"), "x").unwrap();
    assert_eq!(tree.only().await, WorkspaceFolder::default());
}

#[tokio::test]
async fn at_most_five_hundred_folders_are_told() {
    let tree = Tree::new();
    for number in 0..510 {
        std::fs::create_dir(tree.path(&number.to_string())).unwrap();
    }
    assert_eq!(tree.list().await.len(), 500);
}

#[tokio::test]
async fn a_folder_that_is_not_there_yet_holds_nothing() {
    assert!(WorkspaceFolders::new("/nowhere/at/all").list().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_disk_is_looked_at_once_in_a_few_seconds() {
    let tree = Tree::new();
    let folders = WorkspaceFolders::new(tree.root());
    assert!(folders.list().await.is_empty());
    std::fs::create_dir(tree.path("new")).unwrap();
    for _ in 0..1_000 {
        assert!(folders.list().await.is_empty());
    }
    tokio::time::advance(Duration::from_secs(6)).await;
    assert_eq!(folders.list().await.len(), 1);
}
