//! The branch track: the head of a branch against the running commit.

use chrono::{TimeDelta, Utc};
use contract::{Comparison, EntryKind, ErrorCode, Severity, Status, UpgradeHow, VersionState, Via};
use fake_github::{Door, FakeGithub, Fault, NewCommit, RepoHandle};

use crate::helpers::{REPO, TestApp, spawn};
use crate::stub::Stub;

const TRACK: (&str, &str) = ("TRACK", "branch:main");
const FOREIGN: &str = "fedcba9876543210fedcba9876543210fedcba98";

/// A branch of these commits, oldest first, the last one an hour old and each a day after the one before.
async fn branch(subjects: &[&str]) -> (FakeGithub, RepoHandle) {
    let fake = FakeGithub::start().await;
    let repo = fake.repo(REPO);
    repo.branch("main", &commits(subjects));
    (fake, repo)
}

fn commits(subjects: &[&str]) -> Vec<NewCommit> {
    let age = |place: usize| TimeDelta::days(i64::try_from(subjects.len() - 1 - place).unwrap());
    subjects
        .iter()
        .enumerate()
        .map(|(place, subject)| {
            let at = Utc::now() - TimeDelta::hours(1) - age(place);
            NewCommit::new(subject).at(&at.format("%FT%TZ").to_string())
        })
        .collect()
}

async fn watching(fake: &FakeGithub, current: &str) -> TestApp {
    spawn(fake, &[TRACK, ("CURRENT", current)]).await
}

async fn told(fake: &FakeGithub, current: &str) -> VersionState {
    watching(fake, current).await.version().await
}

#[tokio::test]
async fn a_commit_that_lacks_others_is_behind_by_commits_and_days() {
    let (fake, repo) = branch(&["one", "two", "three", "four"]).await;
    let shas = repo.shas("main");
    let state = told(&fake, &shas[1]).await;
    assert_eq!((state.comparison, state.update_available), (Comparison::Behind, Some(true)));
    assert_eq!((state.current.as_ref(), state.latest.as_ref()), (Some(&shas[1]), Some(&shas[3])));
    assert_eq!((state.behind.commits, state.behind.days, state.behind.releases), (Some(2), Some(1), None));
    assert_eq!((state.severity, state.track.as_str()), (Some(Severity::Commits), "branch:main"));
    let compare = format!("{}/{REPO}/compare/{}...{}", fake.web_url(), shas[1], shas[3]);
    assert_eq!(state.release_url, Some(compare));
    assert_eq!(state.upgrade.how, UpgradeHow::Source);
}

#[tokio::test]
async fn a_short_sha_is_told_in_full() {
    let (fake, repo) = branch(&["one", "two", "three"]).await;
    let shas = repo.shas("main");
    for (place, comparison) in [(0, Comparison::Behind), (2, Comparison::Identical)] {
        let state = told(&fake, &shas[place][..7]).await;
        assert_eq!((state.current.as_ref(), state.comparison), (Some(&shas[place]), comparison));
    }
}

#[tokio::test]
async fn the_notes_are_the_newest_subjects() {
    let (fake, repo) = branch(&["one", "two", "three", "four"]).await;
    let shas = repo.shas("main");
    let state = told(&fake, &shas[0]).await;
    let expected =
        format!("- four ({})\n- three ({})\n- two ({})", &shas[3][..7], &shas[2][..7], &shas[1][..7]);
    assert_eq!(state.release_notes, Some(expected));
}

#[tokio::test]
async fn hostile_subjects_are_text_and_nothing_else() {
    let hostile = [
        "<script>alert(1)</script>",
        "![x](https://evil.example/pixel.png)",
        "[click](javascript:alert(1))",
        "\u{1b}[31mred\u{202e}txt",
        "`code` **bold** &lt;b&gt;",
    ];
    let subjects: Vec<&str> = ["start"].into_iter().chain(hostile).collect();
    let (fake, repo) = branch(&subjects).await;
    let app = watching(&fake, &repo.shas("main")[0]).await;
    let state = app.version().await;
    let html = state.release_notes_html.unwrap();
    for bad in ["<script", "<img", "href=\"javascript", "<strong", "<code", "<b>"] {
        assert!(!html.contains(bad), "{bad} in {html}");
    }
    assert!(html.contains("alert(1)") && html.contains("**bold**"), "{html}");
    let markdown = state.release_notes.unwrap();
    assert!(!markdown.contains(['\u{1b}', '\u{202e}']), "{markdown:?}");
    assert_eq!(html.matches("<li>").count(), hostile.len(), "{html}");
}

#[tokio::test]
async fn the_head_itself_is_identical() {
    let (fake, repo) = branch(&["one", "two"]).await;
    let head = repo.head("main").unwrap();
    let state = told(&fake, &head).await;
    assert_eq!((state.comparison, state.update_available), (Comparison::Identical, Some(false)));
    assert_eq!((state.behind.commits, state.behind.days), (Some(0), Some(0)));
    assert_eq!(state.severity, None);
}

