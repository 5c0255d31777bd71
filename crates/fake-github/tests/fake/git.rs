//! The git door, seen by git itself.

use std::process::{Command, Output};

use fake_github::{Door, FakeGithub, NewCommit, RepoHandle};

use crate::helpers::{get, get_with};

fn ls_remote(fake: &FakeGithub, arguments: &[&str], name: &str) -> Output {
    let url = format!("{}/{name}", fake.web_url());
    Command::new("git")
        .args(["-c", "credential.helper=", "-c", "http.proxy="])
        .args(arguments)
        .arg(url)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git is there")
}

fn lines(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn filled(fake: &FakeGithub) -> (RepoHandle, String) {
    let repo = fake.repo("octo/app");
    repo.branch("main", &[NewCommit::new("one"), NewCommit::new("two")]).pull(7);
    let head = repo.head("main").unwrap();
    repo.tag("v1.0.0", &head).annotated_tag("v1.1.0", &head);
    (repo, head)
}

#[tokio::test]
async fn git_lists_references_by_every_protocol() {
    let fake = FakeGithub::start().await;
    let (_, head) = filled(&fake);
    let mut seen = Vec::new();
    for version in ["0", "1", "2"] {
        let protocol = format!("protocol.version={version}");
        let listed = lines(&ls_remote(&fake, &["-c", &protocol, "ls-remote"], "octo/app.git"));
        assert!(listed.contains(&format!("{head}\tHEAD")), "version {version}: {listed:?}");
        assert!(listed.contains(&format!("{head}\trefs/heads/main")));
        assert!(listed.contains(&format!("{head}\trefs/tags/v1.0.0")));
        assert!(listed.contains(&format!("{head}\trefs/tags/v1.1.0^{{}}")));
        assert!(listed.iter().any(|line| line.ends_with("\trefs/pull/7/head")));
        seen.push(listed);
    }
    assert_eq!(seen[0], seen[2]);
    let posts = fake.calls().iter().filter(|call| call.method == "POST").count();
    assert_eq!(posts, 1, "only version 2 asks twice");
}

#[tokio::test]
async fn git_is_told_the_default_branch_and_may_ask_for_less() {
    let fake = FakeGithub::start().await;
    filled(&fake);
    let listed = lines(&ls_remote(&fake, &["ls-remote", "--symref"], "octo/app"));
    assert_eq!(listed[0], "ref: refs/heads/main\tHEAD");
    let tags = lines(&ls_remote(&fake, &["ls-remote", "--tags", "--refs"], "octo/app"));
    assert_eq!(tags.len(), 2);
}

#[tokio::test]
async fn an_old_server_answers_the_old_way() {
    let fake = FakeGithub::start().await;
    let (repo, head) = filled(&fake);
    repo.git_v1_only();
    let listed = lines(&ls_remote(&fake, &["-c", "protocol.version=2", "ls-remote"], "octo/app"));
    assert!(listed.contains(&format!("{head}\trefs/heads/main")));
    assert_eq!(fake.count(Door::Web), 1);
}

#[tokio::test]
async fn an_empty_repository_has_no_references() {
    let fake = FakeGithub::start().await;
    fake.repo("octo/app");
    for protocol in ["protocol.version=0", "protocol.version=2"] {
        assert!(lines(&ls_remote(&fake, &["-c", protocol, "ls-remote"], "octo/app")).is_empty());
    }
}

#[tokio::test]
async fn a_missing_repository_asks_for_a_login_and_a_moved_one_redirects() {
    let fake = FakeGithub::start().await;
    let refused = ls_remote(&fake, &["ls-remote"], "octo/none");
    assert!(!refused.status.success());
    let url = format!("{}/octo/none/info/refs?service=git-upload-pack", fake.web_url());
    let got = get(&url).await;
    assert_eq!((got.status, got.header("www-authenticate")), (401, "Basic realm=\"GitHub\""));
    filled(&fake).0.rename_to("octo/new");
    assert!(lines(&ls_remote(&fake, &["ls-remote"], "octo/app.git")).len() > 3);
}

#[tokio::test]
async fn the_advertisement_has_the_form_of_the_protocol() {
    let fake = FakeGithub::start().await;
    let (_, head) = filled(&fake);
    let url = format!("{}/octo/app.git/info/refs?service=git-upload-pack", fake.web_url());
    let old = get(&url).await;
    assert_eq!(old.header("content-type"), "application/x-git-upload-pack-advertisement");
    assert!(old.body.starts_with("001e# service=git-upload-pack\n0000"));
    assert!(old.body.contains(&format!("{head} HEAD\0multi_ack ")) && old.body.ends_with("0000"));
    let new = get_with(&url, &[("git-protocol", "version=2")]).await;
    assert!(new.body.starts_with("001e# service=git-upload-pack\n0000000eversion 2\n"));
}
