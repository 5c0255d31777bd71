//! What survives a restart: the last answer, the budget, decisions.

use std::collections::HashMap;

use contract::{ErrorCode, Status};
use fake_github::{Door, FakeGithub, Fault};
use reqwest::Method;
use tempfile::TempDir;

use crate::bench::{Program, rounds};
use crate::helpers::{TestApp, github, settings, spawn_with};

/// The usual settings with a state directory of its own.
fn kept(fake: &FakeGithub, changes: &[(&str, &str)]) -> (TempDir, HashMap<String, String>) {
    let folder = TempDir::new().expect("a folder");
    let mut environment = settings(fake);
    environment.insert("SIDEWATCH_STATE_DIR".into(), folder.path().to_str().expect("a path").into());
    environment.extend(changes.iter().map(|(key, value)| (format!("SIDEWATCH_{key}"), (*value).to_owned())));
    (folder, environment)
}

async fn once(environment: &HashMap<String, String>, look: impl AsyncFnOnce(&TestApp)) {
    let app = spawn_with(environment.clone()).await;
    look(&app).await;
    app.stop().await.expect("a clean end");
}

/// W-30, D4.
#[tokio::test]
async fn a_hundred_restarts_within_the_ttl_cost_one_round() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let (_folder, environment) = kept(&fake, &[]);
    for _ in 0..100 {
        once(&environment, async |app| {
            let state = app.version().await;
            assert_eq!((state.latest.as_deref(), state.status), (Some("1.3.0"), Status::Ok));
            assert_eq!(app.get("/readyz").await.status, 200);
        })
        .await;
    }
    assert_eq!(rounds(&fake), 1);
}

/// W-30: killed in the midst of its first check, again and again, it does not ask each time.
#[tokio::test]
async fn kills_in_a_loop_cost_one_round_and_leave_whole_files() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Hang);
    let (folder, environment) = kept(&fake, &[]);
    let mut program = Program::start(&environment).await;
    fake.wait_for_calls(Door::Api, 1).await;
    program.kill();
    fake.heal();
    for _ in 0..15 {
        let mut program = Program::start(&environment).await;
        assert_eq!(program.app.get("/livez").await.status, 200);
        program.kill();
        assert!(program.lines_with("WARN").is_empty(), "{:#?}", program.lines());
    }
    assert_eq!(rounds(&fake), 1, "sixty seconds have not passed");
    for file in ["ledger.json", "targets/app.json"] {
        let text = std::fs::read(folder.path().join(file)).expect("a file");
        serde_json::from_slice::<serde_json::Value>(&text).expect("a whole file");
    }
}

/// D4: nobody waits for a check that is not coming.
#[tokio::test]
async fn after_a_restart_during_the_back_off_the_failure_is_told_at_once() {
    let fake = github(&["v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(500)).fault(Door::Web, Fault::Status(500));
    let (_folder, environment) = kept(&fake, &[]);
    once(&environment, async |app| assert!(app.version().await.error.is_some())).await;
    let calls = fake.count_all();
    once(&environment, async |app| {
        let started = std::time::Instant::now();
        let state = app.version().await;
        assert!(started.elapsed().as_secs() < 3, "waited {:?} for nothing", started.elapsed());
        assert_eq!((state.status, state.update_available), (Status::Unknown, None));
        assert_eq!(state.error.map(|error| error.code), Some(ErrorCode::HttpStatus));
        assert_eq!(app.get("/readyz").await.status, 200, "a settled failure is known");
    })
    .await;
    assert_eq!(fake.count_all(), calls);
}

/// D4, D5.
#[tokio::test]
async fn a_start_with_github_down_answers_from_saved_state() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let (_folder, environment) = kept(&fake, &[("CACHE_TTL", "1s")]);
    let mut checked = None;
    once(&environment, async |app| checked = app.version().await.last_checked).await;
    fake.stop(Door::Api).await;
    fake.stop(Door::Web).await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    once(&environment, async |app| {
        let state = app.version().await;
        assert_eq!((state.status, state.latest.as_deref()), (Status::Stale, Some("1.3.0")));
        assert_eq!((state.update_available, state.last_checked), (Some(true), checked));
        let state = app.wait_until("the failed check", |state| state.error.is_some()).await;
        assert_eq!(state.error.map(|error| error.code), Some(ErrorCode::Connect));
        assert_eq!((state.status, state.latest.as_deref()), (Status::Stale, Some("1.3.0")));
    })
    .await;
}

/// I9, D4.
#[tokio::test]
async fn the_budget_survives_a_restart() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let (_folder, environment) = kept(&fake, &[("HOURLY_BUDGET", "12")]);
    for _ in 0..10 {
        once(&environment, async |app| {
            for _ in 0..10 {
                app.force().await;
            }
        })
        .await;
    }
    assert!(fake.count_all() <= 12, "{} upstream requests", fake.count_all());
}