#[tokio::test]
async fn what_was_built_on_top_of_the_head_is_ahead() {
    let (fake, repo) = branch(&["one"]).await;
    let shared = commits(&["one"]);
    repo.branch("main", &shared);
    let mine: Vec<NewCommit> = shared.into_iter().chain([NewCommit::new("mine")]).collect();
    repo.branch("mine", &mine);
    let state = told(&fake, &repo.head("mine").unwrap()).await;
    assert_eq!((state.comparison, state.update_available), (Comparison::Ahead, Some(false)));
    assert_eq!(state.behind.commits, Some(0));
}

#[tokio::test]
async fn a_fork_in_the_history_is_diverged_and_no_update() {
    let (fake, repo) = branch(&["one"]).await;
    let shared = [NewCommit::new("one").at("2026-01-01T00:00:00Z")];
    let with = |subjects: &[&str]| -> Vec<NewCommit> {
        shared.iter().cloned().chain(subjects.iter().map(|subject| NewCommit::new(subject))).collect()
    };
    repo.branch("main", &with(&["theirs", "theirs too"]));
    repo.branch("mine", &with(&["mine"]));
    let state = told(&fake, &repo.head("mine").unwrap()).await;
    assert_eq!((state.comparison, state.update_available), (Comparison::Diverged, Some(false)));
    assert_eq!(state.behind.commits, Some(2));
}

#[tokio::test]
async fn a_base_that_a_force_push_removed_is_unknown() {
    let (fake, repo) = branch(&["one", "two"]).await;
    let app = watching(&fake, &repo.shas("main")[0]).await;
    assert_eq!(app.version().await.comparison, Comparison::Behind);
    let head = repo.force_push("main", &[NewCommit::new("all new")]);
    let state = app.force().await;
    assert_eq!((state.comparison, state.update_available), (Comparison::Unknown, None));
    assert_eq!(state.latest, Some(head));
    assert_eq!((state.behind.commits, state.behind.days), (None, None));
    assert_eq!(state.error, None);
    assert_eq!(told(&fake, FOREIGN).await.comparison, Comparison::Unknown);
}

#[tokio::test]
async fn a_short_sha_stands_for_the_commit_it_abbreviates() {
    let (fake, repo) = branch(&["one", "two", "three"]).await;
    let shas = repo.shas("main");
    let behind = told(&fake, &shas[0][..7]).await;
    assert_eq!((behind.comparison, behind.behind.commits), (Comparison::Behind, Some(2)));
    let identical = told(&fake, &shas[2][..8].to_ascii_uppercase()).await;
    assert_eq!(identical.comparison, Comparison::Identical);
    assert_eq!(identical.current.as_ref(), Some(&shas[2]));
}

#[tokio::test]
async fn no_sha_is_unknown_and_the_head_is_told_all_the_same() {
    let (fake, repo) = branch(&["one", "two"]).await;
    for current in ["", "dev", "1.2.3", "abc"] {
        let state = told(&fake, current).await;
        assert_eq!((state.comparison, state.update_available), (Comparison::Unknown, None), "{current:?}");
        assert_eq!(state.latest, repo.head("main"), "{current:?}");
    }
}

#[tokio::test]
async fn the_changelog_of_a_branch_lists_its_commits() {
    let (fake, repo) = branch(&["one", "fix: two", "feat!: three", "four"]).await;
    let shas = repo.shas("main");
    let app = watching(&fake, &shas[0]).await;
    app.version().await;
    let log: contract::Changelog = serde_json::from_value(app.get("/api/changelog").await.json()).unwrap();
    assert_eq!((log.from.as_ref(), log.to.as_ref()), (Some(&shas[0]), Some(&shas[3])));
    assert_eq!((log.total, log.complete, log.breaking), (3, true, true));
    let titles: Vec<&str> = log.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["four", "feat!: three", "fix: two"]);
    assert!(log.entries.iter().all(|entry| entry.kind == EntryKind::Commit));
    assert_eq!((log.entries[1].breaking, log.entries[2].breaking), (true, false));
    assert_eq!(log.entries[0].url, Some(format!("{}/{REPO}/commit/{}", fake.web_url(), shas[3])));
    let second = app.get("/api/changelog?limit=2&page=2").await.json();
    assert_eq!(second["entries"][0]["title"], "fix: two");
    assert_eq!(second["nextPage"], serde_json::Value::Null);
}

