//! Reading what waits, in order, and letting go of what has left. One process at a time does so.

use std::fs::{self, File};

use chrono::Utc;
use contract::{Event, MAX_BATCH_BYTES, MAX_BATCH_EVENTS};
use serde_json::value::to_raw_value;

use super::aside::{self, Aside};
use super::line::{self, LineError, Piece, Record};
use super::{Kept, Place, Spool, SpoolError, files, folder, segments};
use crate::event;

/// Held by the process that sends.
const LOCK: &str = "sending";
/// Held by the process that sends while nobody waits for it, also between its attempts.
const BACKGROUND: &str = "background";
/// Read at once: a batch, and enough to see where the entry after it ends.
const WINDOW: u64 = (MAX_BATCH_BYTES + event::LARGEST + (64 << 10)) as u64;
/// What stands around the events of a batch.
const FRAME: usize = "{\"events\":[]}".len();

/// The one that may send. Whoever is killed as it lets go of the lock, and its successor goes on where it was.
#[derive(Debug)]
pub struct Sender {
    spool: Spool,
    place: Option<Place>,
    _lock: File,
}

/// What is sent at once.
#[derive(Debug)]
pub enum Batch {
    /// Events, each with the place behind it.
    Events(Vec<(Event, Place)>),
    /// A transcript, with the place behind it.
    Transcript(Kept, Place),
}

impl Spool {
    /// The one that may send; none while another process does.
    ///
    /// # Errors
    /// If that cannot be told.
    pub fn sender(&self) -> Result<Option<Sender>, SpoolError> {
        let Some(lock) = folder::try_lock(&self.folder, LOCK)? else { return Ok(None) };
        Ok(Some(Sender { spool: self.clone(), place: Place::read(&self.folder), _lock: lock }))
    }

    /// Whether a process sends now.
    pub(super) fn is_being_sent(&self) -> bool {
        matches!(folder::try_lock(&self.folder, LOCK), Ok(None))
    }

    /// The lock that makes a process the only one that sends in the background; none while another one does.
    ///
    /// # Errors
    /// If that cannot be told.
    pub fn background(&self) -> Result<Option<File>, SpoolError> {
        folder::try_lock(&self.folder, BACKGROUND)
    }
}

impl Sender {
    /// What comes next, at most `most_events` of it; none if nothing waits. Lines that are damaged are set aside on the
    /// way.
    ///
    /// # Errors
    /// If the spool cannot be read, or something damaged cannot be set aside.
    pub fn next(&mut self, most_events: usize) -> Result<Option<Batch>, SpoolError> {
        loop {
            if let Some(batch) = self.look(most_events)? {
                return Ok(Some(batch));
            }
            if self.tidy()? {
                return Ok(None);
            }
        }
    }

    fn look(&mut self, most_events: usize) -> Result<Option<Batch>, SpoolError> {
        let found = segments::list(&self.spool.folder)?;
        let (left, unsent) = Place::split(self.place.as_ref(), found);
        for segment in left {
            self.remove_segment(&segment.name);
        }
        let last = unsent.len().saturating_sub(1);
        for (index, (segment, begin)) in unsent.into_iter().enumerate() {
            if let Some(batch) = self.look_into(&segment.name, begin, index == last, most_events)? {
                return Ok(Some(batch));
            }
            if index < last {
                // Nobody writes to it any more, now that there is a later one.
                self.remove_segment(&segment.name);
            }
        }
        Ok(None)
    }

    fn look_into(
        &mut self,
        name: &str,
        mut offset: u64,
        is_last: bool,
        most_events: usize,
    ) -> Result<Option<Batch>, SpoolError> {
        let at = |offset| Place { segment: name.to_owned(), offset };
        loop {
            let bytes = segments::read(&self.spool.folder, name, offset, WINDOW)?;
            let (length, reason) = match line::next(&bytes) {
                None => return Ok(None),
                Some(Piece::Record(..)) => return Ok(batch(&bytes, offset, most_events, at)),
                Some(Piece::Newer(_)) => return Err(SpoolError::Newer(self.spool.folder.clone())),
                Some(Piece::Damaged(length, reason)) => (length, reason),
                Some(Piece::Torn) if bytes.len() as u64 == WINDOW => (bytes.len(), "it has no end"),
                // Another process writes it, or will cut it off.
                Some(Piece::Torn) if is_last => return Ok(None),
                Some(Piece::Torn) => (bytes.len(), "its end is missing"),
            };
            let damaged = Aside::damaged(&bytes[..length], reason);
            aside::write(&self.spool.folder, aside::DAMAGED, &damaged, self.spool.limits.aside_bytes)?;
            offset += length as u64;
            self.let_go(at(offset))?;
        }
    }

