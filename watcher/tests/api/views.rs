//! The same state in other shapes: feed, badge, stream, documents; and what all answers have in common.

use std::time::Duration;

use contract::Via;
use fake_github::{Door, Fault, NewAdvisory, NewCommit, NewRelease};
use serde_json::Value;

use crate::helpers::{REPO, TestApp, github, spawn};

const READABLE: [&str; 11] = [
    "/api/version",
    "/api/targets",
    "/api/changelog",
    "/feed.atom",
    "/badge.svg",
    "/badge.json",
    "/livez",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
];

async fn settled(tags: &[&str]) -> (fake_github::FakeGithub, TestApp) {
    let fake = github(tags).await;
    let app = spawn(&fake, &[]).await;
    app.version().await;
    (fake, app)
}

#[tokio::test]
async fn the_feed_is_valid_atom_whatever_the_releases_are_called() {
    let fake = github(&["v1.2.3"]).await;
    let hostile = "</title><script>alert(1)</script> & \u{1b}[31m\u{0}\u{fffe}]]>";
    fake.repo(REPO).release(
        NewRelease::new("v1.3.0")
            .title(hostile)
            .notes("]]></content> <script>x</script> & **bold**\u{8}")
            .published("2026-01-29T09:00:00Z"),
    );
    let app = spawn(&fake, &[]).await;
    app.version().await;
    let answer = app.get("/feed.atom").await;
    assert!(answer.header("content-type").starts_with("application/atom+xml"));
    let feed = atom_syndication::Feed::read_from(answer.text.as_bytes()).expect("an Atom feed");
    assert_eq!(feed.entries().len(), 2);
    assert!(!feed.id().is_empty() && !feed.title().as_str().is_empty() && !feed.authors().is_empty());
    let entry = &feed.entries()[0];
    assert!(entry.title().as_str().contains("1.3.0") && entry.title().as_str().contains("<script>"));
    assert_eq!(entry.updated().to_rfc3339(), "2026-01-29T09:00:00+00:00");
    assert_eq!(entry.links()[0].href(), format!("{}/{REPO}/releases/tag/v1.3.0", fake.web_url()));
    let html = entry.content().unwrap().value().unwrap();
    assert!(html.contains("<strong>bold</strong>") && !html.contains("<script"), "{html}");
    let ids: std::collections::BTreeSet<&str> = feed.entries().iter().map(|entry| entry.id()).collect();
    assert_eq!(ids.len(), 2);
    let controls = |sign: char| sign.is_control() && !matches!(sign, '\n' | '\t' | '\r');
    assert!(!answer.text.contains(controls) && !answer.text.contains('\u{fffe}'));
}

#[tokio::test]
async fn a_feed_of_nothing_is_valid_too() {
    let fake = github(&[]).await;
    let app = spawn(&fake, &[]).await;
    app.version().await;
    let feed = atom_syndication::Feed::read_from(app.get("/feed.atom").await.text.as_bytes()).unwrap();
    assert!(feed.entries().is_empty());
}

/// Message and colour of the badge, which both badges must tell alike.
async fn badge(app: &TestApp) -> (String, String) {
    app.version().await;
    let json = app.get("/badge.json").await.json();
    assert_eq!((&json["schemaVersion"], &json["label"]), (&Value::from(1), &Value::from("app")));
    let (message, color) = (json["message"].as_str().unwrap(), json["color"].as_str().unwrap());
    let svg = app.get("/badge.svg").await;
    assert_eq!(svg.header("content-type"), "image/svg+xml");
    assert!(svg.text.starts_with("<svg ") && svg.text.contains(&format!("<title>app: {message}</title>")));
    (message.to_owned(), color.to_owned())
}

async fn assert_badge(app: &TestApp, message: &str, color: &str) {
    assert_eq!(badge(app).await, (message.to_owned(), color.to_owned()));
}

