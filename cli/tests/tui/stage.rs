//! A model with something in it, and what is seen of it.

use chrono::{DateTime, TimeDelta, Utc};
use cli::tui::event_line::EventLine;
use cli::tui::key::Key;
use cli::tui::look::Look;
use cli::tui::message::{Ask, Message, Place};
use cli::tui::model::Model;
use cli::tui::trouble::{Trouble, TroubleKind};
use cli::tui::update::update;
use cli::tui::view::view;
use cli::tui::when::Zone;
use contract::{Activity, BuildStamp, Changelog, Health, Page, Session, Transcript, VersionState};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};

pub(crate) const STAMP: BuildStamp =
    BuildStamp { version: "1.2.0", commit: "0123456789abcdef0123456789abcdef01234567", date: "2026-01-30" };
pub(crate) const PLAIN: Look = Look { colour: false, unicode: true };

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// A model, and what it asked for.
pub(crate) struct Stage {
    pub(crate) model: Model,
    pub(crate) asks: Vec<Ask>,
}

impl Stage {
    /// Before anything came.
    pub(crate) fn empty(size: (u16, u16)) -> Self {
        let model = Model::new("http://agent.local:5100", STAMP, Zone::utc(), now());
        let mut stage = Self { model, asks: Vec::new() };
        stage.tell(Message::Resized(size.0, size.1));
        stage
    }

    /// With a server that is well, an update, and something in every list.
    pub(crate) fn full(size: (u16, u16)) -> Self {
        let mut stage = Self::empty(size);
        stage.tell(Message::Health(Ok(health("ok"))));
        stage.tell(Message::Version(Ok(version(&json!({})))));
        stage.tell(Message::Sessions(Place::First, page(sessions())));
        stage.tell(Message::Activity(Place::First, page(activity())));
        stage.tell(Message::Live(events(12)));
        stage.asks.clear();
        stage
    }

    pub(crate) fn tell(&mut self, message: Message) {
        self.asks.extend(update(&mut self.model, message));
    }

    pub(crate) fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            self.key(Key::Char(key));
        }
    }

    pub(crate) fn key(&mut self, key: Key) {
        self.tell(Message::Key(key));
    }

    pub(crate) fn screen(&self) -> Terminal<TestBackend> {
        self.screen_with(PLAIN)
    }

    pub(crate) fn screen_with(&self, look: Look) -> Terminal<TestBackend> {
        let (columns, rows) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| view(frame.buffer_mut(), &self.model, look)).unwrap();
        terminal
    }

    /// All that is seen, as one text.
    pub(crate) fn text(&self) -> String {
        self.screen().backend().to_string()
    }
}

pub(crate) fn page<T>(items: Vec<T>) -> Page<T> {
    Page { items, next_cursor: None }
}

pub(crate) fn trouble(kind: TroubleKind, text: &str) -> Trouble {
    Trouble { kind, text: text.into(), again: Some(now() + TimeDelta::seconds(8)), wait: None }
}

pub(crate) fn health(status: &str) -> Health {
    let queue = if status == "ok" { "ok" } else { "down" };
    serde_json::from_value(json!({
        "status": status, "name": "remote-agent", "version": "1.2.0", "commit": "89abcdef0123456789abcdef0123456789abcdef",
        "builtAt": "2026-01-30", "uptimeSeconds": 5, "schemaVersion": 3, "installationId": "x",
        "checks": {"database": {"status": "ok", "detail": null}, "queue": {"status": queue, "detail": "away"}},
    }))
    .unwrap()
}

pub(crate) fn version(changes: &Value) -> VersionState {
    let mut state = json!({
        "name": "remote-agent", "current": "1.2.0", "latest": "1.3.0", "updateAvailable": true,
        "releaseUrl": "https://github.com/yourorg/remote-agent/releases/tag/v1.3.0", "releaseNotes": null,
        "lastChecked": "2026-11-22T11:30:00Z", "status": "ok", "track": "releases", "channel": "stable", "via": "rest",
        "releaseNotesHtml": null, "publishedAt": null, "severity": "minor",
        "behind": {"releases": 1, "commits": null, "days": 2}, "comparison": "behind", "pending": null,
        "security": {"affected": false, "severity": null, "latestAffected": null, "advisories": []},
        "nextHop": null, "skipped": null, "snoozedUntil": null, "forced": false, "retryAfterSeconds": null,
        "lastAttempt": null, "nextCheck": null, "upgrade": {"how": "compose", "command": "./upgrade.sh"},
        "withdrawn": null, "movedTo": null, "error": null,
    });
    for (key, value) in changes.as_object().unwrap() {
        state[key] = value.clone();
    }
    serde_json::from_value(state).unwrap()
}

