//! The Redis stream between receiving an event and storing it.
//!
//! Owns the names of keys and the scripts; refuses to append when too much waits. No event's fate depends on a clock of
//! its own (Redis' own idle times count), and it never talks to the database.
//!
//! What holds at every moment, because each step is one script:
//! - A marker of an id exists only together with its entry, its stored row or its dead letter. Whoever takes the
//!   stream or the group away takes the markers with it ([`Consumer`] makes the group anew); a database that was
//!   restored to an earlier state is found by [`RedisQueue::last_stored`] and answered by [`RedisQueue::rewind`].
//! - An event that was dead-lettered and is sent again is a duplicate: it stands among the dead letters, from where it
//!   can be replayed. One that was dead-lettered because its id is another event's is forgotten, so that the first
//!   event, sent again, is not called a conflict.
//! - Trimming never goes beyond what is stored.

mod consumer;
mod dead_letters;
mod entry;
mod keys;
mod link;
mod scripts;
mod settings;

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use redis::{Client, RedisError, Value};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

pub use self::consumer::{Burial, Consumer};
pub use self::entry::{Entry, EntryId, EntryIdError};
use self::keys::Keys;
use self::link::Link;
use self::scripts::Scripts;
pub use self::settings::{Settings, SettingsProblem};
use crate::domain::event::{Event, Outcome};

/// The prefix of keys where no other is asked for.
pub const PREFIX: &str = "remote-agent:";
/// The consumers' group.
const GROUP: &str = "store";
/// Who holds refused entries until they are tried again.
const ASIDE: &str = "refused";
/// Answers to what is appended end here: an append-only file on a slow disk takes its time.
const PATIENCE: Duration = Duration::from_secs(3);
/// A health answer waits no longer than a second as a whole.
const PROBE_PATIENCE: Duration = Duration::from_millis(700);
/// A refusal is told for so long. Not for ever: who hears of it may send nothing more, and then no append would clear it.
const LATELY: Duration = Duration::from_secs(60);

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// How much the queue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries that wait, and dead letters.
    pub entries: u64,
    /// MiB that wait.
    pub mebibytes: u64,
    /// MiB of stored events that stay, for a database that is restored to an earlier state. Less than `mebibytes`.
    pub kept_mebibytes: u64,
    /// Ids that each of two hashes holds to recognise duplicates at once.
    pub recent_ids: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 1_000_000, mebibytes: 1024, kept_mebibytes: 64, recent_ids: 100_000 }
    }
}

