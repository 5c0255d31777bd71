//! The budget at work: asked before every request to upstream, told of every answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use releases::outbound::{Gate, Lane, Outcome, Refusal};

use crate::clock::Clock;
use crate::metrics::{self, Metrics};
use crate::state_store::{LedgerChange, StateStore};

/// Keeps the account of upstream requests in the state store.
#[derive(Debug)]
pub struct Gatekeeper {
    store: Arc<StateStore>,
    metrics: Arc<Metrics>,
    clock: Clock,
    limit: AtomicU32,
}

impl Gatekeeper {
    /// At most `limit` requests an hour.
    #[must_use]
    pub fn new(store: Arc<StateStore>, metrics: Arc<Metrics>, clock: Clock, limit: u32) -> Self {
        Self { store, metrics, clock, limit: AtomicU32::new(limit) }
    }

    /// From now on at most `limit` requests an hour.
    pub fn set_limit(&self, limit: u32) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// Notes on whose account GitHub is asked.
    pub async fn ask_as(&self, with_token: bool) {
        drop(self.change(&LedgerChange::AskAs { with_token }).await);
    }

    /// Whether a wish may cause about `requests` requests now.
    ///
    /// # Errors
    /// [`Refusal`] with the time, on the steady clock, at which it may.
    pub async fn may_force(&self, requests: u32) -> Result<(), Refusal> {
        self.change(&LedgerChange::MayForce { requests }).await
    }

    async fn change(&self, change: &LedgerChange) -> Result<(), Refusal> {
        self.store.ledger(change, self.limit.load(Ordering::Relaxed), self.clock.steady()).await
    }

    fn skew(&self) -> TimeDelta {
        self.clock.wall() - self.clock.steady()
    }
}

#[async_trait::async_trait]
impl Gate for Gatekeeper {
    async fn admit(&self, lane: Lane) -> Result<(), Refusal> {
        let admitted = self.change(&LedgerChange::Admit { lane }).await;
        if admitted.is_err() {
            self.metrics.upstream_requests.with_label_values(&[host(lane), "refused"]).inc();
        }
        // Others show and keep this time as people read it.
        admitted.map_err(|refusal| Refusal { retry_at: refusal.retry_at + self.skew(), ..refusal })
    }

    async fn settle(&self, lane: Lane, _host: &str, outcome: &Outcome) {
        let label = outcome_label(outcome);
        self.metrics.upstream_requests.with_label_values(&[host(lane), label]).inc();
        let change = LedgerChange::Settle {
            lane,
            outcome: outcome.clone(),
            jitter: rand::random(),
            skew: self.skew(),
        };
        // A note that cannot be kept is warned of by the store; the next request is refused there anyway.
        drop(self.change(&change).await);
    }
}

fn host(lane: Lane) -> &'static str {
    match lane {
        Lane::Rest => "api",
        Lane::Web => "web",
        Lane::Registry => "registry",
    }
}

fn outcome_label(outcome: &Outcome) -> &'static str {
    match (outcome.failure, outcome.status) {
        (Some(code), _) => metrics::label(code),
        (None, Some(304)) => "unchanged",
        (None, Some(200..=299)) => "ok",
        (None, Some(300..=399)) => "redirect",
        _ if outcome.limits.limited => "rate_limited",
        (None, Some(400..=499)) => "client_error",
        (None, Some(500..=599)) => "server_error",
        (None, _) => "other",
    }
}
