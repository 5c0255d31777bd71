//! One check, start to end: what runs → what upstream has → can it be installed → what to tell.
//!
//! At most one check of a target runs at a time, whoever asked for it; whoever asks meanwhile joins it. A check
//! is never cancelled because the one who asked has gone, and a panic in it is a failed check.

mod force;
mod look;
mod replicas;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use moka::future::Cache;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::agenda::Agenda;
use crate::clock::{Clock, delta};
use crate::config::Config;
use crate::cron::{self, Cron};
use crate::gatekeeper::Gatekeeper;
use crate::metrics::Metrics;
use crate::notify::Notifier;
use crate::running::RunningReader;
use crate::state_store::StateStore;
use crate::upstream::Upstream;
use crate::watched::Watched;

pub use force::Forced;

/// Back-off after a failure: doubled each time, from the first to the second.
const SHORTEST_BACKOFF: TimeDelta = TimeDelta::seconds(60);
const LONGEST_BACKOFF: TimeDelta = TimeDelta::seconds(280);
/// A repository that is not there is asked for again after this.
const SETTLED_BACKOFF: TimeDelta = TimeDelta::minutes(15);
/// A reader waits so long for the first answer.
pub const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Why a check runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its time has come.
    Schedule,
    /// A request found an outdated answer.
    Request,
    /// Somebody asked for it.
    Forced,
}

/// A check that has ended.
#[derive(Debug)]
struct Round {
    /// Steady clock.
    ended: DateTime<Utc>,
}

/// Checks targets.
pub struct Checker {
    config: Arc<Config>,
    clock: Clock,
    cron: Cron,
    agenda: Agenda,
    targets: Vec<Arc<Watched>>,
    rounds: Cache<usize, Arc<Round>>,
    upstream: Upstream,
    gate: Arc<Gatekeeper>,
    running: Arc<RunningReader>,
    store: Arc<StateStore>,
    metrics: Arc<Metrics>,
    notifier: Notifier,
    runtime: Handle,
}

/// What a checker works with.
pub struct Parts {
    /// Everything that is configured.
    pub config: Arc<Config>,
    /// The process's clock.
    pub clock: Clock,
    /// The schedule.
    pub cron: Cron,
    /// One per configured target, in the same order.
    pub targets: Vec<Arc<Watched>>,
    /// The doors.
    pub upstream: Upstream,
    /// The budget.
    pub gate: Arc<Gatekeeper>,
    /// Reads what runs.
    pub running: RunningReader,
    /// Where state is kept.
    pub store: Arc<StateStore>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Tells others of changes.
    pub notifier: Notifier,
    /// Where checks run.
    pub runtime: Handle,
}

