//! `GET /api/stream`: Server-Sent Events, one `version` on every change of state.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::{AppState, Selected};
use crate::error::ApiError;
use crate::watched::Watched;

/// Something is sent at least so often, so that a dead connection is noticed on both sides.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How long a browser waits before it connects again, milliseconds.
const RECONNECT: &str = "retry: 5000\n";

/// Changes of one target, as they happen.
#[utoipa::path(
    get,
    path = "/api/stream",
    tag = "version",
    params(super::TargetQuery),
    responses(
        (status = 200, description = "Events named `version`; the data is what `/api/version` answers", body = String, content_type = "text/event-stream"),
        super::problems::ReadProblems,
        (status = 503, description = "Too many streams are open", body = contract::Problem, content_type = "application/problem+json")
    )
)]
pub async fn stream(state: web::Data<AppState>, selected: Selected) -> Result<HttpResponse, ApiError> {
    let place = Arc::clone(&state.streams).try_acquire_owned().map_err(|_| {
        ApiError::Unavailable("too many event streams are open; poll /api/version instead".into())
    })?;
    let follower = Follower {
        changes: selected.watched.changes(),
        watched: selected.watched,
        stopping: state.stopping.clone(),
        greeted: false,
        _place: place,
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events(follower)))
}

/// One open stream.
struct Follower {
    watched: Arc<Watched>,
    changes: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    greeted: bool,
    _place: OwnedSemaphorePermit,
}

impl Follower {
    async fn next(&mut self) -> Option<Bytes> {
        if !self.greeted {
            self.greeted = true;
            return Some(self.event());
        }
        tokio::select! {
            changed = self.changes.changed() => changed.ok()?,
            () = tokio::time::sleep(HEARTBEAT) => return Some(Bytes::from_static(b": still here\n\n")),
            _ = self.stopping.wait_for(|stopping| *stopping) => return None,
        }
        Some(self.event())
    }

    fn event(&mut self) -> Bytes {
        let revision = *self.changes.borrow_and_update();
        let ready = self.watched.ready();
        let json = String::from_utf8_lossy(&ready.body);
        // JSON on one line has no line breaks of its own, so nothing in it can start another event.
        Bytes::from(format!("{RECONNECT}id: {revision}\nevent: version\ndata: {json}\n\n"))
    }
}

fn events(follower: Follower) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok(event), follower))
    })
}
