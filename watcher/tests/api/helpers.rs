//! One watcher per test, on free ports, against a stand-in for GitHub and the registry.

#![allow(dead_code, unreachable_pub, reason = "not every test crate uses every helper")]

use std::collections::HashMap;
use std::time::Duration;

use contract::{BuildStamp, VersionState};
use fake_github::{FakeGithub, NewRelease};
use reqwest::header::HeaderMap;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use watcher::config::{Config, Sources};
use watcher::startup::Watcher;

/// The token that decisions need in tests.
pub const TOKEN: &str = "test-token-0123456789";
/// The repository that most tests watch.
pub const REPO: &str = "octo/app";
/// Conditions are waited for this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// The stamp of the program under test.
pub const STAMP: BuildStamp =
    BuildStamp { version: "9.8.7", commit: "0123456789abcdef0123456789abcdef01234567", date: "2026-01-30" };

/// A running watcher.
pub struct TestApp {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    run: Option<JoinHandle<anyhow::Result<()>>>,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or(""))
    }
}

/// A stand-in with these releases in [`REPO`], oldest first.
pub async fn github(tags: &[&str]) -> FakeGithub {
    let fake = FakeGithub::start().await;
    let repo = fake.repo(REPO);
    for tag in tags {
        repo.release(NewRelease::new(tag).notes(&format!("### What's New\n- Feature of {tag}")));
    }
    fake
}

/// The settings that most tests start from: no floor, a budget that is not what is tested, 1.2.3 running.
pub fn settings(fake: &FakeGithub) -> HashMap<String, String> {
    let pairs = [
        ("REPO", REPO.to_owned()),
        ("CURRENT", "1.2.3".to_owned()),
        ("GITHUB_API_URL", fake.api_url()),
        ("GITHUB_WEB_URL", fake.web_url()),
        ("REGISTRY_URL", fake.registry_url()),
        ("LISTEN", "127.0.0.1:0".to_owned()),
        ("FORCE_INTERVAL", "0s".to_owned()),
        ("HOURLY_BUDGET", "100000".to_owned()),
        ("API_TOKEN", TOKEN.to_owned()),
    ];
    pairs.into_iter().map(|(key, value)| (format!("SIDEWATCH_{key}"), value)).collect()
}

/// A watcher with the usual settings and these changes (`KEY` without prefix; an empty value removes it).
pub async fn spawn(fake: &FakeGithub, changes: &[(&str, &str)]) -> TestApp {
    let mut environment = settings(fake);
    for (key, value) in changes {
        environment.insert(format!("SIDEWATCH_{key}"), (*value).to_owned());
    }
    spawn_with(environment).await
}

/// A watcher with just these variables.
pub async fn spawn_with(environment: HashMap<String, String>) -> TestApp {
    let sources = Sources { environment, ..Sources::default() };
    let config = Config::read(&sources).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let watcher = Watcher::build(config, STAMP).await.expect("build the watcher");
    let url = format!("http://{}", watcher.address);
    let (stop, stopped) = oneshot::channel::<()>();
    let run = tokio::spawn(watcher.run(async move { drop(stopped.await) }));
    let mut app = TestApp::at(url);
    (app.stop, app.run) = (Some(stop), Some(run));
    app
}

impl TestApp {
    /// One that runs elsewhere, such as the real program.
    pub fn at(url: String) -> Self {
        // Only the first test of a process installs it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().no_proxy().build().expect("build a client");
        Self { url, client, stop: None, run: None }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.request(reqwest::Method::GET, path, headers, None).await
    }

    pub async fn request(
        &self,
        method: reqwest::Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body.to_owned());
        }
        let response = request.send().await.expect("send a request");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("read an answer") }
    }

    /// An answer whose body is read piece by piece.
    pub async fn open(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.url)).send().await.expect("send a request")
    }

    /// A decision, with the token.
    pub async fn decide(&self, method: reqwest::Method, path: &str, body: Option<&str>) -> Answer {
        self.request(method, path, &[("authorization", &format!("Bearer {TOKEN}"))], body).await
    }

    /// `GET /api/version`.
    pub async fn version(&self) -> VersionState {
        let answer = self.get("/api/version").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        serde_json::from_str(&answer.text).expect("the contract's shape")
    }

    /// `GET /api/version?force=true`.
    pub async fn force(&self) -> VersionState {
        let answer = self.get("/api/version?force=true").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        serde_json::from_str(&answer.text).expect("the contract's shape")
    }

    /// Waits until the state is as wanted; tells the last one if it never is.
    pub async fn wait_until(&self, what: &str, wanted: impl Fn(&VersionState) -> bool) -> VersionState {
        let started = tokio::time::Instant::now();
        loop {
            let state = self.version().await;
            if wanted(&state) {
                return state;
            }
            assert!(started.elapsed() < PATIENCE, "never came: {what}; last: {state:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The value of a metric, by its name with labels as Prometheus prints them.
    pub async fn metric(&self, series: &str) -> Option<f64> {
        let text = self.get("/metrics").await.text;
        text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
    }

    /// Stops it as SIGTERM would, and tells how that ended.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.stop.take());
        match self.run.take() {
            Some(run) => run.await.expect("the watcher panicked"),
            None => Ok(()),
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(run) = self.run.take() {
            run.abort();
        }
    }
}
