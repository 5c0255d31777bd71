//! The last attempt to send that failed: why, and when the next one makes sense. So that not every hook starts a process
//! that finds the server away.

use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Spool, folder};

/// Holds it.
const NAME: &str = "next-attempt";
/// Nobody is told to wait longer. A time that lies further ahead comes from a clock that was wrong.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// A failed attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The server that was asked.
    pub address: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When a hook may start the next one.
    pub next_at: DateTime<Utc>,
    /// Whether the server itself asked to wait that long.
    pub asked: bool,
    /// How many failed in a row.
    pub failures: u32,
    /// What happened and what to do, in one line.
    pub why: String,
}

impl Attempt {
    /// Whether it is too early for the next one at this server.
    #[must_use]
    pub fn says_wait(&self, address: &str, now: DateTime<Utc>) -> bool {
        self.address == address && now < self.next_at && self.next_at - now <= LONGEST_WAIT
    }

    pub(super) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_str(&folder::read_small(&folder.join(NAME))?).ok()
    }
}

impl Spool {
    /// The last attempt, if it failed.
    #[must_use]
    pub fn failed_attempt(&self) -> Option<Attempt> {
        Attempt::read(&self.folder)
    }

    /// Notes that an attempt failed. Where it cannot be noted, the next one merely comes earlier.
    pub fn note_failure(&self, attempt: &Attempt) {
        if let Ok(json) = serde_json::to_string(attempt) {
            drop(folder::write_small(&self.folder.join(NAME), &json));
        }
    }

    /// Notes that the server takes what is sent.
    pub fn note_success(&self) {
        drop(fs::remove_file(self.folder.join(NAME)));
    }
}
