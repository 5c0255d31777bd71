//! Skip and snooze: guarded by a token, shared, re-armed by a newer version, outranked by security.

use chrono::{TimeDelta, Utc};
use fake_github::{Door, Fault, NewAdvisory, NewRelease};
use reqwest::Method;
use serde_json::Value;

use crate::helpers::{Answer, REPO, TOKEN, TestApp, github, spawn};

const ROUTES: [(Method, &str); 4] = [
    (Method::POST, "/api/skip"),
    (Method::DELETE, "/api/skip"),
    (Method::POST, "/api/snooze"),
    (Method::DELETE, "/api/snooze"),
];

async fn settled(changes: &[(&str, &str)]) -> (fake_github::FakeGithub, TestApp) {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, changes).await;
    app.version().await;
    (fake, app)
}

async fn skip(app: &TestApp, version: &str) -> Answer {
    let body = serde_json::json!({ "version": version }).to_string();
    app.decide(Method::POST, "/api/skip", Some(&body)).await
}

async fn snooze(app: &TestApp, until: &str) -> Answer {
    let body = serde_json::json!({ "until": until }).to_string();
    app.decide(Method::POST, "/api/snooze", Some(&body)).await
}

fn in_days(days: i64) -> String {
    (Utc::now() + TimeDelta::days(days)).format("%FT%TZ").to_string()
}

#[tokio::test]
async fn a_skipped_version_is_told_as_skipped_until_it_is_unskipped() {
    let (_fake, app) = settled(&[]).await;
    let answer = skip(&app, "v1.3.0").await;
    assert_eq!((answer.status, &answer.json()["skipped"]), (200, &Value::from("1.3.0")));
    let state = app.version().await;
    // Skipping hides the banner; what is true stays told.
    assert_eq!((state.skipped.as_deref(), state.update_available), (Some("1.3.0"), Some(true)));
    let answer = app.decide(Method::DELETE, "/api/skip", None).await;
    assert_eq!((answer.status, &answer.json()["skipped"]), (200, &Value::Null));
    assert_eq!(app.version().await.skipped, None);
}

#[tokio::test]
async fn a_snooze_is_told_until_it_is_ended() {
    let (_fake, app) = settled(&[]).await;
    let until = in_days(3);
    assert_eq!(snooze(&app, &until).await.status, 200);
    assert_eq!(app.get("/api/version").await.json()["snoozedUntil"], Value::from(until));
    assert_eq!(app.decide(Method::DELETE, "/api/snooze", None).await.status, 200);
    assert_eq!(app.version().await.snoozed_until, None);
}

#[tokio::test]
async fn a_snooze_ends_by_itself() {
    let (_fake, app) = settled(&[]).await;
    let until = (Utc::now() + TimeDelta::seconds(2)).format("%FT%T%.3fZ").to_string();
    assert!(!snooze(&app, &until).await.json()["snoozedUntil"].is_null());
    app.wait_until("the snooze is over", |state| state.snoozed_until.is_none()).await;
}

#[tokio::test]
async fn a_newer_version_re_arms_both() {
    let (fake, app) = settled(&[]).await;
    skip(&app, "1.3.0").await;
    snooze(&app, &in_days(3)).await;
    fake.repo(REPO).release(NewRelease::new("v1.3.1"));
    let state = app.force().await;
    assert_eq!(state.latest.as_deref(), Some("1.3.1"));
    assert_eq!((state.skipped, state.snoozed_until), (None, None));
}

#[tokio::test]
async fn a_security_fix_outranks_both() {
    let (fake, app) = settled(&[]).await;
    skip(&app, "1.3.0").await;
    snooze(&app, &in_days(3)).await;
    fake.repo(REPO).advisory(NewAdvisory::new("GHSA-2cfg-hjmp-qrvw").range("< 1.3.0").patched("1.3.0"));
    let state = app.force().await;
    assert_eq!(state.security.affected, Some(true));
    assert_eq!((state.skipped, state.snoozed_until), (None, None));
}

#[tokio::test]
async fn decisions_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().to_str().unwrap();
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[("STATE_DIR", place)]).await;
    app.version().await;
    skip(&app, "1.3.0").await;
    let until = in_days(5);
    snooze(&app, &until).await;
    app.stop().await.unwrap();
    let again = spawn(&fake, &[("STATE_DIR", place)]).await.get("/api/version").await.json();
    assert_eq!((&again["skipped"], &again["snoozedUntil"]), (&"1.3.0".into(), &until.into()));
}

