//! A web site with the components on it whose answers are scripted: every state, every refusal, every policy.

mod answers;
mod script;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use serde_json::{Value, json};
use tokio::sync::watch;

pub use script::{Asked, Decisions, Forced, Reply, Script, Stream};

use crate::module::{self, Served};

/// A running site. It ends with its handle.
pub struct Stub {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    shared: Arc<Shared>,
    handle: ServerHandle,
}

/// What its handlers share.
pub(crate) struct Shared {
    script: Mutex<Script>,
    revision: watch::Sender<u64>,
    served: &'static Served,
    pub(crate) open_streams: Arc<()>,
}

impl Shared {
    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    pub(crate) fn changed(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }
}

impl Stub {
    /// Starts one that tells this state.
    ///
    /// # Panics
    /// If no port can be bound.
    pub async fn start(state: Value) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), state).await
    }

    /// Starts one on this address, for instance where another one was before.
    ///
    /// # Panics
    /// If the address cannot be bound.
    pub async fn start_at(address: SocketAddr, state: Value) -> Self {
        let shared = Arc::new(Shared {
            script: Mutex::new(Script::new(state)),
            revision: watch::Sender::new(0),
            served: module::served().await,
            open_streams: Arc::new(()),
        });
        let data = web::Data::from(Arc::clone(&shared));
        let server = HttpServer::new(move || App::new().app_data(data.clone()).configure(answers::configure))
            .workers(1)
            .disable_signals()
            .shutdown_timeout(0)
            .bind(address)
            .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, shared, handle }
    }

    /// Changes what is answered; open streams tell it at once.
    pub fn change(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.shared.script());
        self.shared.changed();
    }

    /// Tells another state.
    pub fn tell(&self, state: Value) {
        self.change(|script| script.state = state);
    }

    /// Shows this body at `/`, in a page of this language.
    pub fn show(&self, language: &str, body: &str) {
        self.change(|script| {
            script.language = language.to_owned();
            script.body = body.to_owned();
        });
    }

    /// What was asked so far: method, path with query, body.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.script().asked.clone()
    }

    /// How often that was asked, such as `POST /api/version/skip`.
    #[must_use]
    pub fn count(&self, what: &str) -> usize {
        self.asked().iter().filter(|asked| asked.line == what).count()
    }

    /// How many streams are open now.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        Arc::strong_count(&self.shared.open_streams) - 1
    }

    /// Everything that was asked and is not of the page or the components' interface.
    #[must_use]
    pub fn strays(&self) -> Vec<String> {
        let ours = |line: &str| {
            let path = line.split_once(' ').map_or(line, |(_, path)| path);
            let path = path.split('?').next().unwrap_or(path);
            path == "/"
                || path == "/favicon.ico"
                || path == "/update-banner.js"
                || path == "/page.css"
                || path == "/api/changelog"
                || path.starts_with("/api/version")
        };
        self.asked().into_iter().map(|asked| asked.line).filter(|line| !ours(line)).collect()
    }

    /// Ends it: nobody listens there any more, and every connection is closed.
    pub async fn stop(self) -> SocketAddr {
        self.handle.stop(false).await;
        self.url.trim_start_matches("http://").parse().unwrap()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

/// Both components, as a page has them.
#[must_use]
pub fn both() -> &'static str {
    "<update-banner src=\"/api/version\"></update-banner>\
     <main><h1>Some page</h1><p>Its own text.</p><version-widget src=\"/api/version\"></version-widget></main>\
     <footer><a href=\"#end\" id=\"after\">The end</a></footer>"
}

/// An answer of `GET /api/changelog` with these entries and a next page if one is named.
#[must_use]
pub fn changelog(entries: &[Value], next_page: Option<u64>) -> Value {
    json!({
        "name": "remote-agent", "from": "1.2.3", "to": "1.3.0", "total": 25, "page": next_page.map_or(2, |next| next - 1),
        "limit": 20, "nextPage": next_page, "breaking": false, "security": false, "complete": true,
        "url": "https://github.com/yourorg/remote-agent/releases", "entries": entries,
    })
}

/// One entry of it.
#[must_use]
pub fn entry(version: &str, notes_html: &str) -> Value {
    json!({
        "kind": "release", "version": version, "title": format!("v{version}"),
        "url": format!("https://github.com/yourorg/remote-agent/releases/tag/v{version}"),
        "publishedAt": "2026-01-29T09:00:00Z", "prerelease": false, "severity": "minor", "breaking": false,
        "security": false, "notes": "notes", "notesHtml": notes_html, "truncated": false, "groups": [],
    })
}
