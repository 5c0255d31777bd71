//! What is running: asked of the app before each check, kept while the app is away.

use std::time::Duration;

use contract::{Comparison, Status};
use fake_github::{Door, Fault};

use crate::helpers::{TestApp, github, spawn};
use crate::stub::Stub;

fn health(version: &str) -> String {
    serde_json::json!({ "status": "ok", "name": "app", "version": version, "uptimeSeconds": 5 }).to_string()
}

async fn asking(fake: &fake_github::FakeGithub, stub: &Stub) -> TestApp {
    let url = format!("{}/api/health", stub.url);
    spawn(fake, &[("CURRENT", ""), ("CURRENT_URL", &url)]).await
}

#[tokio::test]
async fn the_app_is_asked_before_each_check() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start(&health("v1.2.3")).await;
    let app = asking(&fake, &stub).await;
    let state = app.version().await;
    assert_eq!((state.current.as_deref(), state.update_available), (Some("1.2.3"), Some(true)));
    app.force().await;
    let asked = stub.received();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked.iter().all(|request| request.head.starts_with("GET /api/health ")), "{asked:?}");
}

#[tokio::test]
async fn an_upgraded_app_flips_the_verdict_at_the_next_check() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start(&health("1.2.3")).await;
    let app = asking(&fake, &stub).await;
    assert_eq!(app.version().await.update_available, Some(true));
    stub.answer(200, &health("1.3.0"));
    let state = app.force().await;
    assert_eq!((state.current.as_deref(), state.comparison), (Some("1.3.0"), Comparison::Identical));
    assert_eq!(state.update_available, Some(false));
}

#[tokio::test]
async fn the_last_version_is_kept_while_the_app_is_away() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let mut stub = Stub::start(&health("1.2.3")).await;
    let app = asking(&fake, &stub).await;
    app.version().await;
    for (status, body) in [(500, "no JSON"), (200, "{}"), (200, "[1]"), (404, "")] {
        stub.answer(status, body);
        assert_eq!(app.force().await.current.as_deref(), Some("1.2.3"), "{status} {body}");
    }
    stub.go_away().await;
    let state = app.force().await;
    assert_eq!((state.current.as_deref(), state.status), (Some("1.2.3"), Status::Ok));
    assert_eq!(state.update_available, Some(true));
}

#[tokio::test]
async fn odd_fields_are_read_leniently_and_take_nothing_from_each_other() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    for (body, current, comparison) in [
        (r#"{"version":"1.2.3","commit":12}"#, "1.2.3", Comparison::Behind),
        (r#"{"version":"1.2.3","commit":{"sha":"x"}}"#, "1.2.3", Comparison::Behind),
        (r#"{"version":1.0,"commit":null}"#, "1.0", Comparison::Unknown),
        (r#"{"version":null,"commit":"0123abc"}"#, "0123abc", Comparison::Unknown),
        (r#"{"version":[],"commit":1234567}"#, "1234567", Comparison::Unknown),
    ] {
        let stub = Stub::start(body).await;
        let state = asking(&fake, &stub).await.version().await;
        assert_eq!((state.current.as_deref(), state.comparison), (Some(current), comparison), "{body}");
        assert_eq!(state.latest.as_deref(), Some("1.3.0"));
    }
}

#[tokio::test]
async fn an_unhealthy_app_still_tells_what_it_is() {
    let fake = github(&["v1.3.0"]).await;
    let stub = Stub::start("").await;
    stub.answer(503, &health("1.2.3"));
    let app = asking(&fake, &stub).await;
    assert_eq!(app.version().await.current.as_deref(), Some("1.2.3"));
}

#[tokio::test]
async fn an_app_that_does_not_know_itself_is_unknown() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start(&health("dev")).await;
    let app = asking(&fake, &stub).await;
    let state = app.version().await;
    assert_eq!((state.comparison, state.update_available), (Comparison::Unknown, None));
    assert_eq!((state.current.as_deref(), state.latest.as_deref()), (Some("dev"), Some("1.3.0")));
}

#[tokio::test]
async fn an_app_never_reached_is_unknown_and_found_at_a_later_check() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start("still starting").await;
    let app = asking(&fake, &stub).await;
    let state = app.version().await;
    assert_eq!((state.current.as_deref(), state.update_available), (None, None));
    assert_eq!((state.latest.as_deref(), state.status), (Some("1.3.0"), Status::Ok));
    stub.answer(200, &health("1.2.3"));
    assert_eq!(app.force().await.update_available, Some(true));
}

#[tokio::test]
async fn a_configured_version_stands_in_until_the_app_is_reached() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start("still starting").await;
    let app = spawn(&fake, &[("CURRENT", "1.2.3"), ("CURRENT_URL", &stub.url)]).await;
    assert_eq!(app.version().await.current.as_deref(), Some("1.2.3"));
    stub.answer(200, &health("1.3.0"));
    assert_eq!(app.force().await.current.as_deref(), Some("1.3.0"));
}

/// Nothing waits for the watcher, so it is often there before the app.
#[tokio::test]
async fn an_app_that_comes_up_later_is_noticed_without_a_check() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start("still starting").await;
    let app = asking(&fake, &stub).await;
    assert_eq!(app.version().await.update_available, None);
    let asked = fake.count_all();
    stub.answer(200, &health("1.2.3"));
    let state = app.wait_until("the app to be noticed", |state| state.current.is_some()).await;
    assert_eq!(state.update_available, Some(true));
    assert_eq!(fake.count_all(), asked, "upstream is not asked for that");
}

