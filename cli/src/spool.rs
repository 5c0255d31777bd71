//! What waits for the server: kept on disk from before `add` returns until the server has promised to keep it.
//!
//! A folder of append-only segments. Each line carries its length and a digest, so that the end of a write that was cut
//! off is told from an entry. Whoever adds holds a kernel lock while it writes; at most one process sends. How far it
//! has come stands in a file that may be lost at any time: what is sent twice is stored once, because ids stay.
//!
//! The order is that of adding, by the segments' numbers and the places in them; no clock takes part in it.

mod add;
mod aside;
mod attempt;
mod error;
mod files;
mod folder;
pub mod line;
mod place;
mod segments;
mod sender;
mod waiting;

use std::path::{Path, PathBuf};

use contract::Event;

pub use aside::Aside;
pub use attempt::Attempt;
pub use error::SpoolError;
pub use line::Kept;
pub use place::Place;
pub use sender::{Batch, Sender};
pub use waiting::{Refused, Waiting};

/// Something for the server.
#[derive(Debug)]
pub enum Entry {
    /// An event.
    Event(Event),
    /// A session's transcript, at its place among the events.
    Transcript {
        /// Whose it is.
        session_id: String,
        /// Where it is. A link to it is kept, so its folder may be cleaned.
        path: PathBuf,
        /// Its media type.
        content_type: String,
    },
}

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of all segments together.
    pub bytes: u64,
    /// Bytes after which a new segment begins.
    pub segment_bytes: u64,
    /// Transcripts that wait.
    pub transcripts: usize,
    /// Bytes of each file of what was set aside.
    pub aside_bytes: u64,
}

impl Limits {
    /// Those of the program.
    pub const DEFAULT: Self =
        Self { bytes: 64 << 20, segment_bytes: 1 << 20, transcripts: 256, aside_bytes: 4 << 20 };
}

/// The spool of one user. Cheap to clone; any number of processes may use it at once.
#[derive(Clone, Debug)]
pub struct Spool {
    folder: PathBuf,
    limits: Limits,
}

impl Spool {
    /// The spool in this program's state folder. It is made if it is not there, for its owner alone.
    ///
    /// # Errors
    /// If it cannot be made or entered.
    pub fn open(state: &Path) -> Result<Self, SpoolError> {
        Self::open_with(state, Limits::DEFAULT)
    }

    /// The same with other limits, for tests.
    ///
    /// # Errors
    /// If it cannot be made or entered.
    pub fn open_with(state: &Path, limits: Limits) -> Result<Self, SpoolError> {
        let folder = state.join("spool");
        folder::make(&folder)?;
        Ok(Self { folder, limits })
    }

    /// Where it is, for people.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[cfg(test)]
#[path = "spool/tests.rs"]
mod tests;
