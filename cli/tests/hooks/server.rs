//! From a hook to the server: once, in order, also if the server comes later.

use std::time::{Duration, Instant};

use app::config::{Config as ServerConfig, Sources};
use app::startup::Server;
use cli::config::{self, Config};
use cli::server_client::{ListQuery, ServerClient};
use contract::{BuildStamp, StoredEvent};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::agent_events::{call, payload, transcript};
use crate::home::Home;

const KEY: &str = "test-key-of-no-value-0123456789";
const STAMP: BuildStamp =
    BuildStamp { version: "1.2.3", commit: "0123456789abcdef0123456789abcdef01234567", date: "2026-01-30" };
const SESSION: &str = "00893aaf-19fa-41d2-8238-13269b9b3ca0";
const SOON: Duration = Duration::from_secs(30);

/// A server in this process, with SQLite.
struct Running {
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    port: u16,
}

impl Running {
    fn start(data: &TempDir, port: u16) -> Self {
        // Fails only where one is installed already.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut sources = Sources::default();
        for (name, value) in [
            ("API_KEY", KEY),
            ("HOST", "127.0.0.1"),
            ("PORT", &port.to_string()),
            ("METRICS_LISTEN", "127.0.0.1:0"),
            ("DATA_DIR", data.path().to_str().unwrap()),
        ] {
            sources.environment.insert(name.to_owned(), value.to_owned());
        }
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::build(ServerConfig::read(&sources).unwrap(), STAMP)).unwrap();
        let port = server.address.port();
        let (stop, stopped) = oneshot::channel();
        runtime.spawn(server.run(async {
            drop(stopped.await);
        }));
        Self { runtime, stop: Some(stop), port }
    }

    fn client(&self) -> ServerClient {
        let look_up = |name: &str| match name {
            config::API_KEY => Some(KEY.to_owned()),
            config::URL => Some(format!("http://127.0.0.1:{}", self.port)),
            "HOME" => Some("/nonexistent".to_owned()),
            _ => None,
        };
        let sources = config::Sources { url: None, file: None, look_up: &look_up };
        ServerClient::new(&Config::read(&sources).unwrap()).unwrap()
    }

    /// The events of the session, once there are so many.
    fn events(&self, count: usize) -> Vec<StoredEvent> {
        let client = self.client();
        let query = ListQuery { limit: Some(500), ..ListQuery::default() };
        wait_for("the events", || {
            let items = client.session_events(SESSION, &query).ok()?.items;
            (items.len() >= count).then_some(items)
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        let runtime = std::mem::replace(&mut self.runtime, Runtime::new().unwrap());
        runtime.shutdown_timeout(Duration::from_secs(5));
    }
}

fn wait_for<T>(what: &str, found: impl Fn() -> Option<T>) -> T {
    let until = Instant::now() + SOON;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < until, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn configure(home: &mut Home, port: u16) {
    home.set(config::URL, &format!("http://127.0.0.1:{port}"));
    home.set(config::API_KEY, KEY);
}

/// A session as it goes: it starts, is asked, commits, uses a tool, ends.
fn live(home: &mut Home) {
    let folder = home.repository("garden");
    home.set("CLAUDE_CODE_SESSION_ID", SESSION);
    call(home, &payload(home, "session-start"));
    call(home, &payload(home, "user-prompt-submit"));
    home.commit(&folder, "a", "1\n2\n", "Plant ☘");
    call(home, &payload(home, "post-tool-use-write"));
    call(home, &payload(home, "session-end"));
}

const LIVED: [&str; 5] = ["session.start", "session.prompt", "git.commit", "session.tool_use", "session.end"];

fn kinds(events: &[StoredEvent]) -> Vec<&str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

#[test]
fn a_session_its_commit_and_its_transcript_arrive_once_and_in_order() {
    let data = tempfile::tempdir().unwrap();
    let server = Running::start(&data, 0);
    let mut home = Home::new();
    configure(&mut home, server.port);
    transcript(&home, "{\"line\":1}\n{\"line\":2}\n");
    live(&mut home);
    assert_eq!(kinds(&server.events(LIVED.len())), LIVED);
    let client = server.client();
    let session = wait_for("the transcript", || {
        let page = client.sessions(&ListQuery::default()).ok()?;
        page.items.into_iter().find(|session| session.id == SESSION && session.transcript.is_some())
    });
    assert_eq!((session.prompts, session.tool_uses, session.commits), (1, 1, 1));
    assert_eq!(session.model.as_deref(), Some("claude-sonnet-4-6"));
    assert_eq!(session.transcript.unwrap().bytes, 22);
    let activity = client.activity(&ListQuery::default()).unwrap().items;
    assert_eq!(activity[0].subject.as_deref(), Some("Plant ☘"));
    assert_eq!((activity[0].additions, activity[0].deletions), (Some(2), Some(0)));
    assert_eq!(home.problem(), None);
}

#[test]
fn what_happened_while_the_server_was_away_arrives_once_it_is_there() {
    let data = tempfile::tempdir().unwrap();
    let port = drop_server_and_keep_port(&data);
    let mut home = Home::new();
    configure(&mut home, port);
    transcript(&home, "{}\n");
    live(&mut home);
    let server = Running::start(&data, port);
    wait_for("the server to take it", || {
        home.try_run(home.path(), &["spool", "send"]).status.success().then_some(())
    });
    assert_eq!(kinds(&server.events(LIVED.len())), LIVED);
    assert_eq!(home.problem(), None);
}

/// A port on which a server was a moment ago, and will be again.
fn drop_server_and_keep_port(data: &TempDir) -> u16 {
    Running::start(data, 0).port
}
