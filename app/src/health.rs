//! Looks after the parts once a second and keeps the answer of `/api/health` ready.
//!
//! Readers never cause a look: a thousand of them cost the database nothing.

mod parts;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use arc_swap::ArcSwap;
use bytes::Bytes;
use contract::{BuildStamp, CheckStatus, Health, HealthStatus};
use tokio::time::{Instant, MissedTickBehavior};

use crate::domain::health::{Parts, told};
use crate::phase::{Phase, Phases};
pub use parts::Looker;

/// Between two looks.
const PERIOD: Duration = Duration::from_secs(1);
/// A look that is older tells that nobody looks any more.
const STALE: Duration = Duration::from_secs(10);

/// The answer, ready to send.
pub struct Board {
    shown: ArcSwap<Shown>,
    stamp: BuildStamp,
    started: Instant,
}

struct Shown {
    status: HealthStatus,
    body: Bytes,
    at: Instant,
}

impl Board {
    /// A board that says that nothing is known yet.
    #[must_use]
    pub fn new(stamp: BuildStamp) -> Self {
        let now = Instant::now();
        let nothing = Shown { status: HealthStatus::Down, body: Bytes::new(), at: now };
        let board = Self { shown: ArcSwap::from_pointee(nothing), stamp, started: now };
        let unknown = || told(CheckStatus::Down, "not looked at yet");
        let parts = Parts {
            database: unknown(),
            queue: unknown(),
            consumer: unknown(),
            blobs: unknown(),
            verified: false,
        };
        board.show(parts, &Phase::Waiting);
        board
    }

    /// Shows these parts from now on.
    pub fn show(&self, parts: Parts, phase: &Phase) {
        let status = parts.whole();
        let ready = match phase {
            Phase::Ready(ready) => Some(ready),
            Phase::Waiting | Phase::Migrating { .. } => None,
        };
        let health = Health {
            status,
            name: "remote-agent".into(),
            version: self.stamp.version.into(),
            commit: self.stamp.commit.into(),
            built_at: self.stamp.date.into(),
            uptime_seconds: self.started.elapsed().as_secs(),
            schema_version: ready.map(|ready| ready.schema_version),
            installation_id: ready.map(|ready| ready.installation_id.to_string()),
            checks: BTreeMap::from([
                ("database".into(), parts.database),
                ("queue".into(), parts.queue),
                ("consumer".into(), parts.consumer),
                ("blobs".into(), parts.blobs),
            ]),
        };
        let body = serde_json::to_vec(&health).unwrap_or_default().into();
        self.shown.store(Arc::new(Shown { status, body, at: Instant::now() }));
    }

    /// Whether events are accepted and the schema is verified.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        let shown = self.shown.load();
        is_serving(shown.status) && shown.at.elapsed() < STALE
    }

    /// The answer.
    #[must_use]
    pub fn respond(&self) -> HttpResponse {
        let shown = self.shown.load();
        let serves = is_serving(shown.status) && shown.at.elapsed() < STALE;
        let status = if serves { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        HttpResponse::build(status)
            .insert_header((header::CONTENT_TYPE, "application/json"))
            .body(shown.body.clone())
    }
}

fn is_serving(status: HealthStatus) -> bool {
    matches!(status, HealthStatus::Ok | HealthStatus::Degraded)
}

/// Looks for ever. A change for the worse or the better is logged once.
pub async fn look(board: Arc<Board>, looker: Looker, mut phases: Phases) {
    // Before its first word the database is only on its way.
    drop(tokio::time::timeout(PERIOD, phases.changed()).await);
    let mut tick = tokio::time::interval(PERIOD);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = None;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = phases.changed() => {}
        }
        look_once(&board, &looker, &phases, &mut last).await;
    }
}

async fn look_once(board: &Board, looker: &Looker, phases: &Phases, last: &mut Option<HealthStatus>) {
    let phase = phases.now();
    let parts = looker.look(&phase).await;
    let status = parts.whole();
    if *last != Some(status) {
        let checks = [
            ("database", &parts.database),
            ("queue", &parts.queue),
            ("consumer", &parts.consumer),
            ("blobs", &parts.blobs),
        ];
        let unwell = checks
            .into_iter()
            .filter(|(_, check)| !matches!(check.status, CheckStatus::Ok | CheckStatus::Off));
        let unwell: Vec<String> = unwell
            .map(|(name, check)| format!("{name}: {}", check.detail.as_deref().unwrap_or("unwell")))
            .collect();
        match status {
            HealthStatus::Ok => tracing::info!(health.status = "ok", "everything works"),
            HealthStatus::Migrating => tracing::info!(health.status = "migrating", "{}", unwell.join("; ")),
            HealthStatus::Degraded | HealthStatus::Down => {
                tracing::warn!(health.status = ?status, parts = unwell.join("; "), "not everything works");
            }
        }
        *last = Some(status);
    }
    board.show(parts, &phase);
}
