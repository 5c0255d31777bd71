//! What was given up: listed, and put back.

use contract::DeadLetter;
use redis::Value;

use super::entry::{self, EVENT, EntryId, Raw};
use super::{QueueError, RedisQueue};

/// So many are put back in one step; each may be half a mebibyte.
const STEP: usize = 50;

impl RedisQueue {
    /// Dead letters, the oldest first, at most `limit`, after one of them.
    ///
    /// # Errors
    /// If Redis does not answer.
    pub async fn dead_letters(
        &self,
        after: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, QueueError> {
        Ok(self.raw_letters(after, limit).await?.into_iter().map(letter).collect())
    }

    async fn raw_letters(&self, after: Option<EntryId>, limit: usize) -> Result<Vec<Raw>, QueueError> {
        let from = after.map_or_else(|| "-".to_owned(), |id| format!("({id}"));
        let mut command = redis::cmd("XRANGE");
        command.arg(&self.keys.dead).arg(from).arg("+").arg("COUNT").arg(limit);
        Ok(entry::entries(self.working.call(&command).await?))
    }

    /// Puts these dead letters back into the queue, whatever was seen of their ids; gives how many were there.
    ///
    /// # Errors
    /// If Redis cannot do it; some may be back then.
    pub async fn replay(&self, ids: &[EntryId]) -> Result<u64, QueueError> {
        let mut replayed = 0;
        for step in ids.chunks(STEP) {
            let mut call = self.scripts.replay.key(&self.keys.dead);
            call.key(&self.keys.stream).key(&self.keys.marks).key(&self.keys.bytes);
            for id in step {
                call.arg(id.to_string());
            }
            let moved: u64 = self.working.script(&call).await?;
            replayed += moved;
        }
        Ok(replayed)
    }

    /// Puts all dead letters back that are there now; what comes to be given up meanwhile stays.
    ///
    /// # Errors
    /// If Redis cannot do it; some may be back then.
    pub async fn replay_all(&self) -> Result<u64, QueueError> {
        let mut command = redis::cmd("XREVRANGE");
        command.arg(&self.keys.dead).arg("+").arg("-").arg("COUNT").arg(1);
        let newest: Value = self.working.call(&command).await?;
        let Some(newest) = entry::entries(newest).pop().map(|raw| raw.id) else { return Ok(0) };
        let mut replayed = 0;
        loop {
            let letters = self.raw_letters(None, STEP).await?;
            let ids: Vec<EntryId> = letters.iter().map(|raw| raw.id).filter(|id| *id <= newest).collect();
            let moved = self.replay(&ids).await?;
            replayed += moved;
            if moved == 0 {
                return Ok(replayed);
            }
        }
    }
}

fn letter(mut raw: Raw) -> DeadLetter {
    let mut text = |name| String::from_utf8_lossy(&raw.take(name).unwrap_or_default()).into_owned();
    let (payload, cause, tries, event_id) = (text(EVENT), text("cause"), text("tries"), text("id"));
    DeadLetter {
        id: raw.id.to_string(),
        event_id: (!event_id.is_empty()).then_some(event_id),
        cause,
        tries: tries.parse().unwrap_or(0),
        since: raw.id.at(),
        payload,
    }
}
