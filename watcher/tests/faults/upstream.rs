//! GitHub away, silent, slow, cut short, too large or talking nonsense.

use std::time::{Duration, Instant};

use contract::{ErrorCode, Status, Via};
use fake_github::{Door, FakeGithub, Fault};
use futures_util::future::join_all;

use crate::bench::{Program, eventually};
use crate::helpers::{TestApp, github, settings, spawn};

/// What goes wrong at once, and what it is called.
fn quick_faults() -> Vec<(Fault, ErrorCode)> {
    vec![
        (Fault::CloseAtOnce, ErrorCode::Connect),
        (Fault::Huge { bytes: 2 << 30, with_length: true }, ErrorCode::TooLarge),
        (Fault::Huge { bytes: 2 << 30, with_length: false }, ErrorCode::TooLarge),
        (Fault::GzipBomb { decoded_bytes: 1 << 30 }, ErrorCode::TooLarge),
        (Fault::Html, ErrorCode::Parse),
        (Fault::Truncate(40), ErrorCode::Parse),
        (Fault::CutAfter(20), ErrorCode::Parse),
        (Fault::WrongContentLength, ErrorCode::Parse),
        (Fault::EmptyBody, ErrorCode::Parse),
        (Fault::Status(500), ErrorCode::HttpStatus),
        (Fault::Status(503), ErrorCode::HttpStatus),
        (Fault::AlwaysNotModified, ErrorCode::HttpStatus),
        (Fault::Status(404), ErrorCode::NotFound),
    ]
}

/// What takes a deadline to notice.
fn slow_faults() -> Vec<(Fault, ErrorCode)> {
    vec![
        (Fault::Hang, ErrorCode::Timeout),
        (Fault::DripHead, ErrorCode::Timeout),
        (Fault::HangBody, ErrorCode::Slow),
        (Fault::Drip { bytes_per_second: 50 }, ErrorCode::Slow),
    ]
}

/// A GitHub that can only be asked through its API: what fails there is what is told.
async fn one_door() -> FakeGithub {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.stop(Door::Web).await;
    // So that every wish is granted.
    fake.limit_anonymous(100_000);
    fake
}

async fn assert_unknown(app: &TestApp, code: ErrorCode, fault: &Fault) {
    let state = app.wait_until(&format!("an error for {fault:?}"), |state| state.error.is_some()).await;
    assert_eq!(state.error.as_ref().map(|error| error.code), Some(code), "{fault:?}: {:?}", state.error);
    assert_eq!(state.status, Status::Unknown, "{fault:?}");
    assert_eq!((state.latest.as_ref(), state.update_available), (None, None), "{fault:?}");
    assert!(state.last_checked.is_none() && state.last_attempt.is_some(), "{fault:?}");
    let error = state.error.unwrap();
    assert!(error.retry_at.is_some() && error.since <= state.last_attempt.unwrap() + Duration::from_secs(20));
    assert!(!error.message.contains('\n'), "{}", error.message);
}

/// W-01, W-02, W-06, W-08, W-10, W-17, D5.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_from_the_start_is_unknown_and_named_and_never_no_update() {
    join_all(quick_faults().into_iter().map(|(fault, code)| async move {
        let fake = one_door().await;
        fake.fault(Door::Api, fault.clone());
        let app = spawn(&fake, &[]).await;
        assert_unknown(&app, code, &fault).await;
    }))
    .await;
}

/// W-04, S-09.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_or_dripping_upstream_is_given_up_within_the_deadline() {
    join_all(slow_faults().into_iter().map(|(fault, code)| async move {
        let fake = one_door().await;
        fake.fault(Door::Api, fault.clone());
        let started = Instant::now();
        let app = spawn(&fake, &[]).await;
        // A reader of nothing waits ten seconds at most; the call ends by itself before that.
        assert_unknown(&app, code, &fault).await;
        assert!(started.elapsed() < Duration::from_secs(15), "{fault:?} took {:?}", started.elapsed());
    }))
    .await;
}

/// W-01, W-08, D5: also never cached as fresh.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_after_a_success_keeps_the_answer_as_stale() {
    join_all(quick_faults().into_iter().filter(|(fault, _)| *fault != Fault::AlwaysNotModified).map(
        |(fault, code)| async move {
            let fake = one_door().await;
            let app = spawn(&fake, &[]).await;
            let good = app.version().await;
            assert_eq!(good.status, Status::Ok);
            // Changed content, so that no 304 answers for the broken body.
            fake.repo(crate::helpers::REPO).edit_notes("v1.3.0", "changed");
            fake.fault(Door::Api, fault.clone());
            let later = |at: Option<chrono::DateTime<chrono::Utc>>| at > good.last_attempt;
            eventually("a later attempt", async || later(app.force().await.last_attempt)).await;
            let bad = app.version().await;
            assert_eq!(bad.status, Status::Stale, "{fault:?}");
            assert_eq!(bad.error.map(|error| error.code), Some(code), "{fault:?}");
            assert_eq!((bad.latest, bad.update_available), (good.latest, Some(true)), "{fault:?}");
            assert_eq!(bad.last_checked, good.last_checked, "{fault:?}: the last success");
            fake.heal();
            let healed = app.force().await;
            assert_eq!((healed.status, healed.error), (Status::Ok, None), "{fault:?}");
        },
    ))
    .await;
}

