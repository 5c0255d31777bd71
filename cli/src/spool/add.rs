//! Adding: durable before it returns, all of it or nothing.

use super::files::{self, Pending};
use super::segments::{self, Segment};
use super::waiting::Refused;
use super::{Entry, Place, Spool, SpoolError, folder, line};

/// Held while something is written.
const LOCK: &str = "adding";

/// An entry that is ready to be written but for what needs the lock.
enum Prepared {
    Line(Vec<u8>),
    Transcript(Pending),
}

impl Prepared {
    fn bytes(&self) -> u64 {
        match self {
            Self::Line(line) => line.len() as u64,
            Self::Transcript(_) => 1 << 10,
        }
    }
}

impl Spool {
    /// Keeps these entries, in this order, before what is added later. They are durable when it returns.
    ///
    /// # Errors
    /// If they cannot be kept: then none of them is.
    pub fn add(&self, entries: Vec<Entry>) -> Result<(), SpoolError> {
        self.place(entries).map(drop)
    }

    /// The same; gives the place behind them.
    ///
    /// # Errors
    /// If they cannot be kept: then none of them is.
    pub fn place(&self, entries: Vec<Entry>) -> Result<Option<Place>, SpoolError> {
        if entries.is_empty() {
            return Ok(None);
        }
        // What takes long comes before the lock.
        let prepared: Vec<Prepared> =
            entries.into_iter().map(|entry| self.prepare(entry)).collect::<Result<_, _>>()?;
        let lock = folder::lock(&self.folder, LOCK)?;
        let found = segments::list(&self.folder)?;
        self.check_room(&found, &prepared)?;
        let lines = self.lines(prepared)?;
        let (file, place) = segments::append(&self.folder, &found, self.limits.segment_bytes, &lines)?;
        // Others may write while the disk does its work; the order is settled.
        drop(lock);
        file.sync_data().map_err(SpoolError::io("write", &self.folder.join(&place.segment)))?;
        Ok(Some(place))
    }

    /// Whether what stands before this place has left the spool: the server has it, or it was set aside.
    ///
    /// # Errors
    /// If the spool cannot be read.
    pub fn has_left(&self, place: &Place) -> Result<bool, SpoolError> {
        let unsent = Place::unsent(Place::read(&self.folder).as_ref(), segments::list(&self.folder)?);
        let at = unsent.iter().find(|(segment, _)| segment.name == place.segment);
        Ok(at.is_none_or(|(_, offset)| *offset >= place.offset))
    }

    pub(super) fn lock_for_adding(&self) -> Result<std::fs::File, SpoolError> {
        folder::lock(&self.folder, LOCK)
    }

    fn prepare(&self, entry: Entry) -> Result<Prepared, SpoolError> {
        Ok(match entry {
            Entry::Event(event) => Prepared::Line(line::of_event(&event)?),
            Entry::Transcript { session_id, path, content_type } => {
                Prepared::Transcript(files::prepare(&self.folder, session_id, &path, content_type)?)
            }
        })
    }

    fn lines(&self, prepared: Vec<Prepared>) -> Result<Vec<u8>, SpoolError> {
        let mut lines = Vec::new();
        let mut linked = false;
        for entry in prepared {
            match entry {
                Prepared::Line(line) => lines.extend(line),
                Prepared::Transcript(pending) => {
                    lines.extend(line::of_transcript(&pending.settle(self.limits.transcripts))?);
                    linked = true;
                }
            }
        }
        if linked {
            folder::sync(&files::folder(&self.folder))?;
        }
        Ok(lines)
    }

    /// The oldest are kept when there is no more room: what follows makes no sense without them.
    fn check_room(&self, segments: &[Segment], prepared: &[Prepared]) -> Result<(), SpoolError> {
        let bytes: u64 = segments.iter().map(|segment| segment.bytes).sum();
        let more: u64 = prepared.iter().map(Prepared::bytes).sum();
        if bytes + more <= self.limits.bytes {
            return Ok(());
        }
        Refused::count(&self.folder);
        Err(SpoolError::Full { bytes })
    }
}