#[tokio::test]
async fn without_the_token_nothing_is_decided() {
    let (_fake, app) = settled(&[]).await;
    let wrong = format!("Bearer {}x", &TOKEN[..TOKEN.len() - 1]);
    let longer = format!("Bearer {TOKEN}x");
    let basic = format!("Basic {TOKEN}");
    for (method, path) in ROUTES {
        for sent in
            [None, Some("Bearer "), Some("Bearer"), Some(TOKEN), Some(&wrong), Some(&longer), Some(&basic)]
        {
            let headers: Vec<(&str, &str)> = sent.map(|value| ("authorization", value)).into_iter().collect();
            let answer = app.request(method.clone(), path, &headers, Some(r#"{"version":"1.3.0"}"#)).await;
            assert_eq!(answer.status, 401, "{method} {path} {sent:?}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert!(!answer.text.contains(TOKEN), "{}", answer.text);
        }
    }
    assert_eq!(app.version().await.skipped, None);
}

#[tokio::test]
async fn every_refusal_looks_the_same() {
    let (_fake, app) = settled(&[]).await;
    let mut shapes = Vec::new();
    for sent in ["Bearer x", "Bearer aaaaaaaaaaaaaaaaaaaaa", "nonsense"] {
        let answer =
            app.request(Method::POST, "/api/skip", &[("authorization", sent)], Some("not read")).await;
        let mut body = answer.json();
        body["requestId"] = Value::Null;
        shapes.push((answer.status, body));
    }
    assert!(shapes.windows(2).all(|pair| pair[0] == pair[1]), "{shapes:?}");
}

#[tokio::test]
async fn without_a_configured_token_decisions_are_closed() {
    let (_fake, app) = settled(&[("API_TOKEN", "")]).await;
    for (method, path) in ROUTES {
        let answer = app.decide(method.clone(), path, Some(r#"{"version":"1.3.0"}"#)).await;
        assert_eq!(answer.status, 403, "{method} {path}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("SIDEWATCH_API_TOKEN"));
    }
}

#[tokio::test]
async fn bodies_that_mean_nothing_are_refused_and_change_nothing() {
    let (_fake, app) = settled(&[]).await;
    for body in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"version":7}"#,
        r#"{"version":""}"#,
        r#"{"version":"dev"}"#,
        r#"{"Version":"1.3.0"}"#,
    ] {
        let answer = app.decide(Method::POST, "/api/skip", Some(body)).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (400, "application/problem+json"),
            "{body}"
        );
    }
    for until in ["", "tomorrow", "2020-01-01T00:00:00Z", &in_days(0), &in_days(400)] {
        assert_eq!(snooze(&app, until).await.status, 400, "{until}");
    }
    let state = app.version().await;
    assert_eq!((state.skipped, state.snoozed_until), (None, None));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let (_fake, app) = settled(&[]).await;
    let answer = skip(&app, &"1".repeat(8_000)).await;
    assert_eq!((answer.status, answer.header("content-type")), (413, "application/problem+json"));
}

#[tokio::test]
async fn on_a_branch_a_commit_is_skipped() {
    let fake = github(&[]).await;
    let repo = fake.repo(REPO);
    repo.branch("main", &[fake_github::NewCommit::new("one"), fake_github::NewCommit::new("two")]);
    let shas = repo.shas("main");
    let app = spawn(&fake, &[("TRACK", "branch:main"), ("CURRENT", &shas[0])]).await;
    app.version().await;
    assert_eq!(skip(&app, "1.3.0").await.status, 400);
    assert_eq!(skip(&app, &shas[1].to_ascii_uppercase()).await.status, 200);
    assert_eq!(app.version().await.skipped.as_ref(), Some(&shas[1]));
    repo.push("main", fake_github::NewCommit::new("three"));
    assert_eq!(app.force().await.skipped, None);
}

#[tokio::test]
async fn keys_that_a_later_client_sends_along_are_ignored() {
    let (_fake, app) = settled(&[]).await;
    let skipped =
        app.decide(Method::POST, "/api/skip", Some(r#"{"version":"1.3.0","reason":"later"}"#)).await;
    assert_eq!((skipped.status, &skipped.json()["skipped"]), (200, &Value::from("1.3.0")));
    let body = serde_json::json!({ "until": in_days(3), "by": "cli" }).to_string();
    assert_eq!(app.decide(Method::POST, "/api/snooze", Some(&body)).await.status, 200);
}

#[tokio::test]
async fn a_version_may_be_skipped_in_any_of_its_spellings() {
    let (_fake, app) = settled(&[]).await;
    for spelling in ["1.3", "v1.3.0", "1.3.0+build.7"] {
        assert_eq!(skip(&app, spelling).await.json()["skipped"], "1.3.0", "{spelling}");
        assert_eq!(app.version().await.skipped.as_deref(), Some("1.3.0"), "{spelling}");
        app.decide(Method::DELETE, "/api/skip", None).await;
    }
}

#[tokio::test]
async fn on_a_branch_seven_digits_of_the_head_are_enough() {
    let fake = github(&[]).await;
    let repo = fake.repo(REPO);
    repo.branch("main", &[fake_github::NewCommit::new("one"), fake_github::NewCommit::new("two")]);
    let shas = repo.shas("main");
    let app = spawn(&fake, &[("TRACK", "branch:main"), ("CURRENT", &shas[0])]).await;
    app.version().await;
    for short in [&shas[1][..6], "0000000", "zzzzzzz", ""] {
        assert_eq!(skip(&app, short).await.status, 400, "{short}");
    }
    assert_eq!(
        skip(&app, &shas[1][..7].to_ascii_uppercase()).await.json()["skipped"],
        Value::from(shas[1].as_str())
    );
    assert_eq!(app.version().await.skipped.as_ref(), Some(&shas[1]));
}

#[tokio::test]
async fn a_snooze_made_while_nothing_is_known_holds_until_something_newer_comes() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(500)).fault(Door::Web, Fault::Status(500));
    let app = spawn(&fake, &[]).await;
    assert_eq!(app.version().await.latest, None);
    let until = in_days(3);
    assert_eq!(snooze(&app, &until).await.json()["snoozedUntil"], Value::from(until.as_str()));
    fake.heal();
    let state = app.force().await;
    assert_eq!(state.latest.as_deref(), Some("1.3.0"));
    assert!(state.snoozed_until.is_some());
    fake.repo(REPO).release(NewRelease::new("v1.3.1"));
    let state = app.force().await;
    assert_eq!((state.latest.as_deref(), state.snoozed_until), (Some("1.3.1"), None));
}