#[tokio::test]
async fn the_badge_tells_every_state() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    assert_badge(&spawn(&fake, &[]).await, "update 1.3.0", "yellow").await;
    assert_badge(&spawn(&fake, &[("CURRENT", "1.3.0")]).await, "up to date", "brightgreen").await;
    assert_badge(&spawn(&fake, &[("CURRENT", "1.4.0")]).await, "ahead", "blue").await;
    assert_badge(&spawn(&fake, &[("CURRENT", "dev")]).await, "unknown", "lightgrey").await;
    assert_badge(&spawn(&fake, &[("DISABLE_UPDATE_CHECK", "true")]).await, "checks off", "lightgrey").await;
    fake.repo(REPO).advisory(NewAdvisory::new("GHSA-2cfg-hjmp-qrvw").range("< 1.3.0").patched("1.3.0"));
    assert_badge(&spawn(&fake, &[]).await, "security update 1.3.0", "red").await;
    fake.repo(REPO).advisory(NewAdvisory::new("GHSA-2cfg-hjmp-qrvw").range("<= 1.3.0"));
    assert_badge(&spawn(&fake, &[("CURRENT", "1.3.0")]).await, "vulnerable", "red").await;
    fake.fault(Door::Api, Fault::Status(500)).fault(Door::Web, Fault::Status(500));
    assert_badge(&spawn(&fake, &[]).await, "unknown", "lightgrey").await;
}

#[tokio::test]
async fn a_badge_of_an_old_answer_says_so_and_is_never_green() {
    for (current, message, color) in [
        ("1.3.0", "up to date (stale)", "lightgrey"),
        ("1.4.0", "ahead (stale)", "lightgrey"),
        ("1.2.3", "update 1.3.0 (stale)", "yellow"),
        ("dev", "unknown", "lightgrey"),
    ] {
        let fake = github(&["v1.2.3", "v1.3.0"]).await;
        let app = spawn(&fake, &[("CURRENT", current)]).await;
        app.version().await;
        fake.fault(Door::Api, Fault::Status(500)).fault(Door::Web, Fault::Status(500));
        app.force().await;
        assert_badge(&app, message, color).await;
    }
}

#[tokio::test]
async fn the_badge_of_a_branch_names_commits_shortly() {
    let fake = github(&[]).await;
    let repo = fake.repo(REPO);
    let at = |subject: &str| NewCommit::new(subject).at("2026-01-01T00:00:00Z");
    repo.branch("main", &[at("one"), at("two")]).branch("mine", &[at("one"), at("mine")]);
    let shas = repo.shas("main");
    let track = ("TRACK", "branch:main");
    let message = format!("update {}", &shas[1][..7]);
    assert_badge(&spawn(&fake, &[track, ("CURRENT", &shas[0])]).await, &message, "yellow").await;
    let mine = repo.head("mine").unwrap();
    assert_badge(&spawn(&fake, &[track, ("CURRENT", &mine)]).await, "diverged", "blue").await;
}

