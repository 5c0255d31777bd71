//! What waits, counted without reading it all.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::line::{self, Kind, Piece, Record};
use super::{Attempt, Place, Spool, SpoolError, aside, folder, segments};

/// Holds how many were refused.
const REFUSED: &str = "refused";
/// Most of a segment that is counted at once: all of it, unless it is none of ours.
const LARGEST_SEGMENT: u64 = 80 << 20;

/// What waits for the server, and what did not come that far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Events that wait.
    pub events: u64,
    /// Transcripts that wait.
    pub transcripts: u64,
    /// Entries that wait and that only a newer version of this program can send.
    pub newer: u64,
    /// Bytes of the entries that wait, without the transcripts' own.
    pub bytes: u64,
    /// When the oldest entry that waits happened.
    pub oldest: Option<DateTime<Utc>>,
    /// Whether a process sends it now.
    pub sending: bool,
    /// The last attempt to send, if it failed.
    pub attempt: Option<Attempt>,
    /// Entries that the server will never take, in `rejected.jsonl`.
    pub rejected: u64,
    /// Lines that the disk lost a part of, in `damaged.jsonl`.
    pub damaged: u64,
    /// What was refused because the spool was full.
    pub refused: Option<Refused>,
}

/// What was refused because the spool was full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// How often something was refused.
    pub count: u64,
    /// The first time.
    pub first: DateTime<Utc>,
    /// The last time.
    pub last: DateTime<Utc>,
}

impl Waiting {
    /// Everything that waits.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.events + self.transcripts + self.newer
    }
}

impl Spool {
    /// What waits.
    ///
    /// # Errors
    /// If the spool cannot be read.
    pub fn waiting(&self) -> Result<Waiting, SpoolError> {
        let mut waiting = Waiting {
            sending: self.is_being_sent(),
            attempt: Attempt::read(&self.folder),
            rejected: aside::count(&self.folder, aside::REJECTED),
            damaged: aside::count(&self.folder, aside::DAMAGED),
            refused: Refused::read(&self.folder),
            ..Waiting::default()
        };
        let place = Place::read(&self.folder);
        for (segment, offset) in Place::unsent(place.as_ref(), segments::list(&self.folder)?) {
            let bytes = segments::read(&self.folder, &segment.name, offset, LARGEST_SEGMENT)?;
            waiting.count(&bytes);
        }
        Ok(waiting)
    }

    /// Whether nothing waits; cheaper than to count it.
    ///
    /// # Errors
    /// If the spool cannot be read.
    pub fn is_empty(&self) -> Result<bool, SpoolError> {
        let place = Place::read(&self.folder);
        let unsent = Place::unsent(place.as_ref(), segments::list(&self.folder)?);
        Ok(unsent.iter().all(|(segment, offset)| segment.bytes <= *offset))
    }

    /// Why the server rejected the event of this id, if it did.
    #[must_use]
    pub fn rejection_of(&self, id: &str) -> Option<String> {
        aside::reason_for(&self.folder, id)
    }
}

impl Waiting {
    fn count(&mut self, mut bytes: &[u8]) {
        if self.oldest.is_none() {
            self.oldest = oldest(bytes);
        }
        while let Some((kind, length)) = line::glance(bytes) {
            match kind {
                Some(Kind::Event) => self.events += 1,
                Some(Kind::Transcript) => self.transcripts += 1,
                Some(Kind::Newer) => self.newer += 1,
                None => {}
            }
            self.bytes += length as u64;
            bytes = &bytes[length..];
        }
    }
}

fn oldest(bytes: &[u8]) -> Option<DateTime<Utc>> {
    match line::next(bytes)? {
        Piece::Record(record, _) => Some(match *record {
            Record::Event(event) => event.timestamp,
            Record::Transcript(kept) => kept.added_at,
        }),
        Piece::Damaged(..) | Piece::Newer(_) | Piece::Torn => None,
    }
}

impl Refused {
    fn read(folder: &Path) -> Option<Self> {
        serde_json::from_str(&folder::read_small(&folder.join(REFUSED))?).ok()
    }

    /// Counts one; the caller holds the lock. A count that cannot be written is no reason to tell something else than
    /// that the spool is full.
    pub(super) fn count(folder: &Path) {
        let now = Utc::now();
        let before = Self::read(folder).unwrap_or(Self { count: 0, first: now, last: now });
        let counted = Self { count: before.count + 1, last: now, ..before };
        if let Ok(json) = serde_json::to_string(&counted) {
            drop(folder::write_small(&folder.join(REFUSED), &json));
        }
    }
}
