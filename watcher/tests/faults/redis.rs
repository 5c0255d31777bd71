//! Replicas that share a Redis: one round, one budget, the same decisions; and a Redis that goes away or lies.

use std::collections::HashMap;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use contract::{ErrorCode, Status};
use fake_github::{Door, FakeGithub, Fault};
use futures_util::future::join_all;
use redis::{Commands, Connection};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::bench::{Program, crowd, eventually, rounds, signal};
use crate::helpers::{github, settings, spawn_with};

/// A Redis server of one's own.
struct RedisServer {
    port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl RedisServer {
    async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).unwrap().port();
        let mut server = Self { port, folder: TempDir::new().unwrap(), child: None };
        server.come().await;
        server
    }

    async fn come(&mut self) {
        let port = self.port.to_string();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"]);
        command.arg(self.folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child =
            Some(command.spawn().expect("redis-server is needed (Debian: apt-get install redis-server)"));
        eventually("Redis", async || self.try_client().is_ok()).await;
    }

    fn go(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }

    fn freeze(&self) {
        signal(self.child.as_ref().expect("it runs"), "STOP");
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    fn try_client(&self) -> redis::RedisResult<Connection> {
        redis::Client::open(self.url())?.get_connection()
    }

    fn client(&self) -> Connection {
        self.try_client().expect("a connection")
    }

    fn environment(&self, fake: &FakeGithub, changes: &[(&str, &str)]) -> HashMap<String, String> {
        let mut environment = settings(fake);
        environment.insert("SIDEWATCH_REDIS_URL".into(), self.url());
        let changes = changes.iter().map(|(key, value)| (format!("SIDEWATCH_{key}"), (*value).to_owned()));
        environment.extend(changes);
        environment
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.go();
    }
}

/// D29.
#[tokio::test]
async fn five_replicas_make_one_round_and_all_know() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.set_latency(Duration::from_millis(200));
    let redis = RedisServer::start().await;
    let environment = redis.environment(&fake, &[]);
    let replicas = join_all((0..5).map(|_| spawn_with(environment.clone()))).await;
    for state in join_all(replicas.iter().map(|app| app.version())).await {
        assert_eq!((state.latest.as_deref(), state.status), (Some("1.3.0"), Status::Ok));
    }
    assert_eq!(rounds(&fake), 1);
    // One that comes later knows at once, also with GitHub away.
    fake.stop(Door::Api).await;
    assert_eq!(spawn_with(environment).await.version().await.latest.as_deref(), Some("1.3.0"));
}

/// D29: over several intervals.
#[tokio::test]
async fn five_replicas_make_one_round_an_interval() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let redis = RedisServer::start().await;
    let environment = redis.environment(&fake, &[("SCHEDULE", "*/2 * * * * *")]);
    let started = Instant::now();
    let _replicas = join_all((0..5).map(|_| spawn_with(environment.clone()))).await;
    eventually("three rounds", async || rounds(&fake) >= 3).await;
    let most = started.elapsed().as_secs() as usize / 2 + 2;
    assert!(rounds(&fake) <= most, "{} rounds in {:?}", rounds(&fake), started.elapsed());
}

