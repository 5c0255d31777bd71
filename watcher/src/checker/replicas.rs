//! Replicas that share Redis: one of them checks, all of them know.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contract::ErrorCode;
use releases::source::SourceFailure;

use super::{Checker, Reason, SHORTEST_BACKOFF};
use crate::clock::delta;
use crate::snapshot::{Failure, Snapshot};
use crate::watched::Watched;

/// A replica that dies while it checks blocks the others no longer than this.
const LEASE: Duration = Duration::from_secs(60);
/// How often the others look whether it has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How often a replica looks for what others have learnt or people decided there.
const LISTEN_EVERY: Duration = Duration::from_secs(1);

impl Checker {
    /// Checks this target unless another replica has done so in this interval, or is doing it.
    pub(super) async fn round_among_replicas(&self, watched: &Watched, reason: Reason) {
        let name = watched.target.name.as_str();
        let deadline = tokio::time::Instant::now() + LEASE;
        loop {
            match self.store.lease(name, LEASE).await {
                Ok(true) => break,
                Ok(false) if tokio::time::Instant::now() < deadline => tokio::time::sleep(LOOK_AGAIN).await,
                Ok(false) => return,
                Err(error) => return self.without_store(watched, &error.to_string()),
            }
        }
        self.adopt(watched).await;
        if self.done_by_another(watched, reason) {
            let rest = watched.with_snapshot(left_alone_until).map(|until| until - self.skew());
            watched.expect_check(rest.unwrap_or_else(|| self.next_by_schedule()));
        } else {
            self.look(watched).await;
        }
        self.store.release(name).await;
    }

    /// Whether the shared answer is young enough for this reason to ask no more.
    fn done_by_another(&self, watched: &Watched, reason: Reason) -> bool {
        let interval = self.cron.interval(self.clock.steady());
        let enough = match reason {
            Reason::Schedule => interval - interval / 5,
            Reason::Request => SHORTEST_BACKOFF,
            Reason::Forced => delta(self.force_interval()),
        };
        let rest = watched.with_snapshot(left_alone_until);
        if let Some(until) = rest.filter(|_| reason != Reason::Forced) {
            return self.clock.wall() < until;
        }
        let enough = if rest.is_some() { enough.min(SHORTEST_BACKOFF) } else { enough };
        let last = watched.with_snapshot(|snapshot| snapshot.last_attempt);
        last.is_some_and(|last| {
            let age = self.clock.wall() - last;
            age >= TimeDelta::zero() && age < enough
        })
    }

    fn next_by_schedule(&self) -> DateTime<Utc> {
        let now = self.clock.steady();
        let skew = self.skew();
        self.cron.next_after(now + skew).map_or(now + SHORTEST_BACKOFF, |at| at - skew)
    }

    /// A budget that nobody can see is not spent: no check, and the answer says why.
    fn without_store(&self, watched: &Watched, message: &str) {
        let mut snapshot = watched.snapshot();
        let cause = SourceFailure::new(ErrorCode::Budget, format!("{message}; checks wait for it"));
        let now = self.clock.wall();
        let retry = now + SHORTEST_BACKOFF / 2;
        let failure = Failure::following(snapshot.failure.as_ref(), &cause, now);
        snapshot.failure = Some(Failure { retry_at: Some(retry), ..failure });
        watched.learn(snapshot, Some(self.clock.steady() + SHORTEST_BACKOFF / 2));
    }

    /// Takes over what is kept in common.
    async fn adopt(&self, watched: &Watched) {
        let Some(saved) = self.store.load(&watched.target.name).await else { return };
        watched.decide(saved.decisions);
        if saved.snapshot.question == watched.snapshot().question {
            let known = saved.snapshot.known.is_some();
            let running = watched.with_snapshot(|snapshot| snapshot.running.clone());
            let snapshot = Snapshot { running: running.or(saved.snapshot.running.clone()), ..saved.snapshot };
            watched.learn(snapshot, None);
            if known {
                watched.settle();
            }
        }
    }

    /// Follows what other replicas learn and decide, until it is dropped.
    pub async fn listen(self: Arc<Self>) {
        let Some(redis) = self.store.shared() else { return };
        let mut seen = std::collections::HashMap::new();
        loop {
            if let Ok(revisions) = redis.revisions().await {
                for watched in self.targets() {
                    let revision = revisions.get(&watched.target.name);
                    if revision.is_some() && seen.get(&watched.target.name) != revision {
                        self.adopt(watched).await;
                    }
                }
                seen = revisions;
            }
            tokio::time::sleep(LISTEN_EVERY).await;
        }
    }
}

/// Until when an attempt that failed, or was cut off with the replica that made it, is not repeated. Wall clock.
fn left_alone_until(snapshot: &Snapshot) -> Option<DateTime<Utc>> {
    let cut_off = snapshot.last_attempt.filter(|attempt| snapshot.last_success < Some(*attempt));
    match &snapshot.failure {
        Some(failure) => Some(failure.retry_at.unwrap_or(failure.since + SHORTEST_BACKOFF)),
        None => cut_off.map(|attempt| attempt + SHORTEST_BACKOFF),
    }
}
