//! `/metrics`: every series there is to be, and no more of them than there are routes and targets.

use std::collections::BTreeMap;

use fake_github::{Door, Fault, NewAdvisory, NewCommit, NewRelease};
use futures_util::future::join_all;
use reqwest::Method;

use crate::helpers::{REPO, TestApp, github, spawn};

/// Name and labels of every series, with its value.
async fn series(app: &TestApp) -> BTreeMap<String, f64> {
    let answer = app.get("/metrics").await;
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let samples = answer.text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("NAME VALUE");
            (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("no number: {line}")))
        })
        .collect()
}

#[tokio::test]
async fn every_metric_of_the_interface_is_there() {
    let fake = github(&["v1.2.3", "v1.2.4", "v1.3.0"]).await;
    fake.repo(REPO).advisory(NewAdvisory::new("GHSA-2cfg-hjmp-qrvw").range("< 1.3.0").patched("1.3.0"));
    let app = spawn(&fake, &[]).await;
    app.version().await;
    app.version().await;
    app.force().await;
    let told = series(&app).await;
    let value = |name: &str| *told.get(name).unwrap_or_else(|| panic!("{name} is not there: {told:#?}"));
    assert_eq!(value(r#"sidewatch_version_info{current="1.2.3",latest="1.3.0",target="app"}"#), 1.0);
    assert_eq!(value(r#"sidewatch_update_available{target="app"}"#), 1.0);
    assert_eq!(value(r#"sidewatch_security_affected{target="app"}"#), 1.0);
    assert_eq!(value(r#"sidewatch_behind_releases{target="app"}"#), 2.0);
    assert_eq!(value(r#"sidewatch_checks_total{outcome="ok",target="app"}"#), 1.0);
    assert_eq!(value(r#"sidewatch_checks_total{outcome="unchanged",target="app"}"#), 1.0);
    assert!(value(r#"sidewatch_upstream_requests_total{host="api",outcome="ok"}"#) >= 2.0);
    assert!(value(r#"sidewatch_upstream_requests_total{host="api",outcome="unchanged"}"#) >= 1.0);
    assert!(value(r#"sidewatch_release_age_seconds{target="app"}"#) > 0.0);
    for name in ["attempt", "success"] {
        let seconds = value(&format!("sidewatch_last_{name}_timestamp_seconds{{target=\"app\"}}"));
        assert!((chrono::Utc::now().timestamp() as f64 - seconds).abs() < 60.0, "{name}: {seconds}");
    }
    assert!(value("sidewatch_ratelimit_remaining") < 60.0);
    assert!(value("sidewatch_ratelimit_reset_timestamp_seconds") > 1e9);
    for result in ["hit", "stale", "miss", "forced", "refused"] {
        value(&format!("sidewatch_cache_requests_total{{result=\"{result}\"}}"));
    }
    assert_eq!(value(r#"sidewatch_cache_requests_total{result="forced"}"#), 1.0);
    assert_eq!(
        value(r#"sidewatch_http_requests_total{method="GET",route="/api/version",status="200"}"#),
        3.0
    );
    assert_eq!(value(r#"sidewatch_http_request_duration_seconds_count{route="/api/version"}"#), 3.0);
    assert!(
        told.keys()
            .any(|name| name.starts_with("sidewatch_build_info{") && name.contains("version=\"9.8.7\""))
    );
    for name in ["process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"] {
        value(name);
    }
}

#[tokio::test]
async fn commits_are_counted_on_a_branch() {
    let fake = github(&[]).await;
    let repo = fake.repo(REPO);
    repo.branch("main", &[NewCommit::new("one"), NewCommit::new("two"), NewCommit::new("three")]);
    let app = spawn(&fake, &[("TRACK", "branch:main"), ("CURRENT", &repo.shas("main")[0])]).await;
    app.version().await;
    assert_eq!(app.metric(r#"sidewatch_behind_commits{target="app"}"#).await, Some(2.0));
    assert_eq!(app.metric(r#"sidewatch_behind_releases{target="app"}"#).await, None);
}

#[tokio::test]
async fn what_is_unknown_is_absent_and_not_zero() {
    let fake = github(&["v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(500)).fault(Door::Web, Fault::Status(500));
    for (current, healthy) in [("1.2.3", false), ("dev", true)] {
        if healthy {
            fake.heal();
        }
        let app = spawn(&fake, &[("CURRENT", current)]).await;
        app.version().await;
        let told = series(&app).await;
        for name in ["update_available", "security_affected", "behind_releases", "behind_commits"] {
            let found = told.keys().find(|series| series.starts_with(&format!("sidewatch_{name}{{")));
            assert_eq!(found, None, "{current}");
        }
        assert!(told.contains_key(r#"sidewatch_last_attempt_timestamp_seconds{target="app"}"#));
        let success = told.contains_key(r#"sidewatch_last_success_timestamp_seconds{target="app"}"#);
        assert_eq!(success, healthy);
    }
}

#[tokio::test]
async fn no_update_is_zero() {
    let fake = github(&["v1.2.3"]).await;
    let app = spawn(&fake, &[]).await;
    app.version().await;
    assert_eq!(app.metric(r#"sidewatch_update_available{target="app"}"#).await, Some(0.0));
    assert_eq!(app.metric(r#"sidewatch_security_affected{target="app"}"#).await, Some(0.0));
}

#[tokio::test]
async fn a_failed_check_counts_by_its_code() {
    let fake = github(&[]).await;
    let app = spawn(&fake, &[]).await;
    app.version().await;
    assert_eq!(app.metric(r#"sidewatch_checks_total{outcome="no_release",target="app"}"#).await, Some(1.0));
}

/// One request for a path that nobody thought of, in a way that nobody thought of.
async fn wander(app: &TestApp, number: u32) {
    let path = match number % 4 {
        0 => format!("/{number}/{number:x}"),
        1 => format!("/api/version/{number}"),
        2 => format!("/api/version?target=t{number}"),
        _ => format!("/badge.svg?x={number}"),
    };
    let methods = ["GET", "POST", "BREW", "PROPFIND", "DELETE"];
    let method = match number % 7 {
        6 => format!("M{number}"),
        other => methods[other as usize % methods.len()].to_owned(),
    };
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    app.request(method, &path, &[], None).await;
}

#[tokio::test]
async fn thousands_of_paths_and_many_versions_add_no_series() {
    let fake = github(&["v1.2.3"]).await;
    fake.limit_anonymous(1_000_000);
    let app = spawn(&fake, &[]).await;
    app.version().await;
    let wander_through = async |from: u32, to: u32| {
        for start in (from..to).step_by(50) {
            join_all((start..to.min(start + 50)).map(|number| wander(&app, number))).await;
        }
    };
    let publish = async |minor: u32| {
        fake.repo(REPO).release(NewRelease::new(&format!("v1.{minor}.0")));
        assert_eq!(app.force().await.latest, Some(format!("1.{minor}.0")));
    };
    wander_through(0, 200).await;
    publish(3).await;
    publish(4).await;
    app.force().await;
    series(&app).await;
    let before = series(&app).await;
    wander_through(200, 2_200).await;
    for minor in 5..55 {
        publish(minor).await;
    }
    let after = series(&app).await;
    let names = |told: &BTreeMap<String, f64>| -> Vec<String> {
        told.keys().filter(|name| !name.starts_with("sidewatch_version_info")).cloned().collect()
    };
    assert_eq!(names(&before), names(&after));
    assert_eq!(before.len(), after.len());
}

#[tokio::test]
async fn what_the_app_tells_cannot_break_out_of_a_label() {
    let fake = github(&["v1.3.0"]).await;
    let app = spawn(&fake, &[("CURRENT", r#"1"} 7 \ sidewatch_x{a="b"#)]).await;
    app.version().await;
    let told = series(&app).await;
    let info: Vec<&String> = told.keys().filter(|name| name.starts_with("sidewatch_version_info")).collect();
    assert_eq!(
        info,
        [r#"sidewatch_version_info{current="1\"} 7 \\ sidewatch_x{a=\"b",latest="1.3.0",target="app"}"#]
    );
    assert!(!told.keys().any(|name| name.starts_with("sidewatch_x")));
}
