//! The real programs in this process: the watcher against a stand-in for GitHub, and Remote Agent's server.

mod requests;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use app::startup::Server;
use fake_github::{FakeGithub, NewRelease};
use tempfile::TempDir;
use test_servers::redis::{Redis, RedisOptions};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use watcher::startup::Watcher;

use crate::faces::ago;
use crate::{STAMP, wait_for};

/// The key of Remote Agent's API.
pub const KEY: &str = "test-key-of-no-value-0123456789";
/// The token that decisions need at the watcher.
pub const TOKEN: &str = "test-token-0123456789";
/// The repository that is watched.
pub const REPO: &str = "yourorg/remote-agent";

/// A program in this process; it ends with its handle.
pub struct Running {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    fn new(
        address: SocketAddr,
        run: impl FnOnce(oneshot::Receiver<()>) -> JoinHandle<anyhow::Result<()>>,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { url: format!("http://{address}"), address, stop: Some(stop), ended: run(stopped) }
    }

    /// Asks it to stop, waits for its end, and tells where it was.
    ///
    /// # Panics
    /// If it ends with an error, or not within 30 seconds.
    pub async fn stop(mut self) -> SocketAddr {
        drop(self.stop.take());
        let ended = tokio::time::timeout(Duration::from_secs(30), &mut self.ended).await;
        ended.expect("the program stops").expect("the program does not panic").expect("it ends well");
        self.address
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.ended.abort();
    }
}

/// A stand-in for GitHub with 1.2.3 and 1.3.0.
pub async fn github() -> FakeGithub {
    let fake = FakeGithub::start().await;
    let repo = fake.repo(REPO);
    let old = NewRelease::new("v1.2.3").notes("### Fixed\n- a typo");
    let new =
        NewRelease::new("v1.3.0").notes("### What's New\n- Feature X\n- [Feature Y](https://example.org/y)");
    repo.release(old.published(&ago(60 * 24 * 40))).release(new.published(&ago(60 * 24 * 12)));
    fake
}

/// A watcher in front of it, with these settings on top of the usual ones (names without their prefix).
///
/// # Panics
/// If it does not start.
pub async fn watcher(fake: &FakeGithub, changes: &[(&str, &str)]) -> Running {
    watcher_at("127.0.0.1:0", fake, changes).await
}

/// The same at this address, for instance where another one was before.
///
/// # Panics
/// If it does not start.
pub async fn watcher_at(listen: &str, fake: &FakeGithub, changes: &[(&str, &str)]) -> Running {
    drop(rustls::crypto::ring::default_provider().install_default());
    let usual = [
        ("REPO", REPO.to_owned()),
        ("CURRENT", "1.2.3".to_owned()),
        ("GITHUB_API_URL", fake.api_url()),
        ("GITHUB_WEB_URL", fake.web_url()),
        ("REGISTRY_URL", fake.registry_url()),
        ("LISTEN", listen.to_owned()),
        ("FORCE_INTERVAL", "0s".to_owned()),
        ("HOURLY_BUDGET", "100000".to_owned()),
        ("API_TOKEN", TOKEN.to_owned()),
    ];
    let changes = changes.iter().map(|(key, value)| (*key, (*value).to_owned()));
    let environment: HashMap<String, String> =
        usual.into_iter().chain(changes).map(|(key, value)| (format!("SIDEWATCH_{key}"), value)).collect();
    let sources = watcher::config::Sources { environment, ..Default::default() };
    let config = watcher::config::Config::read(&sources).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let watcher = Watcher::build(config, STAMP).await.expect("build the watcher");
    let address = watcher.address;
    Running::new(address, |stopped| tokio::spawn(watcher.run(async move { drop(stopped.await) })))
}

/// Remote Agent's server, on SQLite and files, with the things it needs.
pub struct App {
    /// The server.
    pub running: Running,
    /// For requests that no browser makes.
    pub client: reqwest::Client,
    /// Its queue, if it has one.
    pub redis: Option<Redis>,
    _folder: TempDir,
}

/// Starts one that asks the watcher at this address; with a real Redis as its queue if wanted.
///
/// # Panics
/// If it does not start.
pub async fn app(watcher_url: &str, with_queue: bool) -> App {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let redis = with_queue.then(|| Redis::start(RedisOptions::default()).unwrap());
    let mut environment: HashMap<String, String> = [
        ("API_KEY", KEY),
        ("HOST", "127.0.0.1"),
        ("PORT", "0"),
        ("METRICS_LISTEN", "127.0.0.1:0"),
        ("DATA_DIR", folder.path().join("data").to_str().unwrap()),
        ("WATCHER_URL", watcher_url),
        ("WATCHER_TOKEN", TOKEN),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    if let Some(redis) = &redis {
        environment.insert("REDIS_URL".to_owned(), redis.url());
    }
    let sources = app::config::Sources { environment, ..Default::default() };
    let config = app::config::Config::read(&sources).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let server = Server::build(config, STAMP).await.expect("build the server");
    let address = server.address;
    let running =
        Running::new(address, |stopped| tokio::spawn(server.run(async move { drop(stopped.await) })));
    let app = App { running, client: crate::module::client(), redis, _folder: folder };
    wait_for("the server to be ready", async || app.status("/readyz").await == 200).await;
    app
}