/// What `upgrade.sh` does: the app is another one, and the watcher starts again.
#[tokio::test]
async fn after_a_restart_the_upgraded_app_is_told_and_not_the_saved_one() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let stub = Stub::start(&health("1.2.3")).await;
    let folder = tempfile::tempdir().unwrap();
    let kept = ("STATE_DIR", folder.path().to_str().unwrap());
    let changes = [kept, ("CURRENT", ""), ("CURRENT_URL", stub.url.as_str())];
    let app = spawn(&fake, &changes).await;
    assert_eq!(app.version().await.update_available, Some(true));
    app.stop().await.unwrap();
    stub.answer(200, &health("1.3.0"));
    let app = spawn(&fake, &changes).await;
    let state = app.wait_until("the new version", |state| state.current.as_deref() == Some("1.3.0")).await;
    assert_eq!(state.update_available, Some(false));
}

#[tokio::test]
async fn hostile_text_in_place_of_a_version_is_text() {
    let fake = github(&["v1.3.0"]).await;
    let hostile = serde_json::json!({ "version": format!("\u{1b}[31m<script>\n{}", "x".repeat(5_000)) });
    let stub = Stub::start(&hostile.to_string()).await;
    let app = asking(&fake, &stub).await;
    let state = app.version().await;
    let current = state.current.unwrap();
    assert!(current.chars().count() <= 100 && !current.contains(['\u{1b}', '\n']), "{current:?}");
    assert_eq!(state.update_available, None);
}

#[tokio::test]
async fn the_app_is_asked_also_while_github_asked_to_wait() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::PrimaryLimit { reset_in: Duration::from_secs(3600) });
    let stub = Stub::start(&health("1.2.3")).await;
    let every_second = ("SCHEDULE", "* * * * * *");
    let app = spawn(&fake, &[every_second, ("CURRENT", ""), ("CURRENT_URL", &stub.url)]).await;
    assert_eq!(app.version().await.update_available, Some(true));
    let asked = fake.count_all();
    stub.answer(200, &health("1.3.0"));
    let state =
        app.wait_until("the upgrade is seen", |state| state.current.as_deref() == Some("1.3.0")).await;
    assert_eq!((state.update_available, state.comparison), (Some(false), Comparison::Identical));
    assert_eq!(fake.count_all(), asked);
}

#[tokio::test]
async fn an_app_that_does_not_answer_holds_no_check_up() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let app = spawn(&fake, &[("CURRENT", ""), ("CURRENT_URL", &url)]).await;
    let state = app.version().await;
    assert_eq!((state.current, state.latest.as_deref()), (None, Some("1.3.0")));
}