impl Checker {
    /// A checker that does nothing until it is asked.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let rounds = Cache::builder().time_to_live(parts.config.timing.cache_ttl).build();
        Self {
            config: parts.config,
            clock: parts.clock,
            cron: parts.cron,
            agenda: Agenda::default(),
            targets: parts.targets,
            rounds,
            upstream: parts.upstream,
            gate: parts.gate,
            running: Arc::new(parts.running),
            store: parts.store,
            metrics: parts.metrics,
            notifier: parts.notifier,
            runtime: parts.runtime,
        }
    }

    /// All targets, in the order of the configuration.
    #[must_use]
    pub fn targets(&self) -> &[Arc<Watched>] {
        &self.targets
    }

    /// Whether checks are switched off.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.config.disabled
    }

    /// The budget, for others who ask upstream.
    #[must_use]
    pub fn gate(&self) -> Arc<Gatekeeper> {
        Arc::clone(&self.gate)
    }

    /// Reads what runs.
    #[must_use]
    pub fn running(&self) -> Arc<RunningReader> {
        Arc::clone(&self.running)
    }

    /// What is due when.
    #[must_use]
    pub fn agenda(&self) -> &Agenda {
        &self.agenda
    }

    /// The process's clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The schedule has come: everything is due, each target after a jitter of its own.
    pub fn due_all(&self) {
        let now = self.clock.steady();
        let interval = self.cron.interval(now);
        self.metrics.scheduler_runs();
        for (target, watched) in self.targets.iter().enumerate() {
            // What was checked just before, or must wait for longer, is left to its own time; so is what failed,
            // until its back-off has ended, however often the schedule comes.
            let failed = watched.with_snapshot(|snapshot| snapshot.failure.is_some());
            let left_alone = if failed { TimeDelta::zero() } else { interval / 2 };
            if watched.next_check().is_none_or(|next| next <= now + left_alone) {
                self.agenda.put_earlier(target, now + delta(cron::jitter(interval)));
            }
        }
    }

    /// Puts down the first check of every target: now where nothing is known, later where a restart found a
    /// recent answer.
    pub fn begin(&self) {
        let (now, skew) = (self.clock.steady(), self.skew());
        let interval = self.cron.interval(now);
        for (index, watched) in self.targets.iter().enumerate() {
            let (attempt, retry) = watched.with_snapshot(|snapshot| {
                let failure = snapshot.failure.as_ref();
                let retry =
                    failure.map(|failure| failure.retry_at.unwrap_or(failure.since + SHORTEST_BACKOFF));
                let unanswered =
                    snapshot.known.is_none().then(|| snapshot.last_attempt.map(|at| at + SHORTEST_BACKOFF));
                (snapshot.last_attempt, retry.or(unanswered.flatten()))
            });
            // A clock set back must not put the next check years ahead.
            let steady = |at: DateTime<Utc>| (at - skew).min(now + interval);
            let first = match (attempt, retry) {
                (None, _) => now,
                (Some(_), Some(retry)) => steady(retry).max(now),
                (Some(attempt), None) => {
                    let due = steady(attempt + interval);
                    if due > now { due } else { now + delta(cron::jitter(TimeDelta::seconds(50))) }
                }
            };
            // A running commit that was never compared is asked about now; the rest can wait.
            let first = if watched.lacks_comparison() && retry.is_none() { now } else { first };
            watched.expect_check(first);
            let failed = watched.with_snapshot(|snapshot| snapshot.failure.is_some());
            if first > now + delta(LONGEST_WAIT) && (failed || self.store.shared().is_none()) {
                // What a reader would wait for does not come in time. (Another replica may be about to know.)
                watched.settle();
            }
            self.agenda.put(index, first);
        }
    }

    /// The host's clock has jumped, or the host has slept: what would have been due by now is due.
    pub fn catch_up(&self, index: usize) {
        let Some(watched) = self.targets.get(index) else { return };
        let now = self.clock.steady();
        let interval = self.cron.interval(now);
        let (last, failed) =
            watched.with_snapshot(|snapshot| (snapshot.last_attempt, snapshot.failure.is_some()));
        if !failed && last.is_none_or(|last| self.clock.wall() - last >= interval) {
            self.agenda.put_earlier(index, now + delta(cron::jitter(interval)));
        }
    }

    /// Starts a check if the answer is outdated or the scheduler has stalled; never waits.
    pub fn nudge(self: &Arc<Self>, index: usize) {
        let watched = &self.targets[index];
        let stalled = watched.is_stalled();
        if self.config.disabled || !(stalled || watched.wants_check()) || !watched.begin_nudge() {
            return;
        }
        if stalled {
            self.metrics.scheduler_stalled(self.clock.wall().timestamp());
            tracing::warn!(target.name = %watched.target.name, "the scheduler did not come; a request starts the check");
        }
        let checker = Arc::clone(self);
        self.runtime.spawn(async move {
            checker.check(index, Reason::Request).await;
            checker.targets[index].nudged.store(false, Ordering::Release);
        });
    }

    /// Checks one target, or joins the check that is under way. Ends when the check has ended.
    pub async fn check(self: &Arc<Self>, index: usize, reason: Reason) {
        self.check_since(index, reason, self.clock.steady()).await;
    }

    /// The same, in the background; `held` is let go at its end.
    pub fn start(self: &Arc<Self>, index: usize, reason: Reason, held: impl Send + 'static) {
        drop(self.spawn(index, reason, self.clock.steady(), held));
    }

    /// The same; a check that has ended after `asked` (steady clock) will do.
    async fn check_since(self: &Arc<Self>, index: usize, reason: Reason, asked: DateTime<Utc>) {
        drop(self.spawn(index, reason, asked, ()).await);
    }

    /// In a task of its own, so that it goes on when the one who asked has gone.
    fn spawn(
        self: &Arc<Self>,
        index: usize,
        reason: Reason,
        asked: DateTime<Utc>,
        held: impl Send + 'static,
    ) -> JoinHandle<()> {
        let checker = Arc::clone(self);
        self.runtime.spawn(async move {
            let round = async {
                checker.round(index, reason).await;
                Arc::new(Round { ended: checker.clock.steady() })
            };
            let outdated = |round: &Arc<Round>| round.ended < asked;
            // Boxed, because the cache hands it on by value, with room for it at each step.
            checker.rounds.entry(index).or_insert_with_if(Box::pin(round), outdated).await;
            drop(held);
        })
    }

    async fn round(&self, index: usize, reason: Reason) {
        if self.config.disabled {
            return;
        }
        let watched = &self.targets[index];
        watched.set_being_checked(true);
        let check = async {
            if self.store.shared().is_some() {
                Box::pin(self.round_among_replicas(watched, reason)).await;
            } else {
                self.look(watched).await;
            }
        };
        if AssertUnwindSafe(check).catch_unwind().await.is_err() {
            self.metrics.panics.inc();
            tracing::error!(target.name = %watched.target.name, "the check panicked; please report it");
            watched.expect_check(self.clock.steady() + SHORTEST_BACKOFF);
        }
        watched.set_being_checked(false);
        watched.settle();
        let next = watched.next_check().unwrap_or_else(|| self.clock.steady() + SHORTEST_BACKOFF);
        // The cron comes by itself; what must come earlier, or would be missed, is put down.
        self.agenda.put(index, next);
    }

    /// The floor between forced rounds: the wider one while GitHub refuses the token.
    fn force_interval(&self) -> Duration {
        let timing = &self.config.timing;
        if self.upstream.rest.token_is_rejected() {
            timing.force_interval_without_token
        } else {
            timing.force_interval
        }
    }

    /// A refused token buys nothing: the budget is the one without.
    fn fit_budget_to_token(&self) {
        let upstream = &self.config.upstream;
        let rejected = self.upstream.rest.token_is_rejected();
        let limit = if rejected { upstream.hourly_budget_without_token } else { upstream.hourly_budget };
        self.gate.set_limit(limit);
    }

    /// Wall clock minus steady clock.
    fn skew(&self) -> TimeDelta {
        self.clock.wall() - self.clock.steady()
    }
}
