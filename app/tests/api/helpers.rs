//! A server in this process, on a free port, with what it needs; one method for each thing a client does.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use app::config::{Config, Sources};
use app::startup::Server;
use contract::{BuildStamp, Health};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_servers::postgres::Postgres;
use test_servers::redis::{Redis, RedisOptions};
use test_servers::s3::S3;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub(crate) const KEY: &str = "test-key-of-no-value-0123456789";
pub(crate) const STAMP: BuildStamp =
    BuildStamp { version: "1.2.3", commit: "0123456789abcdef0123456789abcdef01234567", date: "2026-01-30" };
/// Everything that must come about comes about within this.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// What the server stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// SQLite and files.
    Embedded,
    /// PostgreSQL, Redis and S3.
    Full,
}

/// The servers that the server uses; each field ends with it.
#[derive(Default)]
pub(crate) struct Neighbours {
    pub(crate) postgres: Option<Postgres>,
    pub(crate) redis: Option<Redis>,
    pub(crate) s3: Option<S3>,
}

pub(crate) struct TestApp {
    pub(crate) address: String,
    pub(crate) metrics: String,
    pub(crate) client: Client,
    pub(crate) neighbours: Neighbours,
    pub(crate) folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<anyhow::Result<()>>,
}

impl TestApp {
    pub(crate) async fn start(ground: Ground) -> Self {
        Self::start_with(ground, &[]).await
    }

    /// Starts and waits until it is ready.
    pub(crate) async fn start_with(ground: Ground, settings: &[(&str, &str)]) -> Self {
        let app = Self::launch(ground, settings).await;
        app.wait_for("the server to be ready", async || app.get("/readyz").await.status() == 200).await;
        app
    }

    /// Starts without waiting.
    pub(crate) async fn launch(ground: Ground, settings: &[(&str, &str)]) -> Self {
        install_crypto();
        let folder = tempfile::tempdir().unwrap();
        let neighbours = match ground {
            Ground::Embedded => Neighbours::default(),
            Ground::Full => Neighbours {
                postgres: Some(Postgres::start().unwrap()),
                redis: Some(Redis::start(RedisOptions::default()).unwrap()),
                s3: Some(S3::start().unwrap()),
            },
        };
        Self::launch_on(neighbours, folder, settings).await
    }

    pub(crate) async fn launch_on(
        neighbours: Neighbours,
        folder: TempDir,
        settings: &[(&str, &str)],
    ) -> Self {
        let config = config(&neighbours, folder.path(), settings);
        let server = Server::build(config, STAMP).await.unwrap();
        let address = format!("http://{}", server.address);
        let metrics = server.metrics_address.map(|address| format!("http://127.0.0.1:{}", address.port()));
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(server.run(async {
            drop(stopped.await);
        }));
        Self {
            address,
            metrics: metrics.unwrap_or_default(),
            client: client(),
            neighbours,
            folder,
            stop: Some(stop),
            ended,
        }
    }

    /// Asks it to stop and waits for its end.
    pub(crate) async fn stop(mut self) -> (anyhow::Result<()>, Neighbours, TempDir) {
        drop(self.stop.take());
        let ended = tokio::time::timeout(Duration::from_secs(25), &mut self.ended).await;
        let ended = ended.expect("the server stops within 25 seconds").unwrap();
        (ended, self.neighbours, self.folder)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.address)).bearer_auth(KEY)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.unwrap()
    }

    /// Sends events and gives the receipt.
    pub(crate) async fn send(&self, events: &[Value]) -> Value {
        let response = self.post("/api/events", &json!({ "events": events })).await;
        assert_eq!(response.status(), 202);
        response.json().await.unwrap()
    }

    pub(crate) async fn health(&self) -> (u16, Health) {
        let response = self.client.get(format!("{}/api/health", self.address)).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub(crate) async fn wait_for(&self, what: &str, condition: impl AsyncFn() -> bool) {
        wait_for(what, condition).await;
    }

    /// Waits until this many events of a session can be read.
    pub(crate) async fn wait_for_events(&self, session: &str, count: usize) -> Value {
        let path = format!("/api/sessions/{session}/events?limit=500");
        let stored = async || {
            let response = self.get(&path).await;
            response.status() == 200
                && response.json::<Value>().await.unwrap()["items"].as_array().unwrap().len() >= count
        };
        self.wait_for("the events to be stored", stored).await;
        self.json(&path).await
    }
}

pub(crate) async fn wait_for(what: &str, condition: impl AsyncFn() -> bool) {
    let wait = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, wait).await.unwrap_or_else(|_| panic!("waited in vain for {what}"));
}

pub(crate) fn config(neighbours: &Neighbours, folder: &Path, settings: &[(&str, &str)]) -> Config {
    let mut sources = Sources::default();
    sources.environment.extend(environment(neighbours, folder, settings));
    Config::read(&sources).unwrap()
}

/// The variables of a server that uses these neighbours and keeps its data in this folder.
pub(crate) fn environment(
    neighbours: &Neighbours,
    folder: &Path,
    settings: &[(&str, &str)],
) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::new();
    let mut set = |name: &str, value: &str| {
        environment.insert(name.to_owned(), value.to_owned());
    };
    set("API_KEY", KEY);
    set("HOST", "127.0.0.1");
    set("PORT", "0");
    set("METRICS_LISTEN", "127.0.0.1:0");
    set("DATA_DIR", folder.join("data").to_str().unwrap());
    if let Some(postgres) = &neighbours.postgres {
        set("DATABASE_URL", &postgres.url());
    }
    if let Some(redis) = &neighbours.redis {
        set("REDIS_URL", &redis.url());
    }
    if let Some(s3) = &neighbours.s3 {
        set("S3_ENDPOINT", &s3.endpoint());
        set("S3_BUCKET", s3.bucket());
        set("S3_ACCESS_KEY_ID", s3.access_key_id());
        set("S3_SECRET_ACCESS_KEY", s3.secret_access_key());
    }
    for (name, value) in settings {
        set(name, value);
    }
    environment
}

/// What a run of the program came to.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}\n{}", self.stdout, self.stderr))
    }
}

/// Runs the real program to its end, with nothing but this in its environment.
pub(crate) async fn run(arguments: &[&str], environment: &BTreeMap<String, String>) -> Ended {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_remote-agent-server"));
    command.args(arguments).env_clear().envs(environment).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(60), command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("{arguments:?} does not end")).unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn install_crypto() {
    drop(rustls::crypto::ring::default_provider().install_default());
}

pub(crate) fn client() -> Client {
    install_crypto();
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// A new event.
#[expect(clippy::needless_pass_by_value, reason = "callers make it on the spot")]
pub(crate) fn event(kind: &str, session: &str, data: Value) -> Value {
    json!({
        "id": Uuid::new_v4(),
        "type": kind,
        "timestamp": chrono::Utc::now(),
        "sessionId": session,
        "workspace": "garden",
        "device": "laptop",
        "data": data,
    })
}

/// Makes each `async fn name(ground: Ground)` a test on both grounds.
macro_rules! on_both_grounds {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            use super::Ground;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() {
                super::$name(Ground::Embedded).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn full() {
                super::$name(Ground::Full).await;
            }
        })+
    };
}
pub(crate) use on_both_grounds;