#[tokio::test]
async fn from_and_to_choose_among_the_commits_of_a_branch() {
    let (fake, repo) = branch(&["zero", "one", "two", "three", "four"]).await;
    let shas = repo.shas("main");
    let app = watching(&fake, &shas[1]).await;
    app.version().await;
    let upper = shas[1].to_ascii_uppercase();
    for (from, to, expected) in [
        ("", "", &["four", "three", "two"][..]),
        (&shas[1], &shas[4], &["four", "three", "two"]),
        (&upper, &shas[4][..7], &["four", "three", "two"]),
        (&shas[1][..7], &shas[3], &["three", "two"]),
        (&shas[2], "", &["four", "three"]),
        (&shas[3][..9], &shas[2], &[]),
        (&shas[4], "", &[]),
    ] {
        let answer = app.get(&format!("/api/changelog?from={from}&to={to}")).await;
        assert_eq!(answer.status, 200, "{from} {to}: {}", answer.text);
        let log: contract::Changelog = serde_json::from_value(answer.json()).unwrap();
        let titles: Vec<&str> = log.entries.iter().map(|entry| entry.title.as_str()).collect();
        assert_eq!((titles.as_slice(), log.total), (expected, expected.len() as u64), "{from} {to}");
        assert!(log.complete);
        assert_eq!(log.to.as_deref().map(|told| told.starts_with(to)), Some(true));
    }
    for query in ["from=1.2.3", "to=main", &format!("from={FOREIGN}"), &format!("to={}", &shas[4][..6])] {
        assert_eq!(app.get(&format!("/api/changelog?{query}")).await.status, 400, "{query}");
    }
    // Older than what runs: nobody knows what lies between.
    assert_eq!(app.get(&format!("/api/changelog?from={}", shas[0])).await.status, 400);
}

#[tokio::test]
async fn an_app_that_tells_version_and_commit_is_compared_by_the_commit() {
    let (fake, repo) = branch(&["one", "two"]).await;
    let shas = repo.shas("main");
    let told = serde_json::json!({ "status": "ok", "version": "1.2.3", "commit": shas[0] });
    let stub = Stub::start(&told.to_string()).await;
    let app = spawn(&fake, &[TRACK, ("CURRENT", ""), ("CURRENT_URL", &stub.url)]).await;
    let state = app.version().await;
    assert_eq!((state.comparison, state.behind.commits), (Comparison::Behind, Some(1)));
    assert_eq!(state.current.as_ref(), Some(&shas[0]));
}

#[tokio::test]
async fn a_push_is_seen_at_the_next_check() {
    let (fake, repo) = branch(&["one"]).await;
    let app = watching(&fake, &repo.head("main").unwrap()).await;
    assert_eq!(app.version().await.comparison, Comparison::Identical);
    let head = repo.push("main", NewCommit::new("two"));
    let state = app.force().await;
    assert_eq!((state.update_available, state.latest), (Some(true), Some(head)));
}

#[tokio::test]
async fn a_branch_may_have_slashes_in_its_name_at_every_door() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo(REPO);
    repo.branch("main", &commits(&["other"])).branch("release/1.x", &commits(&["one", "two"]));
    let (shas, head) = (repo.shas("release/1.x"), repo.head("release/1.x"));
    let settings = [("TRACK", "branch:release/1.x"), ("CURRENT", shas[0].as_str())];
    for via in [Via::Rest, Via::Atom, Via::Git] {
        match via {
            Via::Atom => fake.fault(Door::Api, Fault::Status(502)),
            Via::Git => fake.fault_on(Door::Web, "/octo/app/commits/", Fault::Status(502)),
            _ => &fake,
        };
        let state = spawn(&fake, &settings).await.version().await;
        assert_eq!((state.via, state.latest.as_ref()), (Some(via), head.as_ref()));
        assert_eq!(state.track, "branch:release/1.x");
    }
}

#[tokio::test]
async fn a_branch_that_is_not_there_is_told_as_that() {
    let (fake, repo) = branch(&["one"]).await;
    let head = repo.head("main").unwrap();
    let state = spawn(&fake, &[("TRACK", "branch:gone"), ("CURRENT", &head)]).await.version().await;
    assert_eq!((state.status, state.update_available, state.latest), (Status::Unknown, None, None));
    assert!(matches!(state.error.unwrap().code, ErrorCode::NoRelease | ErrorCode::NotFound));
}

#[tokio::test]
async fn more_commits_than_github_lists_are_counted_and_the_gap_is_said() {
    let subjects: Vec<String> = (0..=300).map(|number| format!("change {number}")).collect();
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let (fake, repo) = branch(&subjects).await;
    let app = watching(&fake, &repo.shas("main")[0]).await;
    let state = app.version().await;
    assert_eq!((state.comparison, state.behind.commits), (Comparison::Behind, Some(300)));
    assert!(state.release_notes.unwrap().starts_with("- change 300 ("));
    let log = app.get("/api/changelog").await.json();
    assert_eq!((&log["complete"], &log["total"]), (&false.into(), &250.into()));
    assert_eq!(log["entries"][0]["title"], "change 300");
}