    fn remove_segment(&self, name: &str) {
        drop(fs::remove_file(self.spool.folder.join(name)));
    }

    /// Lets go of everything before this place: the server has it, or it was set aside.
    ///
    /// # Errors
    /// If the segment cannot be made durable first: what was sent before it is must not be forgotten, or what is written
    /// there later would be.
    pub fn let_go(&mut self, place: Place) -> Result<(), SpoolError> {
        let path = self.spool.folder.join(&place.segment);
        match File::open(&path).and_then(|file| file.sync_data()) {
            // Somebody removed it; there is nothing left in it to forget.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            synced => synced.map_err(SpoolError::io("read", &path))?,
        }
        place.write(&self.spool.folder);
        self.place = Some(place);
        Ok(())
    }

    /// Removes a transcript that has left.
    pub fn remove(&self, kept: &Kept) {
        if let Some(path) = kept.path(&self.spool.folder) {
            drop(fs::remove_file(path));
        }
    }

    /// The file of a transcript.
    #[must_use]
    pub fn path_of(&self, kept: &Kept) -> Option<std::path::PathBuf> {
        kept.path(&self.spool.folder)
    }

    /// Writes down an event that the server will never take.
    ///
    /// # Errors
    /// If that cannot be made durable; the event must stay then.
    pub fn set_aside(&self, event: &Event, reason: &str) -> Result<(), SpoolError> {
        let entry = to_raw_value(event).map_err(LineError::Json)?;
        self.reject(Some(event.id.clone()), entry, reason)
    }

    /// Writes down a transcript that the server will never take.
    ///
    /// # Errors
    /// If that cannot be made durable; the transcript must stay then.
    pub fn set_transcript_aside(&self, kept: &Kept, reason: &str) -> Result<(), SpoolError> {
        self.reject(None, to_raw_value(kept).map_err(LineError::Json)?, reason)
    }

    fn reject(
        &self,
        id: Option<String>,
        entry: Box<serde_json::value::RawValue>,
        reason: &str,
    ) -> Result<(), SpoolError> {
        let aside = Aside { at: Utc::now(), reason: reason.to_owned(), id, entry: Some(entry), text: None };
        aside::write(&self.spool.folder, aside::REJECTED, &aside, self.spool.limits.aside_bytes)
    }

    /// When nothing waits: cuts off what a killed process left half-written, removes a last segment that is large, links
    /// that nothing refers to, and small files that were never put in their place. Tells whether nothing waits indeed.
    fn tidy(&mut self) -> Result<bool, SpoolError> {
        let _lock = self.spool.lock_for_adding()?;
        segments::mend_last(&self.spool.folder)?;
        let unsent = Place::unsent(self.place.as_ref(), segments::list(&self.spool.folder)?);
        if unsent.iter().any(|(segment, offset)| segment.bytes > *offset) {
            return Ok(false);
        }
        files::sweep(&self.spool.folder);
        folder::sweep(&self.spool.folder);
        for (segment, _) in unsent {
            if segment.bytes >= self.spool.limits.segment_bytes {
                self.remove_segment(&segment.name);
                Place::forget(&self.spool.folder);
                self.place = None;
            }
        }
        Ok(true)
    }
}

/// As many events as fit into one batch, or the transcript that stands first.
fn batch(mut bytes: &[u8], begin: u64, most: usize, at: impl Fn(u64) -> Place) -> Option<Batch> {
    let mut events = Vec::new();
    let (mut offset, mut size) = (begin, FRAME);
    while let Some(Piece::Record(record, length)) = line::next(bytes) {
        offset += length as u64;
        match *record {
            Record::Transcript(kept) if events.is_empty() => {
                return Some(Batch::Transcript(kept, at(offset)));
            }
            Record::Transcript(_) => break,
            Record::Event(event) => {
                // The line is longer than its JSON, so the batch is a little smaller than it might be.
                size += length;
                if !events.is_empty()
                    && (size > MAX_BATCH_BYTES || events.len() >= most.min(MAX_BATCH_EVENTS))
                {
                    break;
                }
                events.push((event, at(offset)));
                bytes = &bytes[length..];
            }
        }
    }
    (!events.is_empty()).then_some(Batch::Events(events))
}
