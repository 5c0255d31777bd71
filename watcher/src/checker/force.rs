//! `?force=true`: a wish, granted within the floor and the budget.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{Checker, LONGEST_WAIT, Reason};
use crate::clock::{delta, seconds_until};

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forced {
    /// The check has run, or was joined.
    Checked,
    /// Not now; again in so many seconds.
    Refused {
        /// Until it can be granted.
        retry_after_seconds: u64,
    },
    /// The check runs and takes longer than anybody should wait.
    StillRunning,
}

impl Checker {
    /// Grants or refuses a wish for a check of this target. Waits for the check at most ten seconds.
    pub async fn force(self: &Arc<Self>, index: usize) -> Forced {
        // Before any look at what is known: a round that ends after this moment is an answer to this wish.
        let asked = self.clock.steady();
        if self.config.disabled {
            return Forced::Refused { retry_after_seconds: 3600 };
        }
        if !self.targets[index].is_being_checked()
            && let Some(retry_after_seconds) = self.refusal(index).await
        {
            return Forced::Refused { retry_after_seconds };
        }
        let checker = Arc::clone(self);
        let check =
            self.runtime.spawn(async move { checker.check_since(index, Reason::Forced, asked).await });
        match tokio::time::timeout(LONGEST_WAIT, check).await {
            Ok(_) => Forced::Checked,
            Err(_) => Forced::StillRunning,
        }
    }

    /// Seconds until a wish could be granted, if not now: the floor between rounds, then the budget.
    async fn refusal(&self, index: usize) -> Option<u64> {
        let watched = &self.targets[index];
        let (now, skew) = (self.clock.steady(), self.skew());
        let floor = delta(self.force_interval());
        let last = watched.with_snapshot(|snapshot| snapshot.last_attempt).map(|at| at - skew);
        // A time ahead of now is a clock that was set back; it must not close the door for ever.
        let open = last.map(|last| last.min(now) + floor).filter(|open| *open > now);
        if let Some(open) = open {
            return Some(seconds_until(open, now));
        }
        let requests = 2 + if watched.target.image.is_some() { 3 } else { 0 };
        let refusal = self.gate.may_force(requests).await.err()?;
        Some(seconds_until(refusal.retry_at.max(now + TimeDelta::seconds(1)), now))
    }
}
