//! Where answers, budget and decisions are kept: memory, a directory, or Redis.
//!
//! What cannot be read is one warning and a fresh start, never a failed one. What cannot be written is one
//! warning until it can be again.

mod directory;
mod redis_store;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use releases::outbound::{Lane, Outcome, Refusal};
use serde::{Deserialize, Serialize};

use crate::budget::Ledger;
use crate::config::Keep;
use crate::decisions::Decisions;
use crate::snapshot::Snapshot;

pub use directory::Directory;
pub use redis_store::RedisStore;

/// The layout of what is saved; another one is not read.
const FORMAT: u32 = 1;

/// A look at a ledger far away takes no longer than this.
const GLANCE: Duration = Duration::from_millis(500);

/// What is kept of one target.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Saved {
    format: u32,
    /// What is known.
    pub snapshot: Snapshot,
    /// What people decided.
    pub decisions: Decisions,
}

impl Saved {
    /// In the present layout.
    #[must_use]
    pub fn new(snapshot: Snapshot, decisions: Decisions) -> Self {
        Self { format: FORMAT, snapshot, decisions }
    }

    fn parse(text: &[u8]) -> Result<Self, String> {
        let mut saved: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if saved.format != FORMAT {
            return Err(format!("it has layout {}", saved.format));
        }
        saved.snapshot.correct_times(Utc::now());
        Ok(saved)
    }
}

/// A change of the ledger; applied where the ledger lives.
#[derive(Clone, Debug)]
pub enum LedgerChange {
    /// One request is about to be sent.
    Admit {
        /// Towards whom.
        lane: Lane,
    },
    /// A wish would cause about so many.
    MayForce {
        /// Requests.
        requests: u32,
    },
    /// From now on GitHub is asked with a token, or without.
    AskAs {
        /// With one.
        with_token: bool,
    },
    /// An answer came.
    Settle {
        /// From whom.
        lane: Lane,
        /// How it ended.
        outcome: Outcome,
        /// Between 0 and 1.
        jitter: f64,
        /// Wall clock minus steady clock.
        skew: TimeDelta,
    },
}

impl LedgerChange {
    fn apply(&self, ledger: &mut Ledger, limit: u32, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self {
            Self::Admit { lane } => ledger.admit(*lane, limit, now),
            Self::MayForce { requests } => ledger.may_force(*requests, limit, now),
            Self::AskAs { with_token } => {
                ledger.ask_as(*with_token);
                Ok(())
            }
            Self::Settle { lane, outcome, jitter, skew } => {
                ledger.settle(*lane, outcome, *jitter, now, *skew);
                Ok(())
            }
        }
    }
}

/// The state cannot be reached; only a shared one can fail so.
#[derive(Debug, thiserror::Error)]
#[error("the shared state in Redis cannot be reached")]
pub struct Unreachable(#[source] pub redis::RedisError);

/// Where state is kept.
///
/// What waits for Redis is boxed: it is large, and whoever keeps state elsewhere need not hold the room for it.
#[derive(Debug)]
pub enum StateStore {
    /// Nowhere: a restart starts fresh.
    Memory(Mutex<Ledger>),
    /// In files.
    Directory(Directory),
    /// Shared by replicas.
    Redis(RedisStore),
}

impl StateStore {
    /// Opens what is configured. Never fails: what is broken is warned of.
    #[must_use]
    pub fn open(keep: &Keep, limit: u32) -> Self {
        match keep {
            Keep::Memory => Self::Memory(Mutex::new(Ledger::default())),
            Keep::Directory(path) => Self::Directory(Directory::open(path.clone(), limit)),
            Keep::LedgerOf(path) => Self::Directory(Directory::open(path.clone(), limit).without_answers()),
            Keep::Redis(url) => Self::Redis(RedisStore::new(url.clone())),
        }
    }

    /// What was kept of this target.
    pub async fn load(&self, name: &str) -> Option<Saved> {
        match self {
            Self::Memory(_) => None,
            Self::Directory(directory) => directory.load(name),
            Self::Redis(redis) => redis.noted(Box::pin(redis.load(name)).await).ok().flatten(),
        }
    }

    /// Keeps what is known of this target. It is read off when its turn to be written has come, so that what was
    /// decided meanwhile is never overwritten by what was known before.
    pub async fn save(&self, name: &str, read_off: impl FnOnce() -> Saved) {
        match self {
            Self::Memory(_) => {}
            Self::Directory(directory) => directory.save(name, read_off),
            Self::Redis(redis) => {
                let saved = Box::new(read_off());
                drop(redis.noted(Box::pin(redis.save(name, &saved)).await));
            }
        }
    }

    /// What all replicas have decided so far; `None` where there are none, or nothing was decided yet.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub async fn shared_decisions(&self, name: &str) -> Result<Option<Decisions>, Unreachable> {
        match self {
            Self::Redis(redis) => redis.noted(Box::pin(redis.decisions(name)).await),
            _ => Ok(None),
        }
    }

    /// Keeps decisions, before anybody is told that they are kept.
    ///
    /// # Errors
    /// [`Unreachable`] where other replicas could not learn of them.
    pub async fn decide(&self, name: &str, read_off: impl FnOnce() -> Saved) -> Result<(), Unreachable> {
        match self {
            Self::Redis(redis) => {
                let decisions = read_off().decisions;
                Box::pin(redis.decide(name, &decisions)).await
            }
            _ => {
                self.save(name, read_off).await;
                Ok(())
            }
        }
    }

    /// Applies a change to the ledger and keeps it, before a request is sent that it allows.
    ///
    /// # Errors
    /// [`Refusal`], also where the shared ledger cannot be reached: a budget nobody can see is not spent.
    pub async fn ledger(&self, change: &LedgerChange, limit: u32, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self {
            Self::Memory(ledger) => {
                let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
                change.apply(&mut ledger, limit, now)
            }
            Self::Directory(directory) => directory.ledger(change, limit, now),
            Self::Redis(redis) => {
                redis.noted(Box::pin(redis.ledger(change, limit, now)).await).unwrap_or_else(|error| {
                    let retry_at = now + TimeDelta::seconds(30);
                    Err(Refusal { code: contract::ErrorCode::Budget, message: error.to_string(), retry_at })
                })
            }
        }
    }

    /// The ledger as it stands.
    pub async fn read_ledger(&self) -> Ledger {
        match self {
            Self::Memory(ledger) => ledger.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Self::Directory(directory) => directory.read_ledger(),
            Self::Redis(redis) => {
                let read = tokio::time::timeout(GLANCE, Box::pin(redis.read_ledger())).await;
                read.map(|read| redis.noted(read).unwrap_or_default()).unwrap_or_default()
            }
        }
    }

    /// The right to check this target now, for at most `time`; always granted where nobody else could.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub async fn lease(&self, name: &str, time: Duration) -> Result<bool, Unreachable> {
        match self {
            Self::Redis(redis) => Box::pin(redis.lease(name, time)).await,
            _ => Ok(true),
        }
    }

    /// Gives the right back.
    pub async fn release(&self, name: &str) {
        if let Self::Redis(redis) = self {
            drop(redis.noted(Box::pin(redis.release(name)).await));
        }
    }

    /// Whether replicas share it.
    #[must_use]
    pub fn shared(&self) -> Option<&RedisStore> {
        if let Self::Redis(redis) = self { Some(redis) } else { None }
    }

    /// Writes what was held back, at the end.
    pub fn flush(&self) {
        if let Self::Directory(directory) = self {
            directory.flush();
        }
    }
}
