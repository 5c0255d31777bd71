use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::helpers::{Ground, TestApp};

/// What plays the watcher: answers every request with these bytes, after this time.
async fn stub(answer: Vec<u8>, delay: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut head = [0; 4096];
                drop(stream.read(&mut head).await);
                tokio::time::sleep(delay).await;
                drop(stream.write_all(&answer).await);
            });
        }
    });
    address
}

fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
        .into_bytes()
}

async fn with_watcher(url: &str) -> TestApp {
    TestApp::start_with(Ground::Embedded, &[("WATCHER_URL", url), ("WATCHER_TOKEN", "watcher-token")]).await
}

async fn assert_unavailable(app: &TestApp, what: &str) {
    for path in ["/api/version", "/api/version?force=true"] {
        let started = Instant::now();
        let response = app.get(path).await;
        assert!(started.elapsed() < Duration::from_millis(1500), "{what}: {:?}", started.elapsed());
        assert_eq!(response.status(), 200, "{what}");
        assert!(!response.headers().contains_key("x-evil") && !response.headers().contains_key("set-cookie"));
        let state: Value = response.json().await.unwrap();
        assert_eq!(state["error"]["code"], "watcher_unavailable", "{what}");
        assert_eq!((&state["status"], &state["current"]), (&json!("unknown"), &json!("1.2.3")), "{what}");
        assert_eq!((&state["latest"], &state["updateAvailable"]), (&Value::Null, &Value::Null), "{what}");
    }
    let (status, health) = app.health().await;
    assert_eq!((status, health.status), (200, contract::HealthStatus::Ok), "{what}");
}

#[tokio::test]
async fn a_watcher_that_is_absent_slow_huge_or_wrong_is_told_within_a_second_and_hurts_nothing() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let none = Duration::ZERO;
    let elsewhere = format!("location: {closed}/\r\nset-cookie: a=b\r\n");
    let huge = format!("{{\"name\":\"{}\"}}", "x".repeat(2 << 20));
    for (what, url) in [
        ("absent", closed.clone()),
        ("slow", stub(http("200 OK", "", "{}"), Duration::from_secs(30)).await),
        ("huge", stub(http("200 OK", "", &huge), none).await),
        ("not a state", stub(http("200 OK", "x-evil: 1\r\n", "[]"), none).await),
        ("a page", stub(http("200 OK", "content-type: text/html\r\n", "<html>"), none).await),
        ("redirecting", stub(http("302 Found", &elsewhere, ""), none).await),
        ("failing", stub(http("500 Oh", "", "oh"), none).await),
        ("cut off", stub(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec(), none).await),
        ("no HTTP", stub(b"220 smtp\r\n".to_vec(), none).await),
    ] {
        assert_unavailable(&with_watcher(&url).await, what).await;
    }
    assert_unavailable(&TestApp::start(Ground::Embedded).await, "not configured").await;
}

#[tokio::test]
async fn a_watcher_that_tells_less_or_more_than_is_known_here_is_passed_on_as_json() {
    let told = r#"{"name":"remote-agent","current":"1.2.3","latest":"1.4.0","updateAvailable":true,"status":"excellent"}"#;
    let app =
        with_watcher(&stub(http("200 OK", "content-type: text/html\r\n", told), Duration::ZERO).await).await;
    let response = app.get("/api/version").await;
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.text().await.unwrap(), told);
}

#[tokio::test]
async fn notes_as_long_as_the_watcher_tells_them_hide_no_update_and_no_changelog() {
    // Notes of 64 KiB whose table became 512 KiB of HTML, all of it to be escaped in JSON.
    let html = "\"<\\".repeat(170 << 10);
    let told = json!({
        "name": "remote-agent", "current": "1.2.3", "latest": "1.3.0", "updateAvailable": true,
        "releaseNotes": "x".repeat(64 << 10), "releaseNotesHtml": html,
    });
    let app = with_watcher(&stub(http("200 OK", "", &told.to_string()), Duration::ZERO).await).await;
    assert_eq!(app.json("/api/version").await["updateAvailable"], json!(true));
    assert_eq!(app.json("/api/changelog").await["releaseNotesHtml"], html.as_str());
}

#[tokio::test]
async fn a_check_that_takes_longer_than_the_deadline_is_told_as_it_was_and_once_it_is_done_as_it_is() {
    let (fake, address) = real::start().await;
    let app = with_watcher(&address).await;
    app.wait_for("the first check", async || app.json("/api/version").await["latest"] == "1.3.0").await;
    fake.repo(fake_github::DEMO_REPO).release(fake_github::NewRelease::new("v1.4.0"));
    fake.image(fake_github::DEMO_IMAGE).index("v1.4.0", &["linux/amd64", "linux/arm64"]);
    fake.set_latency(Duration::from_secs(2));
    let started = Instant::now();
    let meanwhile = app.json("/api/version?force=true").await;
    assert!(started.elapsed() < Duration::from_millis(1500), "{:?}", started.elapsed());
    assert_eq!((&meanwhile["latest"], &meanwhile["forced"]), (&json!("1.3.0"), &json!(false)));
    assert_eq!(meanwhile["retryAfterSeconds"], Value::Null, "no refusal: the check goes on");
    app.wait_for("the check to be done", async || app.json("/api/version").await["latest"] == "1.4.0").await;
}

