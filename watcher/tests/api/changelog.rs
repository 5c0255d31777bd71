//! `/api/changelog`: everything between two versions.

use contract::{ChangeKind, Changelog, EntryKind, Severity};
use fake_github::{Door, FakeGithub, Fault, NewRelease};

use crate::helpers::{REPO, TestApp, github, spawn};

async fn log(app: &TestApp, query: &str) -> Changelog {
    app.version().await;
    let answer = app.get(&format!("/api/changelog{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    serde_json::from_str(&answer.text).expect("the contract's shape")
}

fn versions(log: &Changelog) -> Vec<&str> {
    log.entries.iter().map(|entry| entry.version.as_str()).collect()
}

/// One release above the running one, with these notes.
async fn noted(notes: &str) -> TestApp {
    let fake = github(&["v1.2.3"]).await;
    fake.repo(REPO).release(NewRelease::new("v1.3.0").notes(notes));
    let app = spawn(&fake, &[]).await;
    app.version().await;
    app
}

#[tokio::test]
async fn everything_between_running_and_latest_is_told_newest_first() {
    let fake = github(&["v1.0.0", "v1.2.3", "v1.2.4", "v2.0.0", "v1.3.0", "v2.1.0-rc.1"]).await;
    let app = spawn(&fake, &[]).await;
    let log = log(&app, "").await;
    assert_eq!(versions(&log), ["2.0.0", "1.3.0", "1.2.4"]);
    assert_eq!((log.from.as_deref(), log.to.as_deref()), (Some("1.2.3"), Some("2.0.0")));
    assert_eq!((log.total, log.page, log.next_page, log.complete), (3, 1, None, true));
    let steps: Vec<_> = log.entries.iter().map(|entry| entry.severity).collect();
    assert_eq!(steps, [Some(Severity::Major), Some(Severity::Minor), Some(Severity::Patch)]);
    let first = &log.entries[0];
    assert_eq!((first.kind, first.title.as_str()), (EntryKind::Release, "v2.0.0"));
    assert_eq!(first.url, Some(format!("{}/{REPO}/releases/tag/v2.0.0", fake.web_url())));
    assert!(first.notes.as_ref().unwrap().contains("Feature of v2.0.0"));
    assert_eq!(log.url, Some(format!("{}/{REPO}/releases", fake.web_url())));
}

#[tokio::test]
async fn from_and_to_choose_the_range() {
    let fake = github(&["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0"]).await;
    let app = spawn(&fake, &[]).await;
    for (query, expected) in [
        ("?from=1.0.0&to=v1.2.0", &["1.2.0", "1.1.0"][..]),
        ("?from=v1.1.0", &["1.3.0", "1.2.0"]),
        ("?to=1.3.0", &["1.3.0"]),
        ("?from=1.3.0&to=1.0.0", &[]),
        ("?from=9.0.0", &[]),
    ] {
        let log = log(&app, query).await;
        assert_eq!(versions(&log), expected, "{query}");
    }
}

#[tokio::test]
async fn empty_borders_are_absent_ones() {
    let fake = github(&["v1.2.2", "v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[]).await;
    assert_eq!(log(&app, "?from=&to=").await, log(&app, "").await);
}

#[tokio::test]
async fn what_cannot_be_installed_yet_is_told_only_to_those_who_ask_for_it() {
    let fake = github(&["v1.2.3", "v1.2.4", "v1.3.0"]).await;
    fake.image("octo/app").index("v1.2.4", &["linux/amd64"]);
    let app = spawn(&fake, &[("IMAGE", "ghcr.io/octo/app"), ("PLATFORM", "linux/amd64")]).await;
    app.wait_until("1.3.0 is pending", |state| state.pending.is_some()).await;
    let told = log(&app, "").await;
    assert_eq!((versions(&told).as_slice(), told.to.as_deref()), (&["1.2.4"][..], Some("1.2.4")));
    assert_eq!(versions(&log(&app, "?to=1.3.0").await), ["1.3.0", "1.2.4"]);
}

#[tokio::test]
async fn an_unknown_current_tells_every_release() {
    let fake = github(&["v1.0.0", "v1.1.0"]).await;
    let app = spawn(&fake, &[("CURRENT", "dev")]).await;
    let log = log(&app, "").await;
    assert_eq!(versions(&log), ["1.1.0", "1.0.0"]);
    assert_eq!(log.from, None);
}

#[tokio::test]
async fn two_hundred_and_fifty_releases_are_told_page_by_page() {
    let fake = FakeGithub::start().await;
    let repo = fake.repo(REPO);
    for minor in 0..=250 {
        repo.release(NewRelease::new(&format!("v1.{minor}.0")).notes(&format!("- change {minor}")));
    }
    let app = spawn(&fake, &[("CURRENT", "1.0.0")]).await;
    let mut seen = Vec::new();
    let mut page = Some(1);
    while let Some(number) = page {
        let log = log(&app, &format!("?limit=100&page={number}")).await;
        assert_eq!((log.total, log.limit, log.page, log.complete), (250, 100, number, true));
        assert!(log.entries.iter().all(|entry| entry.notes.is_some()));
        seen.extend(log.entries.iter().map(|entry| entry.version.clone()));
        page = log.next_page;
    }
    let expected: Vec<String> = (1..=250).rev().map(|minor| format!("1.{minor}.0")).collect();
    assert_eq!(seen, expected);
    assert_eq!(fake.calls_to(Door::Api).iter().filter(|call| call.path.ends_with("/releases")).count(), 3);
}

#[tokio::test]
async fn gaps_and_edited_notes_are_told_as_they_are_now() {
    let fake = github(&["v1.2.3", "v1.2.4", "v1.2.5", "v1.2.6"]).await;
    let app = spawn(&fake, &[]).await;
    assert_eq!(log(&app, "").await.total, 3);
    fake.repo(REPO).remove_release("v1.2.5");
    fake.repo(REPO).edit_notes("v1.2.4", "- another text");
    app.force().await;
    let log = log(&app, "").await;
    assert_eq!(versions(&log), ["1.2.6", "1.2.4"]);
    assert_eq!(log.entries[1].notes.as_deref(), Some("- another text"));
}

#[tokio::test]
async fn items_are_grouped_by_what_they_are() {
    let notes = "## Breaking changes\n- the old API is gone\n\n## Security\n- CVE-2026-1234 is closed\n\n\
                 ### Added\n- a feature\n\n### Fixed\n- a crash\n- a typo\n\n## Thanks\n- everybody";
    let app = noted(notes).await;
    let log = log(&app, "").await;
    let groups: Vec<(ChangeKind, usize)> =
        log.entries[0].groups.iter().map(|group| (group.kind, group.items.len())).collect();
    let expected = [
        (ChangeKind::Breaking, 1),
        (ChangeKind::Security, 1),
        (ChangeKind::Added, 1),
        (ChangeKind::Fixed, 2),
        (ChangeKind::Other, 1),
    ];
    assert_eq!(groups, expected);
    assert_eq!(log.entries[0].groups[0].items, ["the old API is gone"]);
    assert!(log.breaking && log.security);
    assert!(log.entries[0].breaking && log.entries[0].security);
}

#[tokio::test]
async fn marks_are_told_only_where_the_notes_say_so() {
    let quiet = noted("### Added\n- better security settings page\n- nothing breaks").await;
    let told = log(&quiet, "").await;
    assert_eq!((told.breaking, told.security), (false, false));
    let loud = noted("- feat!: drop the old format\n- fixes GHSA-2cfg-hjmp-qrvw").await;
    let told = log(&loud, "").await;
    assert_eq!((told.breaking, told.security), (true, true));
}

#[tokio::test]
async fn notes_come_as_markdown_and_as_harmless_html() {
    let notes = "# Hi\n<script>alert(1)</script>\n<img src=x onerror=alert(1)>\n![pixel](https://evil.example/p.png)\n\n\
                 [bad](javascript:alert(1)) [good](https://example.org)\n\n<a href=\"data:text/html,x\">d</a>\n\n**bold**";
    let app = noted(notes).await;
    let log = log(&app, "").await;
    assert_eq!(log.entries[0].notes.as_deref(), Some(notes));
    let html = log.entries[0].notes_html.as_ref().unwrap();
    for bad in ["<script", "onerror", "<img", "javascript:", "data:"] {
        assert!(!html.contains(bad), "{bad} in {html}");
    }
    assert!(html.contains("<strong>bold</strong>") && html.contains("https://example.org"), "{html}");
}

#[tokio::test]
async fn long_notes_are_cut_and_the_link_leads_to_all_of_them() {
    let app = noted(&"- a long line of notes\n".repeat(8_000)).await;
    let log = log(&app, "").await;
    let entry = &log.entries[0];
    assert!(entry.truncated);
    assert!(entry.notes.as_ref().unwrap().len() <= 64 << 10);
    assert!(entry.url.as_ref().unwrap().ends_with("/releases/tag/v1.3.0"));
}

#[tokio::test]
async fn a_page_is_capped_and_the_rest_left_to_links() {
    let fake = github(&["v1.2.3"]).await;
    for patch in 4..40 {
        let notes = format!("- {}\n", "x".repeat(200)).repeat(150);
        fake.repo(REPO).release(NewRelease::new(&format!("v1.2.{patch}")).notes(&notes));
    }
    let app = spawn(&fake, &[]).await;
    app.version().await;
    let answer = app.get("/api/changelog?limit=100").await;
    assert!(answer.text.len() < 4 << 20, "{} bytes", answer.text.len());
    let log: Changelog = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(log.entries.len(), 36);
    let cut: Vec<_> = log.entries.iter().filter(|entry| entry.truncated).collect();
    assert!(!cut.is_empty() && cut.len() < 36, "{} cut", cut.len());
    assert!(!log.entries[0].truncated, "the newest are told in full");
    assert!(cut.iter().all(|entry| entry.url.is_some()));
}

#[tokio::test]
async fn a_query_that_means_nothing_is_refused() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[]).await;
    app.version().await;
    for query in [
        "?from=dev",
        "?to=;drop",
        "?from=0123456789abcdef0123456789abcdef01234567",
        "?page=0",
        "?page=-1",
        "?page=x",
        "?limit=0",
        "?limit=101",
        "?limit=x",
        "?from=1.2.3&from=1.2.4",
    ] {
        let answer = app.get(&format!("/api/changelog{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{query}");
        assert!(answer.json()["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{query}");
    }
    assert_eq!(app.get("/api/changelog?target=other").await.status, 404);
    let beyond = log(&app, "?page=9").await;
    assert_eq!((beyond.entries.len(), beyond.total, beyond.next_page), (0, 1, None));
}

#[tokio::test]
async fn while_nothing_is_known_it_says_so() {
    let fake = github(&["v1.2.3"]).await;
    fake.fault(Door::Api, Fault::Status(500)).fault(Door::Web, Fault::Status(500));
    let app = spawn(&fake, &[]).await;
    app.version().await;
    let answer = app.get("/api/changelog").await;
    assert_eq!(answer.status, 503);
    assert!(answer.header("retry-after").parse::<u64>().is_ok(), "{:?}", answer.headers);
    assert_eq!(answer.json()["status"], 503);
}

#[tokio::test]
async fn entries_being_made_stall_no_other_answer() {
    let fake = github(&["v1.2.3"]).await;
    for minor in 3..33 {
        let notes = format!("- **change** {minor} of `this`\n").repeat(700);
        fake.repo(REPO).release(NewRelease::new(&format!("v1.{minor}.0")).notes(&notes));
    }
    let app = spawn(&fake, &[]).await;
    app.version().await;
    for path in ["/feed.atom", "/api/changelog?limit=1"] {
        let (made, mut meanwhile) = (app.get(path), 0);
        tokio::pin!(made);
        let made = loop {
            tokio::select! {
                biased;
                made = &mut made => break made,
                // What it tells is found under the same lock.
                badge = app.get("/badge.json") => meanwhile += u32::from(badge.status == 200),
            }
        };
        assert_eq!(made.status, 200);
        assert!(meanwhile >= 3, "{meanwhile} answers during {path}");
    }
}
