//! What all answers have in common: the contract's keys, health, validators, errors.

use std::time::Duration;

use fake_github::{Door, Fault, NewRelease};
use reqwest::Method;
use serde_json::Value;

use crate::helpers::{REPO, TestApp, github, spawn};

const READABLE: [&str; 12] = [
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
    "/docs.css",
];

/// Every key of the contract; new ones may come, none may go.
const KEYS: [&str; 27] = [
    "name",
    "current",
    "latest",
    "updateAvailable",
    "releaseUrl",
    "releaseNotes",
    "lastChecked",
    "status",
    "track",
    "channel",
    "via",
    "releaseNotesHtml",
    "publishedAt",
    "severity",
    "behind",
    "comparison",
    "pending",
    "security",
    "nextHop",
    "skipped",
    "snoozedUntil",
    "forced",
    "retryAfterSeconds",
    "lastAttempt",
    "nextCheck",
    "upgrade",
    "error",
];

async fn settled() -> (fake_github::FakeGithub, TestApp) {
    let fake = github(&["v1.2.3"]).await;
    let release =
        NewRelease::new("v1.3.0").notes("### What's New\n- Feature X").published("2026-01-29T09:00:00Z");
    fake.repo(REPO).release(release);
    let app = spawn(&fake, &[]).await;
    app.version().await;
    (fake, app)
}

#[tokio::test]
async fn the_contract_is_answered_to_the_letter() {
    let (fake, app) = settled().await;
    let mut told = app.get("/api/version").await.json();
    for key in KEYS {
        assert!(told.get(key).is_some(), "{key} is missing");
    }
    for key in ["lastChecked", "lastAttempt", "nextCheck"] {
        let text = told[key].take();
        let text = text.as_str().unwrap_or_else(|| panic!("{key}: {text}"));
        assert!(text.len() == 20 && text.ends_with('Z'), "{key}: {text}");
    }
    assert!(told["behind"]["days"].take().as_u64().is_some());
    let expected = serde_json::json!({
        "name": "app",
        "current": "1.2.3",
        "latest": "1.3.0",
        "updateAvailable": true,
        "releaseUrl": format!("{}/octo/app/releases/tag/v1.3.0", fake.web_url()),
        "releaseNotes": "### What's New\n- Feature X",
        "status": "ok",
        "track": "releases",
        "channel": "stable",
        "via": "rest",
        "publishedAt": "2026-01-29T09:00:00Z",
        "severity": "minor",
        "behind": { "releases": 1, "commits": null, "days": null },
        "comparison": "behind",
        "pending": null,
        "security": { "affected": false, "severity": null, "latestAffected": false, "advisories": [] },
        "nextHop": null,
        "skipped": null,
        "snoozedUntil": null,
        "forced": false,
        "retryAfterSeconds": null,
        "upgrade": { "how": "compose", "command": "./upgrade.sh" },
        "error": null,
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&told[key], value, "{key}");
    }
    assert!(told["releaseNotesHtml"].as_str().unwrap().contains("<h3>What's New</h3>"));
}