/// W-14, D4.
#[tokio::test]
async fn a_wait_that_upstream_asked_for_survives_a_restart() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.stop(Door::Web).await;
    let reset_in = std::time::Duration::from_secs(2400);
    fake.fault(Door::Api, Fault::PrimaryLimit { reset_in });
    let (_folder, environment) = kept(&fake, &[]);
    let mut program = Program::start(&environment).await;
    program.app.wait_until("the limit", |state| state.error.is_some()).await;
    program.kill();
    for _ in 0..5 {
        once(&environment, async |app| {
            let refused = app.force().await;
            assert!(refused.retry_after_seconds.is_some_and(|wait| wait > 2300), "{refused:?}");
        })
        .await;
    }
    assert_eq!(fake.count(Door::Api), 1);
}

/// D10.
#[tokio::test]
async fn decisions_survive_a_restart_and_a_kill() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let (_folder, environment) = kept(&fake, &[]);
    let mut program = Program::start(&environment).await;
    program.app.version().await;
    let skip = program.app.decide(Method::POST, "/api/skip", Some(r#"{"version":"1.3.0"}"#)).await;
    assert_eq!(skip.status, 200, "{}", skip.text);
    program.kill();
    once(&environment, async |app| {
        assert_eq!(app.version().await.skipped.as_deref(), Some("1.3.0"));
    })
    .await;
}

/// D10: a check under way and a decision at the same time lose nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decisions_made_during_checks_are_kept() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let (folder, environment) = kept(&fake, &[]);
    let app = spawn_with(environment).await;
    app.version().await;
    for round in 0..40 {
        let version = format!(r#"{{"version":"2.0.{round}"}}"#);
        let (_, decided) = tokio::join!(app.force(), app.decide(Method::POST, "/api/skip", Some(&version)));
        assert_eq!(decided.status, 200);
        let text = std::fs::read_to_string(folder.path().join("targets/app.json")).expect("a file");
        let saved: serde_json::Value = serde_json::from_str(&text).expect("a whole file");
        assert_eq!(saved["decisions"]["skipped"], format!("2.0.{round}"));
    }
}

/// S-05: what is kept of one repository is never shown for another.
#[tokio::test]
async fn after_a_change_of_repository_the_old_answer_is_not_shown() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let (_folder, mut environment) = kept(&fake, &[("NAME", "app")]);
    once(&environment, async |app| assert!(app.version().await.latest.is_some())).await;
    fake.stop(Door::Api).await;
    fake.stop(Door::Web).await;
    environment.insert("SIDEWATCH_REPO".into(), "octo/other".into());
    once(&environment, async |app| {
        let state = app.version().await;
        assert_eq!((state.status, state.latest, state.release_url), (Status::Unknown, None, None));
    })
    .await;
}

/// S-05, W-33: an upstream that goes back to an older list never makes it an update.
#[tokio::test]
async fn nothing_older_than_the_running_version_is_ever_offered() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let (_folder, environment) = kept(&fake, &[]);
    once(&environment, async |app| assert_eq!(app.version().await.update_available, Some(true))).await;
    fake.repo(crate::helpers::REPO).remove_all_releases().release(fake_github::NewRelease::new("v0.9.0"));
    once(&environment, async |app| {
        let state = app.force().await;
        assert_eq!((state.latest.as_deref(), state.update_available), (Some("0.9.0"), Some(false)));
        assert_eq!(state.comparison, contract::Comparison::Ahead);
        assert_eq!(state.withdrawn.map(|gone| gone.version).as_deref(), Some("1.3.0"));
    })
    .await;
}
