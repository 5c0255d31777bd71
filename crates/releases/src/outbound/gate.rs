//! The account that every request is charged to: asked before, told after.

use chrono::{DateTime, Utc};
use contract::ErrorCode;

/// Which allowance a request is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// GitHub's REST API: counts against its hourly limit.
    Rest,
    /// GitHub's web site: redirect, Atom, git references, release assets.
    Web,
    /// The image registry and its token service.
    Registry,
}

/// The budget, as the way out sees it. Implemented by whoever keeps the account.
#[async_trait::async_trait]
pub trait Gate: Send + Sync {
    /// Asked before every request, also before each redirect hop; charges it.
    ///
    /// # Errors
    /// [`Refusal`] when it must not be sent now.
    async fn admit(&self, lane: Lane) -> Result<(), Refusal>;

    /// Told after every request that was admitted, unless the caller dropped the request half way.
    async fn settle(&self, lane: Lane, host: &str, outcome: &Outcome);
}

/// Why a request must not be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `Budget` (ours is spent) or `RateLimited` (upstream asked to wait).
    pub code: ErrorCode,
    /// In words.
    pub message: String,
    /// When it may be tried again.
    pub retry_at: DateTime<Utc>,
}

/// How a request ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// HTTP status; `None` if there was no answer.
    pub status: Option<u16>,
    /// The failure's class, if it failed below HTTP or was cut off.
    pub failure: Option<ErrorCode>,
    /// What the answer's headers said of limits (`x-ratelimit-*`, `retry-after`).
    pub limits: RateLimits,
    /// Whether a credential was sent along.
    pub authorized: bool,
}

/// What an answer's headers said of limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// `x-ratelimit-limit`.
    pub limit: Option<u64>,
    /// `x-ratelimit-remaining`.
    pub remaining: Option<u64>,
    /// `x-ratelimit-reset`.
    pub reset: Option<DateTime<Utc>>,
    /// `retry-after`, as an instant.
    pub retry_after: Option<DateTime<Utc>>,
    /// The answer means "wait": 403 or 429 with nothing remaining, a `retry-after`, or a secondary limit.
    pub limited: bool,
}