#[tokio::test]
async fn while_nothing_is_known_the_keys_are_null() {
    let fake = github(&["v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(500)).fault(Door::Web, Fault::Status(500));
    let app = spawn(&fake, &[]).await;
    app.version().await;
    let told = app.get("/api/version").await.json();
    for key in ["latest", "updateAvailable", "releaseUrl", "releaseNotes", "lastChecked", "via", "severity"] {
        assert_eq!(told.get(key), Some(&Value::Null), "{key}");
    }
    assert_eq!((&told["current"], &told["status"]), (&"1.2.3".into(), &"unknown".into()));
    assert_eq!(told["error"]["code"], "http_status");
    assert!(told["error"]["retryAt"].is_string() && told["error"]["since"].is_string());
}

#[tokio::test]
async fn the_upgrade_advice_fits_how_it_runs() {
    let fake = github(&["v1.2.3"]).await;
    for (how, command) in [
        ("compose", Value::from("./upgrade.sh")),
        ("source", "./upgrade.sh".into()),
        ("railway", Value::Null),
    ] {
        let app = spawn(&fake, &[("UPGRADE_HOW", how)]).await;
        let advice = &app.get("/api/version").await.json()["upgrade"];
        assert_eq!((&advice["how"], &advice["command"]), (&how.into(), &command));
    }
}

#[tokio::test]
async fn it_is_alive_at_once_and_ready_with_the_first_answer() {
    let fake = github(&["v1.2.3"]).await;
    fake.fault_times(Door::Api, 1, Fault::Delay(Duration::from_secs(1)));
    let app = spawn(&fake, &[]).await;
    assert_eq!(app.get("/livez").await.status, 200);
    assert_eq!(app.get("/readyz").await.status, 503);
    app.version().await;
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn it_is_ready_with_a_settled_failure_too() {
    let fake = github(&[]).await;
    fake.fault(Door::Api, Fault::Status(500)).fault(Door::Web, Fault::Status(500));
    let app = spawn(&fake, &[]).await;
    app.version().await;
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn an_answer_that_is_known_is_not_sent_again() {
    let (fake, app) = settled().await;
    let first = app.get("/api/version").await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.len() > 4, "{etag}");
    assert_eq!(first.header("cache-control"), "no-cache");
    let weak = format!("W/{etag}");
    let several = format!("\"other\", {etag}");
    for sent in [etag.as_str(), &weak, &several, "*"] {
        let again = app.get_with("/api/version", &[("if-none-match", sent)]).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{sent}");
        assert_eq!((again.header("etag"), again.header("cache-control")), (etag.as_str(), "no-cache"));
    }
    assert_eq!(app.get_with("/api/version", &[("if-none-match", "\"other\"")]).await.status, 200);
    fake.repo(REPO).release(NewRelease::new("v1.4.0"));
    app.force().await;
    let changed = app.get_with("/api/version", &[("if-none-match", &etag)]).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), etag);
}

#[tokio::test]
async fn a_forced_answer_is_kept_by_no_cache() {
    let (_fake, app) = settled().await;
    let answer = app.get("/api/version?force=true").await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    assert_eq!(answer.json()["forced"], true);
    assert!(answer.header("etag").starts_with('"'), "{:?}", answer.headers);
    for wish in ["TRUE", "True", "1"] {
        let answer = app.get(&format!("/api/version?force={wish}")).await;
        assert_eq!(answer.json()["forced"], true, "{wish}");
    }
    for other in ["?force=false", "?force=", "?force"] {
        let answer = app.get(&format!("/api/version{other}")).await;
        assert_eq!((answer.status, &answer.json()["forced"]), (200, &false.into()), "{other}");
    }
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let (_fake, app) = settled().await;
    for path in READABLE {
        let get = app.get(path).await;
        let head = app.request(Method::HEAD, path, &[], None).await;
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

#[tokio::test]
async fn every_answer_says_how_it_may_be_kept_and_shown() {
    let (_fake, app) = settled().await;
    for path in READABLE.into_iter().chain(["/nowhere"]) {
        let answer = app.get(path).await;
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
    }
}

fn assert_problem(answer: &crate::helpers::Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    let problem = answer.json();
    assert_eq!((&problem["type"], &problem["status"]), (&"about:blank".into(), &status.into()), "{what}");
    assert!(problem["title"].is_string() && problem["detail"].is_string(), "{what}: {problem}");
    assert!(problem["requestId"].as_str().is_some_and(|id| id.len() >= 8), "{what}: {problem}");
}

#[tokio::test]
async fn errors_are_problem_details_with_a_request_id() {
    let (_fake, app) = settled().await;
    for path in ["/", "/nowhere", "/api/version/", "/api/versions", "/%2e%2e/etc/passwd", "/update-banner"] {
        assert_problem(&app.get(path).await, 404, path);
    }
    for path in ["/api/version", "/metrics", "/api/stream"] {
        let answer = app.request(Method::PUT, path, &[], None).await;
        assert_problem(&answer, 405, path);
        assert!(answer.header("allow").contains("GET"), "{path}");
    }
    let answer = app.get("/api/skip").await;
    assert_problem(&answer, 405, "GET /api/skip");
    assert_eq!(answer.header("allow"), "POST, DELETE");
    for path in ["/api/changelog?page=x", "/feed.atom?target=a&target=b", "/badge.json?target=a&target=b"] {
        assert_problem(&app.get(path).await, 400, path);
    }
    let (one, other) = (app.get("/nowhere").await.json(), app.get("/nowhere").await.json());
    assert_ne!(one["requestId"], other["requestId"]);
}

#[tokio::test]
async fn a_refused_force_is_the_answer_on_hand_and_says_when() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[("FORCE_INTERVAL", "1h")]).await;
    app.version().await;
    let asked = fake.count_all();
    let answer = app.get("/api/version?force=true").await;
    let told = answer.json();
    assert_eq!((answer.status, &told["forced"], &told["latest"]), (200, &false.into(), &"1.3.0".into()));
    let seconds = told["retryAfterSeconds"].as_u64().unwrap();
    assert!((3_500..=3_600).contains(&seconds), "{seconds}");
    assert_eq!(answer.header("retry-after"), seconds.to_string());
    assert_eq!(fake.count_all(), asked);
    assert_eq!(app.get("/api/version").await.json()["retryAfterSeconds"], Value::Null);
}
