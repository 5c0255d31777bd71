//! What an HTTP status of GitHub means as a failure.

use chrono::Utc;
use contract::ErrorCode;
use serde::Deserialize;

use crate::Repo;
use crate::json::{self, BadAnswer, Loose};
use crate::outbound::{Reply, host_label, plain};
use crate::source::SourceFailure;

#[derive(Deserialize)]
struct Complaint {
    #[serde(default)]
    message: Loose,
}

pub(super) fn host(reply: &Reply) -> String {
    host_label(&reply.url)
}

/// A status that is no answer to the question.
pub(super) fn status(reply: &Reply) -> SourceFailure {
    let (host, status) = (host(reply), reply.status);
    if reply.limits.limited {
        let until = reply.limits.wait_until(Utc::now());
        let message = format!("{host}: asked to wait until {} (HTTP {status})", until.format("%FT%TZ"));
        return SourceFailure {
            retry_at: Some(until),
            ..SourceFailure::new(ErrorCode::RateLimited, message)
        };
    }
    let message = match status {
        410 => format!("{host}: no longer serves this API version (HTTP 410); a newer Sidewatch is needed"),
        304 => format!("{host}: answered \"not modified\" to a question without an ETag"),
        _ => format!("{host}: answered HTTP {status}{}", complaint(reply)),
    };
    // A 5xx may say how long to stay away, too.
    let retry_at = reply.limits.retry_after.filter(|_| status >= 500);
    SourceFailure { retry_at, ..SourceFailure::new(ErrorCode::HttpStatus, message) }
}

/// Upstream's own words for a refusal.
fn complaint(reply: &Reply) -> String {
    if !(400..500).contains(&reply.status) {
        return String::new();
    }
    let words = json::object::<Complaint>(&reply.body).ok().and_then(|complaint| complaint.message.text());
    words.map_or_else(String::new, |words| format!(" ({})", plain(&words)))
}

pub(super) fn not_found(reply: &Reply, repo: &Repo) -> SourceFailure {
    let message = format!(
        "asked for {repo} at {}: it does not exist, was renamed or is private; a private one needs SIDEWATCH_GITHUB_TOKEN",
        host(reply)
    );
    SourceFailure::settled(ErrorCode::NotFound, message)
}

pub(super) fn nothing_there(reply: &Reply, repo: &Repo, what: &str) -> SourceFailure {
    SourceFailure::settled(ErrorCode::NoRelease, format!("{repo} at {} has {what}", host(reply)))
}

pub(super) fn bad_answer(reply: &Reply, error: BadAnswer) -> SourceFailure {
    SourceFailure::new(ErrorCode::Parse, format!("{}: {error}", host(reply)))
}
