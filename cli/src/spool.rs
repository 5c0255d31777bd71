//! What waits for the server: kept on disk from before `add` returns until the server has promised to keep it.
//!
//! A folder of append-only segments. Each line carries its length and a digest, so that the end of a write that was cut
//! off is told from an entry. Whoever adds holds a kernel lock while it writes; at most one process sends. How far it
//! has come stands in a file that may be lost at any time: what is sent twice is stored once, because ids stay.
//!
//! Each server has a folder of its own: what was kept for one is never sent to another because a command named that.
//!
//! The order is that of adding, by the segments' numbers and the places in them; no clock takes part in it.

mod add;
mod aside;
mod attempt;
mod error;
mod files;
mod folder;
mod label;
pub mod line;
mod place;
mod segments;
mod sender;
mod waiting;

use std::path::{Path, PathBuf};

use contract::Event;

use crate::config::Config;

pub use aside::Aside;
pub use attempt::Attempt;
pub use error::SpoolError;
pub use line::Kept;
pub use place::Place;
pub use sender::{Batch, Sender};
pub use waiting::{Refused, Waiting};

/// Holds a folder for each server.
const FOLDER: &str = "spool";

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

/// What waits for one server. Cheap to clone; any number of processes may use it at once.
#[derive(Clone, Debug)]
pub struct Spool {
    folder: PathBuf,
    address: Option<String>,
    limits: Limits,
}

impl Spool {
    /// What waits for the configured server. It is made if it is not there, for its owner alone.
    ///
    /// # Errors
    /// If it cannot be made or entered, or a newer version of this program has written it.
    pub fn of(config: &Config) -> Result<Self, SpoolError> {
        Self::for_server(&config.folders.state, config.address())
    }

    /// What waits for the server at this address, and for no other.
    ///
    /// # Errors
    /// If it cannot be made or entered, or a newer version of this program has written it.
    pub fn for_server(state: &Path, address: &str) -> Result<Self, SpoolError> {
        Self::open_with(state, Some(address), Limits::DEFAULT)
    }

    /// What was kept while the configuration was wrong. It waits for the server that the next right one names.
    ///
    /// # Errors
    /// If it cannot be made or entered, or a newer version of this program has written it.
    pub fn open(state: &Path) -> Result<Self, SpoolError> {
        Self::open_with(state, None, Limits::DEFAULT)
    }

    /// The same, if there is one.
    #[must_use]
    pub fn without_server(state: &Path) -> Option<Self> {
        let folder = state.join(FOLDER).join(label::folder_of(None));
        let spool = Self { folder, address: None, limits: Limits::DEFAULT };
        spool.folder.is_dir().then_some(spool)
    }

    /// Any of them with other limits, for tests.
    ///
    /// # Errors
    /// If it cannot be made or entered, or a newer version of this program has written it.
    pub fn open_with(state: &Path, address: Option<&str>, limits: Limits) -> Result<Self, SpoolError> {
        let folder = state.join(FOLDER).join(label::folder_of(address));
        folder::make(&folder)?;
        let spool = Self { folder, address: address.map(str::to_owned), limits };
        label::check(&spool.folder, address)?;
        Ok(spool)
    }

    /// All that are there, whichever server they are for. None is made.
    #[must_use]
    pub fn all(state: &Path) -> Vec<Self> {
        label::find(&state.join(FOLDER))
            .into_iter()
            .map(|(folder, address)| Self { folder, address, limits: Limits::DEFAULT })
            .collect()
    }

    /// Where it is, for people.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The server that it waits for; none for what was kept while the configuration was wrong.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }
}

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
