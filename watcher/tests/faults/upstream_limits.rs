//! Wrong tokens, rate limits, bursts of errors, entity tags.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use contract::{ErrorCode, Status, Via};
use fake_github::{Door, Fault};

use crate::bench::{Program, crowd, eventually, rounds};
use crate::helpers::{REPO, github, settings, spawn};

/// A secret as GitHub makes them.
const TOKEN: &str = "ghp_canary0123456789canary";

fn unix_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// W-13: no hot loop either.
#[tokio::test]
async fn a_refused_token_is_told_and_the_check_goes_on_without_it() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let mut environment = settings(&fake);
    environment.insert("SIDEWATCH_GITHUB_TOKEN".into(), TOKEN.into());
    environment.insert("SIDEWATCH_LOG".into(), "debug".into());
    let program = Program::start(&environment).await;
    let app = &program.app;
    for _ in 0..5 {
        app.force().await;
    }
    let answer = app.get("/api/version").await;
    let state = app.version().await;
    assert_eq!((state.status, state.via), (Status::Ok, Some(Via::Rest)));
    assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.3.0"), Some(true)));
    assert_eq!(state.error.map(|error| error.code), Some(ErrorCode::TokenRejected));
    let with_token = fake.calls().iter().filter(|call| call.header("authorization").is_some()).count();
    assert_eq!(with_token, 1, "asked once an hour whether it is any good");
    assert!(!answer.text.contains(TOKEN));
    assert!(program.lines_with(TOKEN).is_empty());
    assert_eq!(program.lines_with("refused the token").len(), 1);
}

/// W-14: nothing before the reset, force included; what GitHub said is a metric.
#[tokio::test]
async fn a_reached_limit_is_left_alone_until_its_reset() {
    let reset_in = Duration::from_secs(40 * 60);
    for fault in [Fault::PrimaryLimit { reset_in }, Fault::PrimaryLimit429 { reset_in }] {
        let fake = github(&["v1.2.3", "v1.3.0"]).await;
        let app = spawn(&fake, &[]).await;
        app.version().await;
        fake.stop(Door::Web).await;
        fake.fault(Door::Api, fault);
        fake.reset_calls();
        app.force().await;
        let limited = app.version().await;
        assert_eq!((limited.status, limited.latest.as_deref()), (Status::Stale, Some("1.3.0")));
        let error = limited.error.unwrap();
        assert_eq!(error.code, ErrorCode::RateLimited);
        let retry_in = (error.retry_at.unwrap() - chrono::Utc::now()).num_seconds();
        assert!((2390..=2425).contains(&retry_in), "after the reset and a jitter: {retry_in}");
        let calls = fake.count(Door::Api);
        for state in crowd(&app, "/api/version?force=true", 50).await {
            assert!(!state.forced);
            assert!((2390..=2425).contains(&state.retry_after_seconds.unwrap()));
        }
        assert_eq!(fake.count(Door::Api), calls, "zero calls before the reset");
        assert_eq!(app.metric("sidewatch_ratelimit_remaining").await, Some(0.0));
        let reset = app.metric("sidewatch_ratelimit_reset_timestamp_seconds").await.unwrap();
        assert!((reset - unix_now() - 2400.0).abs() < 20.0, "{reset}");
    }
}

/// W-14, D2: the other doors have limits of their own.
#[tokio::test]
async fn with_the_api_limited_the_other_doors_answer() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::PrimaryLimit { reset_in: Duration::from_secs(2400) });
    let app = spawn(&fake, &[]).await;
    let state = app.version().await;
    assert_eq!((state.via, state.update_available), (Some(Via::Redirect), Some(true)));
    assert_eq!(state.error.map(|error| error.code), Some(ErrorCode::RateLimited));
    assert_eq!(fake.count(Door::Api), 1);
}

/// W-14: a limit without a named time, and one that names seconds.
#[tokio::test]
async fn a_secondary_limit_waits_as_told_or_a_minute() {
    let told = Some(Duration::from_secs(300));
    for (fault, least) in [
        (Fault::SecondaryLimit { retry_after: told }, 300),
        (Fault::SecondaryLimit429 { retry_after: told }, 300),
        (Fault::SecondaryLimit { retry_after: None }, 60),
        (Fault::SecondaryLimit429 { retry_after: None }, 60),
    ] {
        let fake = github(&["v1.3.0"]).await;
        fake.stop(Door::Web).await;
        fake.fault(Door::Api, fault.clone());
        let app = spawn(&fake, &[]).await;
        let error = app.version().await.error.unwrap();
        assert_eq!(error.code, ErrorCode::RateLimited, "{fault:?}");
        let refused = app.force().await;
        let wait = refused.retry_after_seconds.unwrap();
        assert!(!refused.forced && (least - 5..=least + 25).contains(&wait), "{fault:?}: {wait}");
        assert_eq!(fake.count(Door::Api), 1, "{fault:?}");
    }
}

/// W-17, W-26: at most four tries a cycle over all doors, a cycle at most once a back-off, healed in five minutes.
#[tokio::test]
async fn a_burst_of_errors_costs_four_tries_a_cycle_and_heals() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(502)).fault(Door::Web, Fault::Status(500));
    let app = spawn(&fake, &[]).await;
    let state = app.version().await;
    assert_eq!((state.status, state.update_available), (Status::Unknown, None));
    assert!((1..=4).contains(&fake.count_all()), "{} tries", fake.count_all());
    let calls = fake.count_all();
    let rest = state.error.unwrap().retry_at.unwrap() - state.last_attempt.unwrap();
    assert!((59..=301).contains(&rest.num_seconds()), "{rest}");
    crowd(&app, "/api/version", 100).await;
    assert_eq!(fake.count_all(), calls, "not retried on request");
    fake.heal();
    assert_eq!(app.force().await.update_available, Some(true));
}

/// W-18.
#[tokio::test]
async fn not_modified_is_a_success_and_counted_apart() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.limit_anonymous(100_000);
    let app = spawn(&fake, &[]).await;
    let first = app.version().await;
    eventually("a later check", async || app.force().await.last_checked > first.last_checked).await;
    let again = app.version().await;
    assert_eq!((again.status, again.release_notes), (Status::Ok, first.release_notes));
    let last = fake.calls_to(Door::Api).into_iter().rfind(|call| call.path.ends_with("/releases")).unwrap();
    assert_eq!(last.status, Some(304));
    assert!(
        app.metric(r#"sidewatch_upstream_requests_total{host="api",outcome="unchanged"}"#).await.unwrap()
            >= 1.0
    );
    assert!(app.metric(r#"sidewatch_checks_total{outcome="unchanged",target="app"}"#).await.unwrap() >= 1.0);
}

/// W-19.
#[tokio::test]
async fn weak_and_changing_entity_tags_do_no_harm() {
    for fault in [Fault::WeakEtag, Fault::ChangingEtag] {
        let fake = github(&["v1.2.3", "v1.3.0"]).await;
        fake.fault(Door::Api, fault.clone());
        let app = spawn(&fake, &[("HOURLY_BUDGET", "20")]).await;
        assert_eq!(app.version().await.latest.as_deref(), Some("1.3.0"));
        fake.repo(REPO).release(fake_github::NewRelease::new("v1.4.0"));
        assert_eq!(app.force().await.latest.as_deref(), Some("1.4.0"), "{fault:?}");
        for _ in 0..30 {
            app.force().await;
        }
        assert!(fake.count_all() <= 20, "{fault:?}: inside the budget");
        assert!(rounds(&fake) >= 2);
    }
}
