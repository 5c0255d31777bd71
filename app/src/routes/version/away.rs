//! What is told while the watcher does not answer: what runs, and that nothing else is known.

use actix_web::HttpResponse;
use actix_web::http::header;
use chrono::Utc;
use contract::{
    Behind, CheckError, Comparison, ErrorCode, Security, Status, UpgradeAdvice, UpgradeHow, VersionState,
};
use serde::Serialize;

/// What people call this program.
const NAME: &str = "remote-agent";

/// The state, and a word for those who only look for that.
#[derive(Serialize)]
struct Away {
    #[serde(flatten)]
    state: VersionState,
    watcher: &'static str,
}

/// The answer.
pub(super) fn answer(current: Option<&str>, message: &str) -> HttpResponse {
    let told = Away { state: state(current, message), watcher: "unavailable" };
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(told)
}

fn state(current: Option<&str>, message: &str) -> VersionState {
    VersionState {
        name: NAME.into(),
        current: current.map(str::to_owned),
        latest: None,
        update_available: None,
        release_url: None,
        release_notes: None,
        last_checked: None,
        status: Status::Unknown,
        track: "releases".into(),
        channel: "stable".into(),
        via: None,
        release_notes_html: None,
        published_at: None,
        severity: None,
        behind: Behind::default(),
        comparison: Comparison::Unknown,
        pending: None,
        security: Security::default(),
        next_hop: None,
        skipped: None,
        snoozed_until: None,
        forced: false,
        retry_after_seconds: None,
        last_attempt: None,
        next_check: None,
        upgrade: UpgradeAdvice { how: UpgradeHow::default(), command: None },
        withdrawn: None,
        moved_to: None,
        error: Some(CheckError {
            code: ErrorCode::WatcherUnavailable,
            message: message.to_owned(),
            since: Utc::now(),
            retry_at: None,
        }),
    }
}
