//! What the server will never take, and what the disk lost: set aside with the reason, so that it blocks nothing.

use std::fs;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::line::{self, LineError};
use super::{SpoolError, folder};

/// Entries that the server refused for good.
pub(super) const REJECTED: &str = "rejected";
/// Lines that are no entries any more.
pub(super) const DAMAGED: &str = "damaged";
/// Longest damaged line that is kept whole: any that was ever written.
const LONGEST_LINE: usize = line::LARGEST + 64;
/// What is kept of what is longer.
const LONGEST_TEXT: usize = 64 << 10;

/// Something that was set aside: a line of `rejected.jsonl` or `damaged.jsonl`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Aside {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// The event's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Box<RawValue>>,
    /// What is left of a damaged line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Aside {
    pub(super) fn damaged(bytes: &[u8], reason: &str) -> Self {
        let kept = if bytes.len() > LONGEST_LINE { &bytes[..LONGEST_TEXT] } else { bytes };
        let text = String::from_utf8_lossy(kept).into_owned();
        Self { at: Utc::now(), reason: reason.to_owned(), id: None, entry: None, text: Some(text) }
    }
}

/// Where it stands.
pub(super) fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension("jsonl")
}

fn older(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.older.jsonl"))
}

/// Writes one down, durably. The newest are kept: when the file is full it takes the place of the older one.
pub(super) fn write(folder: &Path, name: &str, aside: &Aside, most_bytes: u64) -> Result<(), SpoolError> {
    let path = path(folder, name);
    let told = || SpoolError::io("write", &path);
    let mut line = serde_json::to_vec(aside).map_err(LineError::Json)?;
    line.push(b'\n');
    let mut file = folder::open_to_append(&path)?;
    let length = file.metadata().map_err(told())?.len();
    if length > 0 && length + line.len() as u64 > most_bytes {
        fs::rename(&path, older(folder, name)).map_err(told())?;
        file = folder::open_to_append(&path)?;
    } else if length > 0 {
        let mut last = [0];
        file.seek(SeekFrom::Start(length - 1)).and_then(|_| file.read_exact(&mut last)).map_err(told())?;
        if last != *b"\n" {
            // The one before was cut off; it must not spoil this one.
            line.insert(0, b'\n');
        }
    }
    file.write_all(&line).and_then(|()| file.sync_data()).map_err(told())?;
    folder::sync(folder)
}

/// How many are there.
pub(super) fn count(folder: &Path, name: &str) -> u64 {
    each(folder, name).map(|_| 1).sum()
}

/// Why the event of this id was rejected, if it was.
pub(super) fn reason_for(folder: &Path, id: &str) -> Option<String> {
    let read = |line: String| serde_json::from_str::<Aside>(&line).ok();
    each(folder, REJECTED)
        .filter_map(read)
        .find(|aside| aside.id.as_deref() == Some(id))
        .map(|aside| aside.reason)
}

fn each(folder: &Path, name: &str) -> impl Iterator<Item = String> {
    [older(folder, name), path(folder, name)]
        .into_iter()
        .filter_map(|path| fs::File::open(path).ok())
        .flat_map(|file| BufReader::new(file).lines().map_while(Result::ok))
        .filter(|line| !line.is_empty())
}
