use std::time::{Duration, Instant};

use contract::{CheckStatus, HealthStatus};
use test_servers::redis::{AppendOnly, Redis, RedisOptions};

use crate::helpers::{Ground, Neighbours, STAMP, TestApp, event, on_both_grounds, wait_for};

on_both_grounds!(a_healthy_server_tells_what_it_is);

async fn a_healthy_server_tells_what_it_is(ground: Ground) {
    let app = TestApp::start(ground).await;
    let (status, health) = app.health().await;
    assert_eq!((status, health.status), (200, HealthStatus::Ok));
    assert_eq!((health.name.as_str(), health.version.as_str()), ("remote-agent", STAMP.version));
    assert_eq!((health.commit.as_str(), health.built_at.as_str()), (STAMP.commit, STAMP.date));
    assert!(health.schema_version.is_some_and(|version| version >= 1));
    assert_eq!(health.installation_id.as_ref().map(String::len), Some(36));
    let expected = if ground == Ground::Full { CheckStatus::Ok } else { CheckStatus::Off };
    assert_eq!(health.checks["queue"].status, expected);
}

/// Waits until health is this, and each answer comes within a second.
async fn health_becomes(app: &TestApp, status: HealthStatus, part: &str, part_status: CheckStatus) {
    let what = format!("health to be {status:?} with {part} {part_status:?}");
    wait_for(&what, async || {
        let started = Instant::now();
        let (code, health) = app.health().await;
        assert!(started.elapsed() < Duration::from_secs(1));
        let serves = matches!(health.status, HealthStatus::Ok | HealthStatus::Degraded);
        assert_eq!(code, if serves { 200 } else { 503 });
        health.status == status && health.checks[part].status == part_status
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_follows_each_neighbour_down_and_up_again() {
    let mut app = TestApp::start(Ground::Full).await;
    let id = app.health().await.1.installation_id;

    let mut postgres = app.neighbours.postgres.take().unwrap();
    postgres.kill();
    health_becomes(&app, HealthStatus::Degraded, "database", CheckStatus::Down).await;
    assert_eq!(app.send(&[event("note", "s", serde_json::json!({}))]).await["accepted"], 1);
    assert_eq!(app.get("/api/sessions").await.status(), 503);
    postgres.restart().unwrap();
    health_becomes(&app, HealthStatus::Ok, "database", CheckStatus::Ok).await;
    app.wait_for_events("s", 1).await;
    app.neighbours.postgres = Some(postgres);

    let mut redis = app.neighbours.redis.take().unwrap();
    redis.kill();
    health_becomes(&app, HealthStatus::Down, "queue", CheckStatus::Down).await;
    let refused = app
        .post("/api/events", &serde_json::json!({"events": [event("note", "s", serde_json::json!({}))]}))
        .await;
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(app.get("/api/sessions").await.status(), 200);
    redis.restart().unwrap();
    health_becomes(&app, HealthStatus::Ok, "queue", CheckStatus::Ok).await;
    app.neighbours.redis = Some(redis);

    let mut s3 = app.neighbours.s3.take().unwrap();
    s3.stop();
    health_becomes(&app, HealthStatus::Degraded, "blobs", CheckStatus::Down).await;
    assert_eq!(app.send(&[event("note", "s", serde_json::json!({}))]).await["accepted"], 1);
    assert_eq!(app.health().await.1.installation_id, id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_would_lose_events_is_down_with_the_fix_in_the_text() {
    let without_file = RedisOptions { append_only: AppendOnly::Off, ..RedisOptions::default() };
    let evicting = RedisOptions { maxmemory_policy: Some("allkeys-lru".into()), ..RedisOptions::default() };
    for (options, fix) in [(without_file, "--appendonly yes"), (evicting, "noeviction")] {
        let redis = Redis::start(options).unwrap();
        let neighbours = Neighbours { redis: Some(redis), ..Neighbours::default() };
        let app = TestApp::launch_on(neighbours, tempfile::tempdir().unwrap(), &[]).await;
        health_becomes(&app, HealthStatus::Down, "queue", CheckStatus::Down).await;
        wait_for("the fix to be told", async || {
            let detail = app.health().await.1.checks["queue"].detail.clone();
            detail.is_some_and(|detail| detail.contains(fix))
        })
        .await;
        let refused = app
            .post("/api/events", &serde_json::json!({"events": [event("note", "s", serde_json::json!({}))]}))
            .await;
        assert_eq!(refused.status(), 503);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_starts_before_its_neighbours_recovers_alone() {
    let mut app = TestApp::launch(Ground::Full, &[]).await;
    let (ended, mut neighbours, folder) = app.stop().await;
    ended.unwrap();
    let (mut postgres, mut redis) = (neighbours.postgres.take().unwrap(), neighbours.redis.take().unwrap());
    postgres.kill();
    redis.kill();
    let neighbours = Neighbours { postgres: Some(postgres), redis: Some(redis), s3: neighbours.s3.take() };
    app = TestApp::launch_on(neighbours, folder, &[]).await;
    health_becomes(&app, HealthStatus::Down, "database", CheckStatus::Down).await;
    assert_eq!(app.get("/readyz").await.status(), 503);
    assert_eq!(app.get("/livez").await.status(), 200);
    app.neighbours.redis.as_mut().unwrap().restart().unwrap();
    app.neighbours.postgres.as_mut().unwrap().restart().unwrap();
    health_becomes(&app, HealthStatus::Ok, "database", CheckStatus::Ok).await;
    app.send(&[event("note", "s", serde_json::json!({}))]).await;
    app.wait_for_events("s", 1).await;
}

#[tokio::test]
async fn health_names_no_host_and_no_secret() {
    let settings = [
        ("DATABASE_URL", "postgres://agent:canary-secret@nowhere.invalid/agent"),
        ("REDIS_URL", "redis://:canary-secret@nowhere.invalid"),
    ];
    let app = TestApp::launch(Ground::Embedded, &settings).await;
    health_becomes(&app, HealthStatus::Down, "queue", CheckStatus::Down).await;
    let text =
        app.client.get(format!("{}/api/health", app.address)).send().await.unwrap().text().await.unwrap();
    assert!(!text.contains("canary-secret") && !text.contains("nowhere.invalid"), "{text}");
}