#[tokio::test]
async fn other_routes_tell_a_watcher_that_is_away_from_one_that_is_late() {
    let late = with_watcher(&stub(http("200 OK", "", "{}"), Duration::from_secs(30)).await).await;
    assert_eq!(late.get("/api/changelog").await.status(), 504);
    let refusing = with_watcher(&stub(http("401 Unauthorized", "", "{}"), Duration::ZERO).await).await;
    let skip = refusing.post("/api/version/skip", &json!({"version": "1.3.0"})).await;
    assert_eq!(skip.status(), 502);
    assert!(skip.text().await.unwrap().contains("WATCHER_TOKEN"));
    let none = TestApp::start(Ground::Embedded).await;
    assert_eq!(none.get("/api/changelog").await.status(), 502);
    assert_eq!(none.get("/api/version/stream").await.status(), 502);
}

mod real {
    use fake_github::FakeGithub;
    use watcher::config::{Config, Sources};
    use watcher::startup::Watcher;

    use super::*;

    /// A real watcher beside the app, on a stand-in for GitHub.
    pub(super) async fn start() -> (FakeGithub, String) {
        let fake = fake_github::demo(Duration::ZERO).await;
        let mut sources = Sources::default();
        for (name, value) in [
            ("REPO", fake_github::DEMO_REPO),
            ("CURRENT", "1.2.3"),
            ("GITHUB_API_URL", &fake.api_url()),
            ("GITHUB_WEB_URL", &fake.web_url()),
            ("API_TOKEN", "watcher-token"),
            ("FORCE_INTERVAL", "0s"),
            ("HOURLY_BUDGET", "10000"),
            ("LISTEN", "127.0.0.1:0"),
        ] {
            sources.environment.insert(format!("SIDEWATCH_{name}"), value.to_owned());
        }
        let watcher = Watcher::build(Config::read(&sources).unwrap(), crate::helpers::STAMP).await.unwrap();
        let address = format!("http://127.0.0.1:{}", watcher.address.port());
        tokio::spawn(watcher.run(std::future::pending()));
        (fake, address)
    }
}

#[tokio::test]
async fn the_watchers_state_changelog_and_decisions_pass_through() {
    let (_fake, address) = real::start().await;
    let app = with_watcher(&address).await;
    app.wait_for("the update to be known", async || {
        app.json("/api/version?force=true").await["updateAvailable"] == json!(true)
    })
    .await;
    let state = app.json("/api/version").await;
    assert_eq!((&state["current"], &state["latest"]), (&json!("1.2.3"), &json!("1.3.0")));
    let direct: Value =
        app.client.get(format!("{address}/api/version")).send().await.unwrap().json().await.unwrap();
    assert_eq!(state, direct);
    let etag = app.get("/api/version").await.headers()["etag"].to_str().unwrap().to_owned();
    let known = app.request(Method::GET, "/api/version").header("if-none-match", etag).send().await.unwrap();
    assert_eq!(known.status(), 304);
    assert!(app.json("/api/changelog").await.is_object());
    assert_eq!(
        app.get("/api/changelog?from=nonsense%20&to=x").await.headers()["content-type"],
        "application/problem+json"
    );
    let skipped = app.post("/api/version/skip", &json!({"version": "1.3.0"})).await;
    assert_eq!(skipped.status(), 200);
    assert_eq!(app.json("/api/version").await["skipped"], "1.3.0");
    assert_eq!(app.request(Method::DELETE, "/api/version/skip").send().await.unwrap().status(), 200);
    let until = chrono::Utc::now() + chrono::Duration::hours(1);
    assert_eq!(app.post("/api/version/snooze", &json!({ "until": until })).await.status(), 200);
    assert!(app.json("/api/version").await["snoozedUntil"].is_string());
}

#[tokio::test]
async fn changes_of_the_state_are_streamed_and_the_stream_ends_with_the_server() {
    let (_fake, address) = real::start().await;
    let app = with_watcher(&address).await;
    let mut stream = app.get("/api/version/stream").await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let first =
        tokio::time::timeout(Duration::from_secs(10), stream.chunk()).await.unwrap().unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("event: version"), "{first:?}");
    let (ended, ..) = app.stop().await;
    ended.unwrap();
}