/// Reads the stream until it holds so many events, or ends.
async fn events(response: &mut reqwest::Response, text: &mut String, wanted: usize) {
    let read = async {
        while text.matches("\n\n").count() < wanted {
            match response.chunk().await.expect("read the stream") {
                Some(chunk) => text.push_str(&String::from_utf8_lossy(&chunk)),
                None => return,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("events in time");
}

#[tokio::test]
async fn the_stream_tells_the_state_and_each_change_and_ends_with_the_process() {
    let (fake, app) = settled(&["v1.2.3"]).await;
    let mut response = app.open("/api/stream").await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    events(&mut response, &mut text, 1).await;
    assert!(text.contains("event: version\n") && text.contains("\"latest\":\"1.2.3\""), "{text}");

    // A check that changes nothing is no event.
    app.force().await;
    fake.repo(REPO).release(NewRelease::new("v1.3.0").notes("one\n\ntwo\n\nevent: version\ndata: {}"));
    app.force().await;
    text.clear();
    events(&mut response, &mut text, 1).await;
    assert!(text.contains("\"latest\":\"1.3.0\""), "{text}");
    let data: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert_eq!(data.len(), 1, "{text}");
    let state: contract::VersionState = serde_json::from_str(data[0]).unwrap();
    assert_eq!(state.via, Some(Via::Rest));

    app.stop().await.unwrap();
    text.clear();
    // The end may come as a clean end or as a closed connection, but it comes.
    let end = async { while matches!(response.chunk().await, Ok(Some(_))) {} };
    tokio::time::timeout(Duration::from_secs(8), end).await.expect("the stream ends");
}

#[tokio::test]
async fn the_openapi_document_is_3_1_and_lists_every_route() {
    let (_fake, app) = settled(&["v1.2.3"]).await;
    let document = app.get("/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    assert_eq!(document["info"]["version"], "9.8.7");
    for path in READABLE {
        assert!(document["paths"][path]["get"].is_object(), "GET {path}");
    }
    for (path, method) in
        [("/api/skip", "post"), ("/api/skip", "delete"), ("/api/snooze", "post"), ("/api/stream", "get")]
    {
        assert!(document["paths"][path][method].is_object(), "{method} {path}");
    }
    let schema = &document["components"]["schemas"]["VersionState"]["properties"];
    for key in app.get("/api/version").await.json().as_object().unwrap().keys() {
        assert!(schema[key].is_object(), "{key} is not described");
    }
}

#[tokio::test]
async fn every_key_of_an_answer_is_promised_and_may_be_null_where_it_is_unknown() {
    let (_fake, app) = settled(&["v1.2.3"]).await;
    let document = app.get("/openapi.json").await.json();
    let answers = ["VersionState", "Behind", "Security", "Targets", "Changelog", "ChangeEntry", "Problem"];
    for name in answers {
        let schema = &document["components"]["schemas"][name];
        let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        let required = schema["required"].as_array().unwrap_or_else(|| panic!("{name} requires nothing"));
        for key in &keys {
            assert!(required.contains(&Value::from(key.as_str())), "{name}.{key}");
        }
    }
    let state = &document["components"]["schemas"]["VersionState"]["properties"];
    for key in ["latest", "pending", "retryAfterSeconds", "nextHop", "lastChecked"] {
        assert!(state[key].to_string().contains("\"null\""), "{key}: {}", state[key]);
    }
}

#[tokio::test]
async fn the_docs_page_needs_nothing_that_a_strict_policy_forbids() {
    let (_fake, app) = settled(&["v1.2.3"]).await;
    let page = app.get("/docs").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    assert!(!page.header("content-security-policy").contains("unsafe"));
    for bad in ["<script", " style=", "<style", " onclick=", "http://", "https://"] {
        assert!(!page.text.contains(bad), "{bad}");
    }
    assert!(page.text.contains("/api/version"));
    let style = app.get("/docs.css").await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
}

#[tokio::test]
async fn a_check_that_finds_nothing_new_changes_nothing_in_the_feed() {
    let fake = github(&[]).await;
    // Of tags nobody tells when they were published.
    let sha = "89abcdef0123456789abcdef0123456789abcdef";
    fake.repo(REPO).tag("v1.2.2", sha).tag("v1.2.3", sha).tag("v1.3.0", sha);
    let app = spawn(&fake, &[]).await;
    let first = app.version().await.last_checked;
    let before = app.get("/feed.atom").await.text;
    loop {
        if app.force().await.last_checked > first {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(app.get("/feed.atom").await.text, before);
    // All three are there, dated by when they were first seen, also the running one and an older one.
    let feed = atom_syndication::Feed::read_from(before.as_bytes()).unwrap();
    assert_eq!(feed.entries().len(), 3);
    let age = |entry: &atom_syndication::Entry| chrono::Utc::now() - entry.updated().to_utc();
    assert!(feed.entries().iter().all(|entry| age(entry) < chrono::TimeDelta::minutes(5)), "{before}");
}

#[tokio::test]
async fn the_feed_of_a_branch_tells_its_commits() {
    let fake = github(&[]).await;
    let repo = fake.repo(REPO);
    let at = |subject: &str| NewCommit::new(subject).at("2026-01-01T00:00:00Z");
    repo.branch("main", &[at("one"), at("two <b>"), at("feat!: three")]);
    let shas = repo.shas("main");
    let app = spawn(&fake, &[("TRACK", "branch:main"), ("CURRENT", &shas[0])]).await;
    app.version().await;
    let feed = atom_syndication::Feed::read_from(app.get("/feed.atom").await.text.as_bytes()).unwrap();
    let titles: Vec<&str> = feed.entries().iter().map(|entry| entry.title().as_str()).collect();
    assert_eq!(titles, ["feat!: three", "two <b>"]);
    let newest = &feed.entries()[0];
    assert_eq!(newest.updated().to_rfc3339(), "2026-01-01T00:00:00+00:00");
    assert_eq!(newest.links()[0].href(), format!("{}/{REPO}/commit/{}", fake.web_url(), shas[2]));
    assert_eq!(newest.categories()[0].term(), "breaking");
    assert!(newest.id().ends_with(&shas[2]));
}