/// W-04.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_upstream_hangs_every_answer_comes_from_memory() {
    let fake = one_door().await;
    let app = spawn(&fake, &[]).await;
    app.version().await;
    fake.fault(Door::Api, Fault::Hang);
    fake.reset_calls();
    let readers = async {
        fake.wait_for_calls(Door::Api, 1).await;
        let mut slowest = Duration::ZERO;
        for _ in 0..200 {
            let started = Instant::now();
            assert_eq!(app.version().await.latest.as_deref(), Some("1.3.0"));
            slowest = slowest.max(started.elapsed());
        }
        slowest
    };
    tokio::select! {
        forced = app.force() => panic!("nobody waited for it: {forced:?}"),
        slowest = readers => assert!(slowest < Duration::from_secs(1), "{slowest:?}"),
    }
}

/// W-01, W-02.
#[tokio::test]
async fn no_name_no_connection_and_no_trust_are_told_apart() {
    let fake = FakeGithub::builder().tls().start().await;
    let plain = github(&["v1.3.0"]).await;
    plain.stop(Door::Api).await;
    plain.stop(Door::Web).await;
    let port = plain.api_url();
    for (address, code) in [
        ("http://no-such-host.invalid".to_owned(), ErrorCode::Dns),
        (port, ErrorCode::Connect),
        (fake.api_url(), ErrorCode::Tls),
    ] {
        let app = spawn(&fake, &[("GITHUB_API_URL", &address), ("GITHUB_WEB_URL", &plain.web_url())]).await;
        assert_unknown(&app, code, &Fault::CloseAtOnce).await;
    }
}

/// S-09, D2: the fast door answers although the first one drips, and the trouble is told beside the answer.
#[tokio::test]
async fn another_door_answers_for_a_broken_api() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Html);
    let app = spawn(&fake, &[]).await;
    let state = app.wait_until("an answer", |state| state.latest.is_some()).await;
    assert_eq!((state.via, state.latest.as_deref()), (Some(Via::Redirect), Some("1.3.0")));
    assert_eq!((state.status, state.update_available), (Status::Ok, Some(true)));
    assert_eq!((state.release_notes, state.behind.releases), (None, None), "what it cannot know is null");
    assert_eq!(state.error.map(|error| error.code), Some(ErrorCode::Parse));
}

/// W-09.
#[tokio::test]
async fn a_list_without_tags_names_the_missing_field() {
    let fake = one_door().await;
    let body = r#"[{"name":"one","body":null},{"tag":"v2"}]"#;
    fake.fault(Door::Api, Fault::StatusBody(200, "application/json".into(), body.into()));
    let app = spawn(&fake, &[]).await;
    let error = app.version().await.error.unwrap();
    assert_eq!(error.code, ErrorCode::Parse);
    assert!(error.message.contains("tag_name"), "{}", error.message);
}

/// W-10.
#[tokio::test]
async fn a_repository_without_releases_is_told_and_left_alone_for_fifteen_minutes() {
    let fake = github(&[]).await;
    let app = spawn(&fake, &[]).await;
    let state = app.version().await;
    let error = state.error.unwrap();
    assert_eq!(error.code, ErrorCode::NoRelease);
    assert!(error.message.contains(crate::helpers::REPO), "{}", error.message);
    let rest = error.retry_at.unwrap() - state.last_attempt.unwrap();
    assert!((14..=16).contains(&rest.num_minutes()), "{rest}");
    let calls = fake.count_all();
    for _ in 0..50 {
        app.version().await;
    }
    assert_eq!(fake.count_all(), calls);
}

/// W-06, S-08: as the process counts it.
#[tokio::test]
async fn endless_answers_are_not_kept_in_memory() {
    let fake = one_door().await;
    let program = Program::start(&settings(&fake)).await;
    program.app.version().await;
    let resident = async || program.app.metric("process_resident_memory_bytes").await.expect("a metric");
    // Once each, so that what every check needs is there.
    program.app.force().await;
    let before = resident().await;
    for with_length in [true, false] {
        fake.fault(Door::Api, Fault::Huge { bytes: 2 << 30, with_length });
        program.app.force().await;
    }
    fake.fault(Door::Api, Fault::GzipBomb { decoded_bytes: 4 << 30 });
    let state = program.app.force().await;
    assert_eq!(state.error.map(|error| error.code), Some(ErrorCode::TooLarge));
    let growth = resident().await - before;
    assert!(growth < 16e6, "{growth} bytes");
}
