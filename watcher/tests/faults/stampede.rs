//! Many at once: however many ask, upstream sees one round.

use std::time::{Duration, Instant};

use contract::Status;
use fake_github::{Door, FakeGithub, Fault};
use reqwest::Method;

use crate::bench::{crowd, rounds};
use crate::helpers::{TestApp, github, spawn};

/// W-20.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_first_readers_cause_one_round_and_are_all_answered() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Delay(Duration::from_secs(2)));
    let app = spawn(&fake, &[]).await;
    for state in crowd(&app, "/api/version", 500).await {
        assert_eq!((state.latest.as_deref(), state.update_available), (Some("1.3.0"), Some(true)));
    }
    assert_eq!(rounds(&fake), 1);
}

/// W-21, W-29: also after a pause of any length.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_end_of_the_ttl_one_call_is_made_and_nobody_waits_for_it() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[("CACHE_TTL", "2s")]).await;
    app.version().await;
    fake.reset_calls();
    fake.fault(Door::Api, Fault::Delay(Duration::from_millis(1500)));
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let started = Instant::now();
    let states = crowd(&app, "/api/version", 500).await;
    assert!(started.elapsed() < Duration::from_millis(1400), "waited {:?}", started.elapsed());
    assert!(states.iter().all(|state| state.latest.as_deref() == Some("1.3.0")));
    assert!(states.iter().any(|state| state.status == Status::Stale), "its age is told");
    app.wait_until("the fresh answer", |state| state.status == Status::Ok).await;
    assert_eq!(rounds(&fake), 1);
}

/// W-22, D3.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_wishes_at_once_are_one_round() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    // Longer than a thousand answers take, so that late ones meet the floor.
    let app = spawn(&fake, &[("FORCE_INTERVAL", "4s")]).await;
    app.version().await;
    let refused = app.force().await;
    tokio::time::sleep(Duration::from_secs(refused.retry_after_seconds.expect("the floor"))).await;
    fake.reset_calls();
    fake.fault(Door::Api, Fault::Delay(Duration::from_millis(300)));
    let states = crowd(&app, "/api/version?force=true", 1000).await;
    assert_eq!(rounds(&fake), 1);
    assert!(states.iter().any(|state| state.forced));
    for state in states.iter().filter(|state| !state.forced) {
        assert!(state.retry_after_seconds.is_some_and(|wait| (1..=4).contains(&wait)), "{state:?}");
    }
}

/// W-23.
#[tokio::test]
async fn a_wish_during_a_check_joins_it() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Delay(Duration::from_millis(700)));
    let app = spawn(&fake, &[("FORCE_INTERVAL", "60s")]).await;
    fake.wait_for_calls(Door::Api, 1).await;
    let joined = app.force().await;
    assert!(joined.forced && joined.retry_after_seconds.is_none());
    assert_eq!(joined.latest.as_deref(), Some("1.3.0"));
    assert_eq!(rounds(&fake), 1);
}

/// D3: one in ten of GitHub's allowance is left to the neighbours.
#[tokio::test]
async fn a_hundred_wishes_in_a_row_leave_the_reserve() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[]).await;
    app.version().await;
    let mut refused = 0;
    for _ in 0..100 {
        let answer = app.get("/api/version?force=true").await;
        refused += usize::from(!answer.header("retry-after").is_empty());
    }
    assert!(refused > 50, "{refused}");
    assert!(fake.used_anonymous() <= 54, "{} of 60 spent, the reserve is 6", fake.used_anonymous());
}

/// W-22: the answer says that it was not forced, and for how long not.
#[tokio::test]
async fn a_wish_below_the_floor_is_refused_with_the_seconds_to_wait() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[("FORCE_INTERVAL", "60s")]).await;
    app.version().await;
    let calls = fake.count_all();
    let target = app.version().await.name;
    for query in [
        "force=true".to_owned(),
        "force=1".to_owned(),
        "force=true&force=true&force=1".to_owned(),
        format!("target={target}&force=true"),
        "force=%74rue".to_owned(),
    ] {
        let answer = app.get(&format!("/api/version?{query}")).await;
        let state = crate::bench::state_of(&answer);
        let seconds = state.retry_after_seconds.unwrap_or_else(|| panic!("{query}: {}", answer.text));
        assert!(!state.forced && (50..=60).contains(&seconds), "{query}");
        assert_eq!(answer.header("retry-after"), seconds.to_string(), "{query}");
        assert_eq!(state.latest.as_deref(), Some("1.3.0"), "{query}");
    }
    for query in ["FORCE=true", "force=", "force=no", "force", "Force=1", "force[]=true"] {
        let answer = app.get(&format!("/api/version?{query}")).await;
        assert_eq!(answer.status, 200, "{query}");
        assert_eq!(answer.json()["retryAfterSeconds"], serde_json::Value::Null, "{query} is no wish");
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = app.request(method.clone(), "/api/version?force=true", &[], None).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{method}");
    }
    let head = app.request(Method::HEAD, "/api/version?force=true", &[], None).await;
    assert_eq!(head.status, 200);
    assert_eq!(fake.count_all(), calls, "none of this reached upstream");
}

/// W-22, S-26, I9: without a floor the budget still holds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hourly_budget_holds_under_a_flood_of_wishes() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let app = spawn(&fake, &[("HOURLY_BUDGET", "12")]).await;
    app.version().await;
    for _ in 0..5 {
        crowd(&app, "/api/version?force=true", 200).await;
    }
    assert!(fake.count_all() <= 12, "{} upstream requests", fake.count_all());
    let refused = app.force().await;
    assert!(!refused.forced && refused.retry_after_seconds.is_some_and(|wait| wait > 600), "{refused:?}");
    assert_eq!((refused.latest.as_deref(), refused.status), (Some("1.3.0"), Status::Ok));
}

/// Every caller gets a 200, upstream one round until the back-off ends.
async fn herd(fake: &FakeGithub, app: &TestApp) {
    let calls = || (rounds(fake), fake.count_all());
    for state in crowd(app, "/api/version", 300).await {
        assert_eq!((state.status, state.latest, state.update_available), (Status::Unknown, None, None));
    }
    app.wait_until("the failure", |state| state.error.is_some()).await;
    let after = calls();
    assert_eq!(after.0, 1);
    assert!(after.1 <= 4, "{} requests", after.1);
    for _ in 0..3 {
        for state in crowd(app, "/api/version", 100).await {
            assert!(state.error.is_some());
        }
    }
    assert_eq!(calls(), after, "the back-off has not ended");
}

/// Cold herd.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cold_herd_against_a_failing_upstream_is_one_round() {
    let reset_in = Duration::from_secs(600);
    for fault in [
        Fault::Status(500),
        Fault::PrimaryLimit { reset_in },
        Fault::PrimaryLimit429 { reset_in },
        Fault::SecondaryLimit { retry_after: None },
    ] {
        let fake = github(&["v1.3.0"]).await;
        fake.set_latency(Duration::from_millis(50));
        fake.fault(Door::Api, fault).fault(Door::Web, Fault::Status(503));
        herd(&fake, &spawn(&fake, &[]).await).await;
    }
}

/// Cold herd.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cold_herd_against_a_hanging_upstream_is_one_round() {
    let fake = github(&["v1.3.0"]).await;
    fake.stop(Door::Web).await;
    fake.fault(Door::Api, Fault::Hang);
    let app = spawn(&fake, &[]).await;
    let started = Instant::now();
    herd(&fake, &app).await;
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}
