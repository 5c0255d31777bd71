//! Brings entries of the queue to their end: stored and acknowledged, set aside, or among the dead letters.
//!
//! An entry is acknowledged only after the store has it. While the store is away entries are held: nobody else claims
//! them, and no try is counted.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwapOption;
use tokio::sync::watch;
use uuid::Uuid;

use crate::backoff::Backoff;
use crate::canary;
use crate::domain::event::{Event, Outcome};
use crate::event_queue::{Burial, Consumer, Entry, EntryId, QueueError, RedisQueue};
use crate::event_store::EventStore;
use crate::insert_each::{Fate, Inserting};
use crate::metrics::{DeadLetterCause, Metrics};
use crate::portion;

/// Tries after which a refused entry is given up.
pub const MOST_TRIES: u64 = 5;
/// Held entries are named so often; much less than the idle time after which they are claimed.
const HOLD_EVERY: Duration = Duration::from_secs(1);
const CONFLICT: &str = "the id is stored already with other content; the first event is kept";

/// What both flows need.
#[derive(Clone)]
pub struct Settling {
    /// Where events end.
    pub store: Arc<dyn EventStore>,
    /// Counts.
    pub metrics: Arc<Metrics>,
    /// Becomes true when the process is to stop.
    pub stop: watch::Receiver<bool>,
    /// The event that either flow acknowledged last; until there is one, the queue remembers it.
    last: Arc<ArcSwapOption<Uuid>>,
}

/// What was handed out.
#[derive(Default)]
struct Work {
    /// Those that hold an event.
    entries: Vec<Entry>,
    events: Vec<Event>,
    /// What is no event is given up at once: it will never become one.
    unreadable: Vec<Burial>,
}

impl Work {
    fn decode(entries: Vec<Entry>) -> Self {
        let mut work = Self::default();
        for entry in entries {
            match decoded(&entry.payload) {
                Ok(event) => {
                    work.entries.push(entry);
                    work.events.push(event);
                }
                Err(cause) => {
                    work.unreadable.push(Burial { entry, cause, tries: 1, event_id: None, forget: false });
                }
            }
        }
        work
    }
}

impl Settling {
    /// Clones of it belong together: one process has one.
    #[must_use]
    pub fn new(store: Arc<dyn EventStore>, metrics: Arc<Metrics>, stop: watch::Receiver<bool>) -> Self {
        Self { store, metrics, stop, last: Arc::default() }
    }

    /// Settles what a consumer was handed: in batches that the store is done with soon, the refused ones set aside.
    ///
    /// # Errors
    /// If the queue is away; what was not acknowledged is handed out again.
    pub async fn settle(&self, consumer: &Consumer, entries: Vec<Entry>) -> anyhow::Result<()> {
        for batch in portion::batches(entries) {
            if *self.stop.borrow() {
                break;
            }
            self.settle_batch(consumer, batch).await?;
        }
        Ok(())
    }

    async fn settle_batch(&self, consumer: &Consumer, entries: Vec<Entry>) -> anyhow::Result<()> {
        let work = Work::decode(entries);
        let Some(fates) = self.insert(consumer, &work, false).await else { return Ok(()) };
        self.finish(consumer, &work, &fates).await?;
        let mut refused = Vec::new();
        for ((entry, event), fate) in work.entries.iter().zip(&work.events).zip(&fates) {
            if let Fate::Refused(cause) = fate {
                tracing::warn!(event.id = %event.id, cause, "the database refuses event {}; it is tried again alone", event.id);
                refused.push(entry.id);
            }
        }
        unless_full(consumer.queue().set_aside(&refused).await).context("set refused entries aside")?;
        Ok(())
    }

    /// Tries an entry once more that was refused `refusals` times, alone.
    ///
    /// # Errors
    /// If the queue is away.
    pub async fn retry(&self, consumer: &Consumer, entry: Entry, refusals: u64) -> anyhow::Result<()> {
        let work = Work::decode(vec![entry]);
        let Some(fates) = self.insert(consumer, &work, true).await else { return Ok(()) };
        self.finish(consumer, &work, &fates).await?;
        for ((entry, event), fate) in work.entries.iter().zip(&work.events).zip(&fates) {
            let Fate::Refused(cause) = fate else { continue };
            let tries = refusals + 1;
            if tries < MOST_TRIES {
                let aside = consumer.queue().set_aside(&[entry.id]).await;
                unless_full(aside).context("set a refused entry aside")?;
            } else {
                let burial = Burial {
                    entry: entry.clone(),
                    cause: cause.clone(),
                    tries,
                    event_id: Some(event.id),
                    forget: false,
                };
                self.bury(consumer, &[burial], DeadLetterCause::Refused).await?;
            }
        }
        Ok(())
    }

