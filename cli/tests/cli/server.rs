//! Remote Agent's server in this process, and servers that answer what a test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use app::config::{Config, Sources};
use app::startup::Server;
use contract::BuildStamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::helpers::{KEY, wait_for};

const STAMP: BuildStamp =
    BuildStamp { version: "1.2.3", commit: "0123456789abcdef0123456789abcdef01234567", date: "2026-01-30" };

/// The real one, with SQLite and files.
pub(crate) struct RealServer {
    pub(crate) address: String,
    _folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    ended: Option<JoinHandle<()>>,
}

impl RealServer {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data").display().to_string();
        let basics = [
            ("API_KEY", KEY),
            ("HOST", "127.0.0.1"),
            ("PORT", "0"),
            ("METRICS_LISTEN", "127.0.0.1:0"),
            ("DATA_DIR", data.as_str()),
        ];
        let mut sources = Sources::default();
        let all =
            basics.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        sources.environment.extend(all);
        let config = Config::read(&sources).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let (told, address) = mpsc::channel();
        let ended = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let server = Server::build(config, STAMP).await.unwrap();
                told.send(format!("http://{}", server.address)).unwrap();
                server.run(async { drop(stopped.await) }).await.unwrap();
            });
        });
        let address = address.recv().unwrap();
        let server = Self { address, _folder: folder, stop: Some(stop), ended: Some(ended) };
        wait_for("the server to be ready", || server.get("/readyz").is_some());
        server
    }

    fn get(&self, path: &str) -> Option<Value> {
        let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let answer = client.get(format!("{}{path}", self.address)).bearer_auth(KEY).send().ok()?;
        if !answer.status().is_success() {
            return None;
        }
        Some(answer.json().unwrap_or(Value::Null))
    }

    /// All events of a session as they are stored.
    pub(crate) fn events(&self, session: &str) -> Vec<Value> {
        let (mut events, mut cursor) = (Vec::new(), String::new());
        loop {
            let Some(page) = self.get(&format!("/api/sessions/{session}/events?limit=500{cursor}")) else {
                return events;
            };
            events.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return events,
            }
        }
    }

    pub(crate) fn transcript(&self, session: &str) -> Option<String> {
        let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/api/sessions/{session}/transcript", self.address);
        let answer = client.get(url).bearer_auth(KEY).send().unwrap();
        answer.status().is_success().then(|| answer.text().unwrap())
    }
}

impl Drop for RealServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(ended) = self.ended.take() {
            drop(ended.join());
        }
    }
}

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) body: String,
}

/// What is answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: &'static str,
    pub(crate) body: String,
    pub(crate) after: Duration,
}

impl Answer {
    pub(crate) fn of(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: "", body: body.into(), after: Duration::ZERO }
    }
}

/// A server that answers what a test says; gives its address. It ends with the test's process.
pub(crate) fn canned(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = std::sync::Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = std::sync::Arc::clone(&answer);
            thread::spawn(move || drop(serve(&stream, &*answer)));
        }
    });
    address
}

fn serve(stream: &TcpStream, answer: &dyn Fn(&Asked) -> Answer) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line)?;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let asked = Asked { line: line.trim().to_owned(), body: String::from_utf8_lossy(&body).into_owned() };
    let Answer { status, headers, body, after } = answer(&asked);
    thread::sleep(after);
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// An address where nobody listens.
pub(crate) fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
