//! Commits and what lies between them.

use fake_github::{FakeGithub, NewCommit};

use crate::helpers::{app, get, get_with};

fn commits(count: usize) -> Vec<NewCommit> {
    (0..count).map(|number| NewCommit::new(&format!("commit {number}"))).collect()
}

#[tokio::test]
async fn a_reference_leads_to_its_commit() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    assert_eq!(app(&fake, "/commits").await.status, 409);
    repo.branch(
        "main",
        &[NewCommit::new("one").at("2026-02-01T00:00:00Z"), NewCommit::new("two").body("more")],
    );
    repo.branch("feat/x", &commits(1));
    let shas = repo.shas("main");
    repo.tag("v1", &shas[0]);
    let head = app(&fake, "/commits/main").await.json();
    assert_eq!(head["sha"], shas[1].as_str());
    assert_eq!(head["commit"]["message"], "two\n\nmore");
    assert_eq!(head["commit"]["committer"]["date"], "2026-02-01T01:00:00Z");
    assert_eq!(head["parents"][0]["sha"], shas[0].as_str());
    assert_eq!(app(&fake, "/commits/v1").await.json()["sha"], shas[0].as_str());
    assert_eq!(app(&fake, &format!("/commits/{}", &shas[0][..8])).await.json()["sha"], shas[0].as_str());
    assert_eq!(app(&fake, "/commits/feat/x").await.status, 200);
    assert_eq!(app(&fake, "/branches/feat%2Fx").await.json()["name"], "feat/x");
    let url = format!("{}/repos/octo/app/commits/main", fake.api_url());
    let raw = get_with(&url, &[("accept", "application/vnd.github.sha")]).await;
    assert_eq!(
        (raw.body.as_str(), raw.header("content-type")),
        (shas[1].as_str(), "application/vnd.github.sha; charset=utf-8")
    );
    let unknown = app(&fake, "/commits/nothing").await;
    assert_eq!(
        (unknown.status, unknown.json()["message"].as_str().unwrap()),
        (422, "No commit found for SHA: nothing")
    );
}

#[tokio::test]
async fn comparing_tells_ahead_behind_identical_diverged_and_unknown() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    repo.branch("main", &commits(5));
    let shas = repo.shas("main");
    let mut side = commits(3);
    side.push(NewCommit::new("elsewhere"));
    repo.branch("side", &side);
    let compared = async |base: &str, head: &str| {
        let got = app(&fake, &format!("/compare/{base}...{head}")).await.json();
        (got["status"].as_str().unwrap().to_owned(), got["ahead_by"].as_u64(), got["behind_by"].as_u64())
    };
    assert_eq!(compared(&shas[1], "main").await, ("ahead".into(), Some(3), Some(0)));
    assert_eq!(compared("main", &shas[1]).await, ("behind".into(), Some(0), Some(3)));
    assert_eq!(compared("main", &shas[4]).await, ("identical".into(), Some(0), Some(0)));
    assert_eq!(compared("side", "main").await, ("diverged".into(), Some(2), Some(1)));
    let got = app(&fake, &format!("/compare/{}...main", shas[1])).await.json();
    let subjects: Vec<_> =
        got["commits"].as_array().unwrap().iter().map(|one| &one["commit"]["message"]).collect();
    assert_eq!(subjects, ["commit 2", "commit 3", "commit 4"], "oldest first");
    let unknown = app(&fake, &format!("/compare/{}...main", "ab".repeat(20))).await;
    assert_eq!((unknown.status, unknown.json()["message"].as_str().unwrap()), (404, "Not Found"));
}

#[tokio::test]
async fn after_a_force_push_the_old_head_is_unknown() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    repo.branch("main", &commits(3));
    let old = repo.push("main", NewCommit::new("regretted"));
    assert_eq!(repo.head("main"), Some(old.clone()));
    let new = repo.force_push("main", &commits(3));
    assert_eq!(app(&fake, &format!("/compare/{old}...main")).await.status, 404);
    assert_eq!(app(&fake, "/commits/main").await.json()["sha"], new.as_str());
}

#[tokio::test]
async fn a_long_comparison_shows_the_newest_250_or_pages() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo("octo/app");
    repo.branch("main", &commits(301));
    let base = repo.shas("main")[0].clone();
    let whole = app(&fake, &format!("/compare/{base}...main")).await.json();
    assert_eq!(whole["total_commits"], 300);
    let shown = whole["commits"].as_array().unwrap();
    assert_eq!((shown.len(), &shown[249]["commit"]["message"]), (250, &"commit 300".into()));
    let page = app(&fake, &format!("/compare/{base}...main?per_page=100&page=1")).await;
    assert_eq!(page.json()["commits"][0]["commit"]["message"], "commit 1");
    let last = get(&page.link("last").unwrap()).await.json();
    assert_eq!(last["commits"][99]["commit"]["message"], "commit 300");
}