    /// A store that lacks an event which it stored last was restored to an earlier state: everything that the queue
    /// still holds is stored again. To be asked at the start, and after each insert before it is acknowledged, which
    /// would hide it: a restore needs no moment in which the store is away.
    ///
    /// # Errors
    /// If the store or the queue is away.
    pub async fn compare(&self, queue: &RedisQueue) -> anyhow::Result<()> {
        let last = match self.last.load_full() {
            Some(last) => Some(*last),
            None => queue.last_stored().await.context("ask the queue what was stored last")?,
        };
        let Some(last) = last else { return Ok(()) };
        if self.store.event(last).await.context("look for the event that was stored last")?.is_none() {
            let entries = queue.rewind().await.context("rewind the queue")?;
            self.last.store(None);
            tracing::warn!(
                entries,
                "the database was restored to an earlier state; what the queue still holds is stored again"
            );
        }
        Ok(())
    }

    /// Stores the events; waits while the store is away. `None`: the process stops first, and the entries stay pending.
    async fn insert(&self, consumer: &Consumer, work: &Work, alone: bool) -> Option<Vec<Fate>> {
        let ids: Vec<EntryId> = work.entries.iter().map(|entry| entry.id).collect();
        let mut inserting = Inserting::new(&work.events, alone);
        let mut backoff = Backoff::default();
        let mut stop = self.stop.clone();
        let trying = async {
            loop {
                let Err(error) = inserting.run(&*self.store).await else { break true };
                self.metrics.consumer_failures.inc();
                if backoff.is_first() {
                    let cause = crate::insert_each::chain(&error);
                    tracing::warn!(
                        cause,
                        events = work.events.len(),
                        "the database is away; events wait in the queue"
                    );
                }
                tokio::select! {
                    () = backoff.wait() => {}
                    _ = stop.wait_for(|stop| *stop) => break false,
                }
            }
        };
        let settled = tokio::select! {
            settled = trying => settled,
            never = hold(consumer, &ids) => match never {},
        };
        if settled && !backoff.is_first() {
            tracing::info!("the database is back");
        }
        settled.then(|| inserting.fates())
    }

    /// Acknowledges first: whatever happens to bad entries, good ones are done.
    async fn finish(&self, consumer: &Consumer, work: &Work, fates: &[Fate]) -> anyhow::Result<()> {
        let (mut stored, mut last, mut new, mut burials) = (Vec::new(), None, 0, Vec::new());
        for ((entry, event), fate) in work.entries.iter().zip(&work.events).zip(fates) {
            match fate {
                Fate::Stored(Outcome::Conflict) => burials.push(Burial {
                    entry: entry.clone(),
                    cause: CONFLICT.to_owned(),
                    tries: 1,
                    event_id: Some(event.id),
                    forget: true,
                }),
                Fate::Stored(outcome) => {
                    stored.push(entry.id);
                    new += u64::from(*outcome == Outcome::New);
                    // It is taken away again.
                    if event.kind != canary::KIND {
                        last = Some(event.id);
                    }
                }
                Fate::Refused(_) => {}
            }
        }
        self.metrics.stored(new);
        self.compare(consumer.queue()).await?;
        // Before the queue is told: its answer may be lost.
        if let Some(last) = last {
            self.last.store(Some(Arc::new(last)));
        }
        consumer.queue().acknowledge(&stored, last).await.context("acknowledge entries")?;
        self.bury(consumer, &burials, DeadLetterCause::Conflict).await?;
        self.bury(consumer, &work.unreadable, DeadLetterCause::Unreadable).await
    }

    async fn bury(
        &self,
        consumer: &Consumer,
        burials: &[Burial],
        class: DeadLetterCause,
    ) -> anyhow::Result<()> {
        if burials.is_empty() {
            return Ok(());
        }
        let buried = unless_full(consumer.queue().bury(burials).await);
        let Some(buried) = buried.context("move entries to the dead letters")? else { return Ok(()) };
        self.metrics.dead_lettered(class, buried);
        for burial in burials {
            let (entry, cause) = (burial.entry.id, &burial.cause);
            let event = burial.event_id.map(|id| id.to_string()).unwrap_or_default();
            tracing::error!(%entry, event.id = event, cause, "an event was given up; GET /api/dead-letters shows it");
        }
        Ok(())
    }
}

/// A Redis that is out of memory takes no dead letter. That must not stop the good events behind a bad one: the bad one
/// stays pending and comes again as an idle entry.
fn unless_full<T>(result: Result<T, QueueError>) -> Result<Option<T>, QueueError> {
    match result {
        Err(QueueError::Full { .. }) => {
            tracing::warn!("Redis is out of memory; bad events stay in the queue for now");
            Ok(None)
        }
        other => other.map(Some),
    }
}

fn decoded(payload: &[u8]) -> Result<Event, String> {
    let text = std::str::from_utf8(payload).map_err(|_| "not an event: it is no UTF-8 text".to_owned())?;
    Event::from_queue(text).map_err(|error| error.to_string())
}

/// Keeps entries from being claimed for as long as it is polled. If Redis is away for a while they may be claimed all
/// the same; then two consumers store them, which changes nothing.
async fn hold(consumer: &Consumer, ids: &[EntryId]) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(HOLD_EVERY).await;
        if let Err(error) = consumer.hold(ids).await {
            tracing::debug!(cause = crate::insert_each::chain(&error), "entries could not be held");
        }
    }
}
