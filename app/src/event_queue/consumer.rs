//! The reading side: what one consumer takes, holds, gives back and gives up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::{RedisError, Value};
use uuid::Uuid;

use super::entry::{self, Entry, EntryId, Raw};
use super::link::Link;
use super::{ASIDE, GROUP, PATIENCE, QueueError, RedisQueue, millis};

/// Longest that a read waits for an entry.
const LONGEST_BLOCK: Duration = Duration::from_secs(5);
/// Most bytes of a cause that are kept.
const LONGEST_CAUSE: usize = 1000;

/// One reader of the group.
#[derive(Debug)]
pub struct Consumer {
    queue: Arc<RedisQueue>,
    name: String,
    reading: Link,
    /// What was handed out to this name earlier comes first: after a start, and after an answer was lost.
    catching_up: AtomicBool,
}

/// Why an entry is given up.
#[derive(Debug)]
pub struct Burial {
    /// The entry.
    pub entry: Entry,
    /// Why.
    pub cause: String,
    /// How often it was tried.
    pub tries: u64,
    /// The event's id, if one could be read.
    pub event_id: Option<Uuid>,
    /// The id is another event's: forget that it was seen.
    pub forget: bool,
}

impl Consumer {
    pub(super) fn new(queue: Arc<RedisQueue>, name: &str) -> Self {
        let reading = Link::new(queue.client.clone(), LONGEST_BLOCK + PATIENCE);
        Self { queue, name: name.to_owned(), reading, catching_up: AtomicBool::new(true) }
    }

    /// Its queue.
    #[must_use]
    pub fn queue(&self) -> &Arc<RedisQueue> {
        &self.queue
    }

    /// The next entries, at most `count`; waits up to `block` (at most 5 s) for one. First those that were handed out
    /// to this name and not acknowledged.
    ///
    /// # Errors
    /// If Redis does not answer.
    pub async fn read(&self, count: usize, block: Duration) -> Result<Vec<Entry>, QueueError> {
        let read = self.read_next(count, block.min(LONGEST_BLOCK)).await;
        if read.is_err() {
            self.catch_up();
        }
        read
    }

    /// What was handed out to this name may not have been dealt with: the next read starts with that.
    pub fn catch_up(&self) {
        self.catching_up.store(true, Ordering::Relaxed);
    }

    async fn read_next(&self, count: usize, block: Duration) -> Result<Vec<Entry>, QueueError> {
        if self.catching_up.load(Ordering::Relaxed) {
            let own = self.present(self.read_from("0", count, None).await?).await?;
            if !own.is_empty() {
                return Ok(own);
            }
            self.catching_up.store(false, Ordering::Relaxed);
        }
        self.present(self.read_from(">", count, Some(block)).await?).await
    }

    /// Makes the group where it is missing: at the first start, and after somebody took it away.
    async fn read_from(
        &self,
        from: &str,
        count: usize,
        block: Option<Duration>,
    ) -> Result<Vec<Raw>, QueueError> {
        let mut command = redis::cmd("XREADGROUP");
        command.arg("GROUP").arg(GROUP).arg(&self.name).arg("COUNT").arg(count);
        if let Some(block) = block {
            // 0 would wait for ever.
            command.arg("BLOCK").arg(millis(block).max(1));
        }
        command.arg("STREAMS").arg(&self.queue.keys.stream).arg(from);
        let answer = match self.reading.call(&command).await {
            Err(error) if is_without_group(&error) => {
                self.queue.ensure_group().await?;
                self.reading.call(&command).await?
            }
            answer => answer?,
        };
        // [[stream, entries]], or nothing.
        let stream = entry::list(answer).pop().map(entry::list).unwrap_or_default();
        Ok(stream.into_iter().nth(1).map(entry::entries).unwrap_or_default())
    }

    /// Entries that are pending and yet deleted (by hand; nothing here does that) are acknowledged and told.
    async fn present(&self, read: Vec<Raw>) -> Result<Vec<Entry>, QueueError> {
        let (present, gone): (Vec<_>, Vec<_>) = read.into_iter().partition(|raw| raw.fields.is_some());
        if !gone.is_empty() {
            let ids: Vec<EntryId> = gone.iter().map(|raw| raw.id).collect();
            tracing::error!(
                entries = ids.len(),
                "entries were deleted from the queue before they were stored; they are lost"
            );
            self.queue.acknowledge(&ids, None).await?;
        }
        Ok(present.into_iter().map(Raw::into_entry).collect())
    }

    /// Takes over entries, at most `count`, that nobody has worked on for `min_idle`.
    ///
    /// # Errors
    /// If Redis does not answer.
    pub async fn claim_idle(&self, min_idle: Duration, count: usize) -> Result<Vec<Entry>, QueueError> {
        let mut start = "0-0".to_owned();
        loop {
            let mut command = redis::cmd("XAUTOCLAIM");
            command.arg(&self.queue.keys.stream).arg(GROUP).arg(&self.name).arg(millis(min_idle));
            command.arg(&start).arg("COUNT").arg(count);
            let answer = match self.queue.working.call::<Value>(&command).await {
                Err(error) if is_without_group(&error) => return Ok(Vec::new()),
                answer => answer?,
            };
            let mut parts = entry::list(answer).into_iter();
            start = parts.next().and_then(|next| redis::from_redis_value(next).ok()).unwrap_or_default();
            let claimed = self.present(parts.next().map(entry::entries).unwrap_or_default()).await?;
            if !claimed.is_empty() || start.is_empty() || start == "0-0" {
                return Ok(claimed);
            }
        }
    }

