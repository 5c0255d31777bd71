//! Two readings of time, so that a wrong or jumping clock can neither spend the budget nor stop the checks.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// Reads the time for one process.
///
/// `wall` is what people read. `steady` started at the same instant and has run evenly since: budgets,
/// back-off and schedules count on it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    started_wall: DateTime<Utc>,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now(), started_wall: Utc::now() }
    }

    /// The host's idea of the time; may jump.
    #[must_use]
    pub fn wall(&self) -> DateTime<Utc> {
        Utc::now()
    }

    /// Never jumps: the time at the start of the process plus what has passed since.
    #[must_use]
    pub fn steady(&self) -> DateTime<Utc> {
        self.started_wall + delta(self.started.elapsed())
    }

    /// How long the process has run.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }
}

/// A span as chrono counts it; the longest one where it would not fit.
#[must_use]
pub fn delta(span: Duration) -> TimeDelta {
    TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX)
}

/// Whole seconds from `now` until `then`, rounded up, at least 1; for `Retry-After`.
#[must_use]
pub fn seconds_until(then: DateTime<Utc>, now: DateTime<Utc>) -> u64 {
    let millis = (then - now).num_milliseconds().max(1);
    u64::try_from(millis).unwrap_or(1).div_ceil(1000)
}
