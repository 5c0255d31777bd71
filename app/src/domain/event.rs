//! An event: which ones are taken, and what is kept of them.

use chrono::{DateTime, Datelike, Duration, SubsecRound, Utc};
use contract::StoredEvent;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{json, text};

/// Largest event, in bytes as sent.
pub const LARGEST: usize = 512 << 10;
/// Longest name of a type, in bytes.
const LONGEST_KIND: usize = 100;
/// A client's clock may be this much ahead before it is not believed.
const AHEAD: Duration = Duration::minutes(5);
/// A clock that shows an earlier year was never set.
const FIRST_YEAR: i32 = 2015;

/// An event that was taken. Its fields hold what their names say; text in it is still text of a stranger.
#[derive(Clone, Debug)]
pub struct Event {
    /// The client's id.
    pub id: Uuid,
    /// What happened.
    pub kind: String,
    /// When, by the client's clock, in whole microseconds.
    pub timestamp: DateTime<Utc>,
    /// When it was received, in whole microseconds.
    pub received_at: DateTime<Utc>,
    /// The session that it belongs to.
    pub session_id: Option<String>,
    /// The workspace that it belongs to.
    pub workspace: Option<String>,
    /// The machine that it happened on.
    pub device: Option<String>,
    /// Everything else, without white space between its parts.
    pub data: Option<Box<RawValue>>,
}

/// What became of an event that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is new, and durable now.
    New,
    /// It was there already; nothing was done.
    Duplicate,
    /// Its id was there already with another [digest](Event::digest); the first one is kept.
    Conflict,
}

/// Why an event is not taken.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Too large.
    #[error("the event is larger than {} KiB", LARGEST >> 10)]
    Large,
    /// Not an object with these fields, or a field of another type.
    #[error("{0}")]
    Shape(String),
    /// A field is missing.
    #[error("{0}: is missing")]
    Missing(&'static str),
    /// The id is no UUID.
    #[error("id: must be a UUID, such as 6f1c2a52-5d0e-4c8e-9a3e-2f6f0f1f7f10")]
    Id,
    /// The type is no name of one.
    #[error("type: must be 1 to {LONGEST_KIND} letters, digits or `._-:/`, such as session.start")]
    Kind,
    /// The time is no time.
    #[error("timestamp: must be a time as of RFC 3339, such as 2026-01-30T14:30:00Z")]
    Timestamp,
    /// A name is not taken.
    #[error("{0}: {1}")]
    Text(&'static str, text::TextError),
    /// The data is nested too deeply.
    #[error("data: is nested deeper than {} levels", json::DEEPEST)]
    Deep,
}

/// As it is sent; every field optional, so that the answer can name the one that is missing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent<'a> {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    timestamp: Option<String>,
    session_id: Option<String>,
    workspace: Option<String>,
    device: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

impl Event {
    /// Reads one event as a client sent it.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(json: &str, received_at: DateTime<Utc>) -> Result<Self, EventError> {
        if json.len() > LARGEST {
            return Err(EventError::Large);
        }
        Self::read(json, received_at)
    }

    fn read(json: &str, received_at: DateTime<Utc>) -> Result<Self, EventError> {
        if !json::is_object(json) {
            return Err(EventError::Shape("not an event: must be an object".into()));
        }
        let sent: Sent<'_> = serde_json::from_str(json).map_err(|error| shape(&error))?;
        let id = sent.id.ok_or(EventError::Missing("id"))?;
        let kind = sent.kind.ok_or(EventError::Missing("type"))?;
        let timestamp = sent.timestamp.ok_or(EventError::Missing("timestamp"))?;
        let data = sent.data.map(|data| json::compact(data.get()).ok_or(EventError::Deep)).transpose()?;
        Ok(Self {
            id: Uuid::parse_str(id.trim()).map_err(|_| EventError::Id)?,
            kind: checked_kind(kind)?,
            timestamp: time(&timestamp)?,
            received_at: received_at.trunc_subsecs(6),
            session_id: checked("sessionId", sent.session_id, text::session_id)?,
            workspace: checked("workspace", sent.workspace, text::name)?,
            device: checked("device", sent.device, text::name)?,
            data: data.map(RawValue::from_string).transpose().map_err(|error| shape(&error))?,
        })
    }

    /// Where it stands in the order: the client's time, unless that clock cannot be right.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        let believed = self.timestamp <= self.received_at + AHEAD && self.timestamp.year() >= FIRST_YEAR;
        if believed { self.timestamp } else { self.received_at }
    }

    /// Names what the client sent, whenever it was received: two events of one id with different digests are not
    /// the same event.
    #[must_use]
    pub fn digest(&self) -> [u8; 16] {
        let mut hash = Sha256::new();
        let time = self.timestamp.timestamp_micros().to_be_bytes();
        let data = self.data.as_ref().map(|data| data.get());
        let texts = [
            Some(self.kind.as_str()),
            self.session_id.as_deref(),
            self.workspace.as_deref(),
            self.device.as_deref(),
            data,
        ];
        hash.update(time);
        for text in texts {
            // Length first: otherwise `a`, `bc` and `ab`, `c` were the same.
            let length = text.map_or(u64::MAX, |text| text.len() as u64);
            hash.update(length.to_be_bytes());
            hash.update(text.unwrap_or_default());
        }
        let hash: [u8; 32] = hash.finalize().into();
        std::array::from_fn(|index| hash[index])
    }

    /// As it is queued and told.
    #[must_use]
    pub fn to_stored(&self) -> StoredEvent {
        StoredEvent {
            id: self.id.to_string(),
            kind: self.kind.clone(),
            timestamp: self.timestamp,
            received_at: self.received_at,
            at: self.at(),
            session_id: self.session_id.clone(),
            workspace: self.workspace.clone(),
            device: self.device.clone(),
            data: self.data.clone(),
        }
    }

    /// Reads one event as it was queued.
    ///
    /// # Errors
    /// If it was not written by [`Event::to_stored`], or breaks a rule that came later.
    pub fn from_queue(json: &str) -> Result<Self, EventError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Received {
            received_at: DateTime<Utc>,
        }
        let received: Received = serde_json::from_str(json).map_err(|error| shape(&error))?;
        // Not `parse`: with its time of receipt the largest event is larger than what may be sent.
        Self::read(json, received.received_at)
    }
}

fn shape(error: &serde_json::Error) -> EventError {
    EventError::Shape(format!("not an event: {error}"))
}

fn checked_kind(kind: String) -> Result<String, EventError> {
    let fits = (1..=LONGEST_KIND).contains(&kind.len())
        && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte));
    if fits { Ok(kind) } else { Err(EventError::Kind) }
}

fn time(text: &str) -> Result<DateTime<Utc>, EventError> {
    let time = DateTime::parse_from_rfc3339(text.trim()).map_err(|_| EventError::Timestamp)?;
    let time = time.with_timezone(&Utc).trunc_subsecs(6);
    // With its offset taken away it may lie in a year that has no four digits, which nobody could read again.
    if (0..=9999).contains(&time.year()) { Ok(time) } else { Err(EventError::Timestamp) }
}

/// An empty text counts as absent: clients send one for what they do not know.
fn checked(
    field: &'static str,
    value: Option<String>,
    check: impl Fn(&str) -> Result<(), text::TextError>,
) -> Result<Option<String>, EventError> {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return Ok(None) };
    check(&value).map_err(|error| EventError::Text(field, error))?;
    Ok(Some(value))
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