    /// Tells that these entries are still worked on, so that nobody claims them.
    ///
    /// # Errors
    /// If Redis does not answer.
    pub async fn hold(&self, ids: &[EntryId]) -> Result<(), QueueError> {
        let mut call = self.queue.scripts.hold.key(&self.queue.keys.stream);
        call.arg(GROUP).arg(&self.name);
        for id in ids {
            call.arg(id.to_string());
        }
        let _: u64 = self.queue.working.script(&call).await?;
        Ok(())
    }
}

impl RedisQueue {
    /// Makes stream and group where they are missing.
    ///
    /// # Errors
    /// If Redis cannot do it.
    pub async fn ensure_group(&self) -> Result<(), QueueError> {
        let keys = &self.keys;
        let mut call = self.scripts.ensure_group.key(&keys.stream);
        call.key(&keys.recent).key(&keys.older).key(&keys.refused).key(&keys.marks).key(&keys.bytes);
        call.arg(GROUP);
        let made: u64 = self.working.script(&call).await?;
        if made > 0 {
            tracing::info!("the queue's group was made");
        }
        Ok(())
    }

    /// These entries are stored. `last` names one of their events for [`RedisQueue::last_stored`].
    ///
    /// # Errors
    /// If Redis does not answer; they are handed out again then.
    pub async fn acknowledge(&self, ids: &[EntryId], last: Option<Uuid>) -> Result<(), QueueError> {
        if ids.is_empty() {
            return Ok(());
        }
        let keys = &self.keys;
        let mut call = self.scripts.acknowledge.key(&keys.stream);
        call.key(&keys.refused).key(&keys.last).key(&keys.marks).arg(GROUP);
        call.arg(last.map(|id| id.to_string()).unwrap_or_default()).arg(self.limits.kept_mebibytes);
        for id in ids {
            call.arg(id.to_string());
        }
        let _: u64 = self.working.script(&call).await?;
        Ok(())
    }

    /// Counts a refusal of each of these entries and puts them where [`RedisQueue::take_refused`] finds them.
    ///
    /// # Errors
    /// If Redis does not answer.
    pub async fn set_aside(&self, ids: &[EntryId]) -> Result<(), QueueError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut call = self.scripts.set_aside.key(&self.keys.stream);
        call.key(&self.keys.refused).arg(GROUP).arg(ASIDE);
        for id in ids {
            call.arg(id.to_string());
        }
        let _: u64 = self.working.script(&call).await?;
        Ok(())
    }

    /// Entries that were set aside at least so long ago, each with the count of its refusals.
    ///
    /// # Errors
    /// If Redis does not answer.
    pub async fn take_refused(
        &self,
        min_idle: Duration,
        count: usize,
    ) -> Result<Vec<(Entry, u64)>, QueueError> {
        let mut call = self.scripts.take_refused.key(&self.keys.stream);
        call.key(&self.keys.refused).arg(GROUP).arg(ASIDE).arg(millis(min_idle)).arg(count);
        let taken = match self.working.script::<Value>(&call).await {
            Err(error) if is_without_group(&error) => return Ok(Vec::new()),
            taken => taken?,
        };
        let pair = |value| {
            let mut parts = entry::list(value).into_iter();
            let entry = entry::entry(parts.next()?)?.into_entry();
            Some((entry, redis::from_redis_value(parts.next()?).ok()?))
        };
        Ok(entry::list(taken).into_iter().filter_map(pair).collect())
    }

    /// Moves entries to the dead letters; gives how many, because another process may have been faster.
    ///
    /// # Errors
    /// If Redis cannot do it; nothing was moved then.
    pub async fn bury(&self, burials: &[Burial]) -> Result<u64, QueueError> {
        let keys = &self.keys;
        let mut buried = 0;
        // One by one: each may be half a mebibyte.
        for burial in burials {
            let mut call = self.scripts.bury.key(&keys.stream);
            call.key(&keys.dead).key(&keys.refused).key(&keys.recent).key(&keys.older).key(&keys.marks);
            call.arg(GROUP).arg(ASIDE).arg(self.limits.kept_mebibytes);
            let cause = &burial.cause[..burial.cause.floor_char_boundary(LONGEST_CAUSE)];
            call.arg(burial.entry.id.to_string()).arg(&burial.entry.payload).arg(cause).arg(burial.tries);
            call.arg(burial.event_id.map(|id| id.to_string()).unwrap_or_default());
            let marker = burial.event_id.filter(|_| burial.forget);
            call.arg(marker.map(|id| id.as_bytes().to_vec()).unwrap_or_default());
            let moved: u64 = self.working.script(&call).await?;
            buried += moved;
        }
        Ok(buried)
    }
}

fn is_without_group(error: &RedisError) -> bool {
    error.code() == Some("NOGROUP") || error.detail().is_some_and(|detail| detail.contains("NOGROUP"))
}

impl std::fmt::Debug for Link {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Link")
    }
}