/// Why the queue did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The address is none.
    #[error("the address of Redis is not valid")]
    Address(#[source] Cause),
    /// Too much waits, so many entries; `None`: Redis itself is out of memory.
    #[error("the queue is full")]
    Full {
        /// Entries that wait, and dead letters.
        depth: Option<u64>,
    },
    /// Redis would lose what it acknowledges.
    #[error("the queue is not safe")]
    Unsafe(#[source] SettingsProblem),
    /// It cannot be reached, starts, has lost its disk, or answers something else: the same call may succeed later.
    #[error("the queue is not available")]
    Unavailable(#[source] Cause),
}

impl From<RedisError> for QueueError {
    fn from(error: RedisError) -> Self {
        // Inside a script the code stands at the start of the text.
        let out_of_memory = error.code() == Some("OOM")
            || error.detail().is_some_and(|detail| detail.contains("OOM command not allowed"));
        // Its text holds its sources already.
        if out_of_memory { Self::Full { depth: None } } else { unavailable(error.to_string()) }
    }
}

/// How the queue stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Entries that are not stored yet.
    pub depth: u64,
    /// MiB of them.
    pub mebibytes: u64,
    /// How long the oldest of them has waited.
    pub lag: Duration,
    /// Entries that were given up.
    pub dead_letters: u64,
}

/// A queue in Redis.
pub struct RedisQueue {
    client: Client,
    keys: Keys,
    limits: Limits,
    scripts: Scripts,
    /// Each purpose has its connection, so that none waits for another.
    appending: Link,
    working: Link,
    probing: Link,
    settings: ArcSwapOption<Settings>,
    /// When an append was refused for fullness; none since then was taken.
    refused: ArcSwapOption<Instant>,
}

impl std::fmt::Debug for RedisQueue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RedisQueue").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl RedisQueue {
    /// Connects at first use.
    ///
    /// # Errors
    /// If the address is none.
    pub fn new(url: &SecretString, prefix: &str, limits: Limits) -> Result<Self, QueueError> {
        let client =
            Client::open(url.expose_secret()).map_err(|error| QueueError::Address(Box::new(error)))?;
        let link = |patience| Link::new(client.clone(), patience);
        Ok(Self {
            appending: link(PATIENCE),
            working: link(PATIENCE),
            probing: link(PROBE_PATIENCE),
            keys: Keys::new(prefix),
            limits,
            scripts: Scripts::new(),
            settings: ArcSwapOption::empty(),
            refused: ArcSwapOption::empty(),
            client,
        })
    }

    /// Appends the events that are new, in one round trip. What comes back as anything but an error is as durable as
    /// Redis' append-only file. If the answer is lost after Redis did it, the same events come back as duplicates.
    ///
    /// # Errors
    /// If too much waits, or Redis cannot take them.
    pub async fn append(&self, events: &[Event]) -> Result<Vec<Outcome>, QueueError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        self.must_keep_events().await?;
        let appended = match self.try_append(events).await {
            // What is stored and only kept for a restore makes room first.
            Err(QueueError::Full { depth: None }) if self.trim(0).await? > 0 => self.try_append(events).await,
            other => other,
        };
        self.note(&appended);
        appended
    }

    /// Remembers whether the queue is full, and says so once.
    fn note(&self, appended: &Result<Vec<Outcome>, QueueError>) {
        match appended {
            Ok(_) => {
                if self.refused.load().is_some() && self.refused.swap(None).is_some() {
                    tracing::info!("the queue takes events again");
                }
            }
            Err(QueueError::Full { depth }) => {
                if self.refused.swap(Some(Arc::new(Instant::now()))).is_none() {
                    match depth {
                        Some(depth) => tracing::warn!(depth, "the queue is full; events are refused"),
                        None => tracing::warn!("Redis is out of memory; events are refused"),
                    }
                }
            }
            Err(_) => {}
        }
    }

    async fn try_append(&self, events: &[Event]) -> Result<Vec<Outcome>, QueueError> {
        let keys = &self.keys;
        let mut call = self.scripts.append.key(&keys.stream);
        call.key(&keys.dead).key(&keys.recent).key(&keys.older).key(&keys.marks).key(&keys.bytes);
        call.arg(GROUP).arg(self.limits.entries).arg(self.limits.mebibytes).arg(self.limits.recent_ids);
        for event in events {
            let payload = serde_json::to_vec(&event.to_stored()).map_err(unavailable)?;
            call.arg(event.id.as_bytes()).arg(&event.digest()).arg(payload);
        }
        match self.appending.script(&call).await? {
            Value::Int(depth) => Err(QueueError::Full { depth: Some(depth.unsigned_abs()) }),
            Value::BulkString(letters) if letters.len() == events.len() => {
                letters.into_iter().map(outcome).collect()
            }
            _ => Err(unexpected("an append")),
        }
    }

    /// Trims what is stored except the newest so many MiB; gives how many entries that were.
    async fn trim(&self, kept_mebibytes: u64) -> Result<u64, QueueError> {
        let mut call = self.scripts.trim.key(&self.keys.stream);
        call.key(&self.keys.marks).arg(GROUP).arg(kept_mebibytes);
        Ok(self.working.script(&call).await?)
    }

    /// How the queue stands.
    ///
    /// # Errors
    /// If Redis does not tell, or not in time.
    pub async fn status(&self) -> Result<Status, QueueError> {
        let mut call = self.scripts.status.key(&self.keys.stream);
        call.key(&self.keys.dead).key(&self.keys.marks).arg(GROUP);
        let (depth, lag_millis, dead_letters, mebibytes) = self.probing.script(&call).await?;
        Ok(Status { depth, mebibytes, lag: Duration::from_millis(lag_millis), dead_letters })
    }

    /// Whether no more entries are taken: too many wait, or too large ones, or the last append was refused lately,
    /// because Redis is out of memory, say.
    #[must_use]
    pub fn is_full(&self, status: &Status) -> bool {
        status.depth.saturating_add(status.dead_letters) >= self.limits.entries
            || status.mebibytes >= self.limits.mebibytes
            || self.refused.load().as_ref().is_some_and(|refused| refused.elapsed() < LATELY)
    }

    /// One of the events that were stored last. If the database does not have it, it was restored to an earlier state.
    ///
    /// # Errors
    /// If Redis does not tell.
    pub async fn last_stored(&self) -> Result<Option<Uuid>, QueueError> {
        let id: Option<String> = self.working.call(redis::cmd("GET").arg(&self.keys.last)).await?;
        Ok(id.and_then(|id| id.parse().ok()))
    }

    /// Hands out again everything that the stream still holds, and forgets which ids were seen; gives how many entries
    /// those are. The database leaves out what it has.
    ///
    /// # Errors
    /// If Redis cannot do it.
    pub async fn rewind(&self) -> Result<u64, QueueError> {
        let keys = &self.keys;
        let mut call = self.scripts.rewind.key(&keys.stream);
        call.key(&keys.recent).key(&keys.older).key(&keys.last).key(&keys.refused).arg(GROUP);
        Ok(self.working.script(&call).await?)
    }

    /// Takes consumers out of the group that have nothing pending and were not heard of for so long.
    ///
    /// # Errors
    /// If Redis cannot do it.
    pub async fn tidy(&self, silent: Duration) -> Result<u64, QueueError> {
        let mut call = self.scripts.tidy.key(&self.keys.stream);
        call.arg(GROUP).arg(millis(silent));
        Ok(self.working.script(&call).await?)
    }

    /// A consumer of this name. A name that is the same after a restart takes up at once what was left pending.
    #[must_use]
    pub fn consumer(self: &Arc<Self>, name: &str) -> Consumer {
        Consumer::new(self.clone(), name)
    }
}

fn outcome(letter: u8) -> Result<Outcome, QueueError> {
    match letter {
        b'n' => Ok(Outcome::New),
        b'd' => Ok(Outcome::Duplicate),
        b'c' => Ok(Outcome::Conflict),
        _ => Err(unexpected("an append")),
    }
}

fn unavailable(error: impl Into<Cause>) -> QueueError {
    QueueError::Unavailable(error.into())
}

fn unexpected(what: &str) -> QueueError {
    unavailable(format!("Redis answered {what} with something else"))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