/// D10, D29.
#[tokio::test]
async fn a_decision_on_one_replica_is_seen_on_all_and_none_is_lost() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let redis = RedisServer::start().await;
    let environment = redis.environment(&fake, &[]);
    let one = spawn_with(environment.clone()).await;
    let other = spawn_with(environment).await;
    one.version().await;
    other.version().await;
    let until = (Utc::now() + TimeDelta::days(3)).to_rfc3339();
    let skip = one.decide(Method::POST, "/api/skip", Some(r#"{"version":"1.3.0"}"#)).await;
    assert_eq!(skip.status, 200, "{}", skip.text);
    // At once on the other, before it has heard of the first.
    let snooze = other.decide(Method::POST, "/api/snooze", Some(&format!(r#"{{"until":"{until}"}}"#))).await;
    assert_eq!(snooze.status, 200, "{}", snooze.text);
    let json = snooze.json();
    assert!(json["snoozedUntil"].is_string() && json["skipped"] == "1.3.0", "{}", snooze.text);
    for app in [&one, &other] {
        let both = |state: &contract::VersionState| state.skipped.is_some() && state.snoozed_until.is_some();
        app.wait_until("both decisions", both).await;
    }
}

/// I9, D29, W-22.
#[tokio::test]
async fn replicas_spend_one_budget_together() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let redis = RedisServer::start().await;
    let environment = redis.environment(&fake, &[("HOURLY_BUDGET", "12")]);
    let replicas = join_all((0..4).map(|_| spawn_with(environment.clone()))).await;
    join_all(replicas.iter().map(|app| crowd(app, "/api/version?force=true", 50))).await;
    for app in &replicas {
        for _ in 0..10 {
            app.force().await;
        }
    }
    assert!(fake.count_all() <= 12, "{} upstream requests", fake.count_all());
    assert!(fake.count_all() >= 6, "{} upstream requests", fake.count_all());
}

/// D29: the lease of a replica that died runs out, and another takes over.
#[tokio::test]
async fn when_the_replica_that_checks_is_killed_another_takes_over() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Hang);
    let redis = RedisServer::start().await;
    let environment = redis.environment(&fake, &[]);
    let mut holder = Program::start(&environment).await;
    fake.wait_for_calls(Door::Api, 1).await;
    holder.kill();
    fake.heal();
    let heir = spawn_with(environment.clone()).await;
    let mut client = redis.client();
    let left: i64 = client.pttl("sidewatch:v1:lease:app").expect("the lease's time");
    assert!((1..=60_000).contains(&left), "{left}");
    // Where nobody waits for a first answer.
    let next = heir.get("/api/targets").await.json()["targets"][0]["nextCheck"].clone();
    let next: DateTime<Utc> = next.as_str().expect("a time").parse().expect("a time");
    let seconds = (next - Utc::now()).num_seconds();
    assert!((30..=61).contains(&seconds), "it comes by itself within a minute: {seconds}");
    // A minute later: the lease has run out, and what the dead replica had begun is a minute old.
    let _: () = client.del("sidewatch:v1:lease:app").expect("end the lease");
    let text: String = client.get("sidewatch:v1:target:app").expect("what it has begun");
    let mut saved: serde_json::Value = serde_json::from_str(&text).expect("a state");
    saved["snapshot"]["last_attempt"] = json!(Utc::now() - TimeDelta::seconds(61));
    let _: () = client.set("sidewatch:v1:target:app", saved.to_string()).expect("keep it");
    let late = spawn_with(environment).await;
    assert_eq!(late.version().await.latest.as_deref(), Some("1.3.0"));
    heir.wait_until("what the other found", |state| state.latest.is_some()).await;
    assert_eq!(rounds(&fake), 2, "one that was cut off, one for all");
}

/// W-26, D29: replicas share the back-off, too.
#[tokio::test]
async fn a_failure_of_one_replica_is_not_repeated_by_the_others() {
    let fake = github(&["v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(500)).fault(Door::Web, Fault::Status(500));
    let redis = RedisServer::start().await;
    let environment = redis.environment(&fake, &[("SCHEDULE", "* * * * * *")]);
    let replicas = join_all((0..5).map(|_| spawn_with(environment.clone()))).await;
    for app in &replicas {
        let state = app.wait_until("the failure", |state| state.error.is_some()).await;
        assert_eq!((state.status, state.update_available), (Status::Unknown, None));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(rounds(&fake), 1);
}

/// D4, I9: what is known is kept; what nobody can account for is not asked.
#[tokio::test]
async fn while_redis_is_away_answers_are_kept_and_nothing_is_asked_and_it_heals() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let mut redis = RedisServer::start().await;
    let program = Program::start(&redis.environment(&fake, &[])).await;
    let app = &program.app;
    assert_eq!(app.version().await.status, Status::Ok);
    let calls = fake.count_all();
    redis.go();
    for _ in 0..10 {
        let state = app.force().await;
        assert_eq!((state.latest.as_deref(), state.forced), (Some("1.3.0"), false));
        assert_eq!(app.get("/metrics").await.status, 200);
    }
    let decided = app.decide(Method::POST, "/api/skip", Some(r#"{"version":"1.3.0"}"#)).await;
    assert_eq!(decided.status, 503, "{}", decided.text);
    assert_eq!(app.version().await.skipped, None, "what was not kept was not decided");
    assert_eq!(fake.count_all(), calls);
    assert!(program.lines_with("WARN").len() <= 2, "{:#?}", program.lines());
    redis.come().await;
    eventually("a check", async || app.force().await.forced).await;
    assert!(fake.count_all() > calls);
}

/// D5, W-01.
#[tokio::test]
async fn with_redis_away_from_the_start_the_answer_says_why_nothing_is_known() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let mut redis = RedisServer::start().await;
    redis.go();
    let started = Instant::now();
    let app = spawn_with(redis.environment(&fake, &[])).await;
    let state = app.version().await;
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!((state.status, state.update_available), (Status::Unknown, None));
    assert_eq!(state.error.map(|error| error.code), Some(ErrorCode::Budget));
    assert_eq!(app.get("/readyz").await.status, 200);
    assert_eq!(fake.count_all(), 0);
    redis.come().await;
    eventually("a check", async || app.force().await.latest.is_some()).await;
}

/// A Redis that accepts and never answers.
#[tokio::test]
async fn while_redis_hangs_nobody_waits_longer_than_ten_seconds() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let redis = RedisServer::start().await;
    let app = spawn_with(redis.environment(&fake, &[])).await;
    app.version().await;
    redis.freeze();
    let started = Instant::now();
    for state in crowd(&app, "/api/version?force=true", 20).await {
        assert_eq!(state.latest.as_deref(), Some("1.3.0"));
    }
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
    let started = Instant::now();
    crowd(&app, "/api/version", 100).await;
    assert!(started.elapsed() < Duration::from_secs(1), "readers wait for nothing: {:?}", started.elapsed());
}

/// W-31: whatever stands in Redis.
#[tokio::test]
async fn garbage_in_redis_is_a_fresh_start() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let redis = RedisServer::start().await;
    let garbage: [&[u8]; 3] = [b"\xff\xfe\x00garbage\n", b"{\"format\":999}", b""];
    let keys = ["ledger", "target:app", "decisions:app"].map(|key| format!("sidewatch:v1:{key}"));
    let mut client = redis.client();
    for bytes in garbage {
        let _: () = redis::cmd("FLUSHALL").query(&mut client).unwrap();
        for key in &keys {
            let _: () = client.set(key, bytes).unwrap();
        }
        let app = spawn_with(redis.environment(&fake, &[])).await;
        let state = app.version().await;
        assert_eq!((state.status, state.latest.as_deref()), (Status::Ok, Some("1.3.0")), "{bytes:?}");
        // The answer is told before the check ends, and a check outlives its server: what it writes last must not
        // fall among the next garbage.
        let lease = "sidewatch:v1:lease:app";
        eventually("the end of the check", async || !redis.client().exists::<_, bool>(lease).unwrap()).await;
    }
    let _: () = redis::cmd("FLUSHALL").query(&mut client).unwrap();
    for key in &keys {
        let _: () = client.lpush(key, "another type").unwrap();
    }
    let app = spawn_with(redis.environment(&fake, &[])).await;
    assert_eq!(app.version().await.latest.as_deref(), Some("1.3.0"), "another type");
}
