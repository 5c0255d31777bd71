//! One entry, one line: `KIND DIGEST LENGTH JSON`. What was cut off, overwritten or mixed up does not pass for an entry.

use chrono::{DateTime, Utc};
use contract::Event;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Largest JSON of an entry: no event may have more.
pub const LARGEST: usize = 512 << 10;
/// Bytes of the digest that are kept, in hexadecimal twice as many.
const DIGEST_BYTES: usize = 8;

/// An entry as it is read back.
#[derive(Clone, Debug)]
pub enum Record {
    /// An event.
    Event(Event),
    /// A transcript.
    Transcript(Kept),
}

/// A transcript that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// Whose it is.
    pub session_id: String,
    /// Its media type.
    pub content_type: String,
    /// Where it was found, for people.
    pub from: String,
    /// The link's name; none if it could not be kept.
    pub file: Option<String>,
    /// Why it could not be kept.
    pub trouble: Option<String>,
    /// When it was added.
    pub added_at: DateTime<Utc>,
}

/// Why an entry has no line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// It is larger than any event.
    #[error("an entry of {0} bytes is too large to be kept")]
    Large(usize),
    /// It cannot be written as JSON.
    #[error("an entry cannot be written as JSON")]
    Json(#[source] serde_json::Error),
}

/// What stands next in the bytes of a segment.
#[derive(Debug)]
pub enum Piece {
    /// An entry; its line has this many bytes.
    Record(Box<Record>, usize),
    /// This many bytes are no entry, and why.
    Damaged(usize, &'static str),
    /// A whole entry of this many bytes, of a kind that only a newer version knows.
    Newer(usize),
    /// No whole line: what follows is being written, or was cut off.
    Torn,
}

/// What kind of entry, as the line says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An event.
    Event,
    /// A transcript.
    Transcript,
    /// One that only a newer version knows.
    Newer,
}

/// The line of an event.
///
/// # Errors
/// If it is too large.
pub fn of_event(event: &Event) -> Result<Vec<u8>, LineError> {
    of(b'e', event)
}

/// The line of a transcript.
///
/// # Errors
/// If it is too large.
pub fn of_transcript(kept: &Kept) -> Result<Vec<u8>, LineError> {
    of(b't', kept)
}

fn of(kind: u8, value: &impl Serialize) -> Result<Vec<u8>, LineError> {
    let json = serde_json::to_vec(value).map_err(LineError::Json)?;
    if json.len() > LARGEST {
        return Err(LineError::Large(json.len()));
    }
    let mut line = Vec::with_capacity(json.len() + 32);
    line.push(kind);
    line.extend(format!(" {} {} ", digest(kind, &json), json.len()).into_bytes());
    line.extend(json);
    line.push(b'\n');
    Ok(line)
}

/// What stands first in these bytes; none if there are none.
#[must_use]
pub fn next(bytes: &[u8]) -> Option<Piece> {
    if bytes.is_empty() {
        return None;
    }
    // The length comes first: should the newline itself be damaged, the entry before it is whole all the same.
    if let Some((kind, json, end)) = whole(bytes)
        && end < bytes.len()
    {
        return Some(match parse(kind, json) {
            Some(record) => Piece::Record(Box::new(record), end + 1),
            None => Piece::Newer(end + 1),
        });
    }
    Some(match bytes.iter().position(|byte| *byte == b'\n') {
        Some(newline) => Piece::Damaged(newline + 1, "the digest does not fit: the disk lost a part of it"),
        None => Piece::Torn,
    })
}

/// The kind and the length of what stands first in these bytes, without reading it.
#[must_use]
pub fn glance(bytes: &[u8]) -> Option<(Option<Kind>, usize)> {
    let newline = bytes.iter().position(|byte| *byte == b'\n')?;
    let kind = match bytes.get(..2) {
        Some(b"e ") => Some(Kind::Event),
        Some(b"t ") => Some(Kind::Transcript),
        Some([b'a'..=b'z', b' ']) => Some(Kind::Newer),
        _ => None,
    };
    Some((kind, newline + 1))
}

/// Whether these bytes are a whole entry that lacks its newline and nothing else.
#[must_use]
pub fn lacks_only_newline(bytes: &[u8]) -> bool {
    whole(bytes).is_some_and(|(_, _, end)| end == bytes.len())
}

/// The kind, the JSON, and where it ends, if length and digest fit.
fn whole(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let kind = *bytes.first()?;
    let rest = bytes.get(1..)?.strip_prefix(b" ")?;
    let (told, rest) = rest.split_at_checked(2 * DIGEST_BYTES)?;
    let rest = rest.strip_prefix(b" ")?;
    let space = rest.iter().take(8).position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&rest[..space]).ok()?.parse().ok()?;
    let json = rest[space + 1..].get(..length)?;
    let end = bytes.len() - rest.len() + space + 1 + length;
    (digest(kind, json).as_bytes() == told).then_some((kind, json, end))
}

fn parse(kind: u8, json: &[u8]) -> Option<Record> {
    fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
        serde_json::from_slice(json).ok()
    }
    match kind {
        b'e' => read(json).map(Record::Event),
        b't' => read(json).map(Record::Transcript),
        _ => None,
    }
}

/// The kind is a part of it, so that a flipped bit does not make an event of a transcript.
fn digest(kind: u8, json: &[u8]) -> String {
    let hash = Sha256::new().chain_update([kind]).chain_update(json).finalize();
    hash.iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