pub(crate) fn changelog() -> Changelog {
    let entry = |version: &str, notes: &str, security: bool| {
        json!({
            "kind": "release", "version": version, "title": format!("v{version}"), "url": null,
            "publishedAt": "2026-11-20T09:00:00Z", "prerelease": false, "severity": "minor", "breaking": false,
            "security": security, "notes": notes, "notesHtml": null, "truncated": false, "groups": [],
        })
    };
    let long = "### What's New\n- Feature **X**, see [the guide](https://example.org/x)\n- Another feature that needs so many \
                words that no narrow window can show all of them in one line\n\n```sh\n./upgrade.sh --check\n```\n";
    serde_json::from_value(json!({
        "name": "remote-agent", "from": "1.2.0", "to": "1.3.0", "total": 2, "page": 1, "limit": 50, "nextPage": null,
        "breaking": false, "security": true, "complete": true, "url": "https://github.com/yourorg/remote-agent/releases",
        "entries": [entry("1.3.0", long, false), entry("1.2.1", "Mends a leak.", true)],
    }))
    .unwrap()
}

pub(crate) fn session(number: i64) -> Session {
    let first = now() - TimeDelta::minutes(7 + 50 * number);
    let ended = number % 4 != 0;
    let count = u64::try_from(number).unwrap();
    Session {
        id: format!("session-{number:04}"),
        workspace: Some(
            ["garden", "shed", "日本語の庭", "a-very-long-workspace-name"]
                [usize::try_from(number % 4).unwrap()]
            .into(),
        ),
        device: Some("laptop".into()),
        model: Some("some-model-4".into()),
        started_at: Some(first),
        ended_at: ended.then(|| first + TimeDelta::minutes(number)),
        first_event_at: first,
        last_event_at: first + TimeDelta::minutes(3),
        events: 12 + count,
        prompts: count * 3,
        tool_uses: count * 17,
        commits: count % 3,
        input_tokens: count * 12_345,
        output_tokens: count * 678,
        cache_read_tokens: count * 1_000_000,
        cost_usd: f64::from(i32::try_from(number).unwrap()) * 0.42,
        transcript: ended.then(|| Transcript {
            sha256: "ab".repeat(32),
            bytes: 1_234_567,
            content_type: "application/jsonl".into(),
            uploaded_at: first + TimeDelta::minutes(5),
        }),
        ..Session::default()
    }
}

pub(crate) fn sessions() -> Vec<Session> {
    (0..60).map(session).collect()
}

pub(crate) fn events(count: i64) -> Vec<EventLine> {
    let kinds = ["session.start", "session.prompt", "session.tool_use", "git.commit"];
    let line = |number: i64| EventLine {
        id: format!("e{number}"),
        at: now() - TimeDelta::seconds(20 * (count - number)),
        kind: kinds[usize::try_from(number % 4).unwrap()].into(),
        session_id: Some("session-0000".into()),
        workspace: Some("garden".into()),
        summary: "Mend the gate so that it closes by itself, also in the wind".into(),
        data: r#"{"prompt":"Mend the gate","length":13}"#.into(),
    };
    (0..count).map(line).collect()
}

pub(crate) fn activity() -> Vec<Activity> {
    let entry = |number: i64| Activity {
        id: format!("a{number}"),
        kind: if number % 5 == 4 { "git.push" } else { "git.commit" }.into(),
        at: now() - TimeDelta::hours(number * 5),
        workspace: session(number).workspace,
        session_id: (number % 2 == 0).then(|| "session-0000".into()),
        device: None,
        repository: None,
        branch: Some("feature/rows".into()),
        sha: Some("0123456789abcdef0123456789abcdef01234567".into()),
        subject: Some("Sow the beds in rows, and water them".into()),
        additions: Some(120),
        deletions: Some(7),
    };
    (0..30).map(entry).collect()
}
