//! Events: made here, and refused here by the rules of the server, so that whoever sends one learns of it at once.

mod compact;

use chrono::{DateTime, Datelike, SubsecRound, Utc};
use contract::Event;
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

pub use compact::DEEPEST;
use compact::compact;

/// Largest event, in bytes as sent.
pub const LARGEST: usize = 512 << 10;
/// Longest name of a type, in bytes.
const LONGEST_KIND: usize = 100;
/// Longest other name, in bytes.
const LONGEST_NAME: usize = 200;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Its type, such as `git.commit`.
    pub kind: String,
    /// The session that it belongs to.
    pub session_id: Option<String>,
    /// The workspace that it belongs to.
    pub workspace: Option<String>,
    /// When it happened.
    pub timestamp: DateTime<Utc>,
    /// Anything about it; null is nothing.
    pub data: Value,
}

/// What somebody typed: an id of its own, and data that is kept to the letter, numbers of any length included.
#[derive(Debug)]
pub struct TypedEvent {
    /// Its id; a new one if absent.
    pub id: Option<String>,
    /// The rest; its `data` is not used.
    pub event: NewEvent,
    /// Anything about it.
    pub data: Option<Box<RawValue>>,
}

/// Why an event is refused: the field, the rule, and how it would be right.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The type is no name of one.
    #[error("type: must be 1 to {LONGEST_KIND} letters, digits or `._-:/`, such as build.done")]
    Kind,
    /// The id is no UUID.
    #[error("id: must be a UUID, such as 6f1c2a52-5d0e-4c8e-9a3e-2f6f0f1f7f10")]
    Id,
    /// The time lies in a year that has no four digits.
    #[error("timestamp: must lie in the years 0 to 9999")]
    Timestamp,
    /// The session's id is none.
    #[error("session id: must be at most {LONGEST_NAME} letters, digits or `-_.:`, and not `.` or `..`")]
    SessionId,
    /// A name is too long.
    #[error("{field}: must be at most {LONGEST_NAME} bytes long, and is {bytes}")]
    Long {
        /// Which name.
        field: &'static str,
        /// Its length.
        bytes: usize,
    },
    /// A name holds what no name holds.
    #[error("{0}: must not hold control characters")]
    Control(&'static str),
    /// The data is nested too deeply.
    #[error("data: must not be nested deeper than {DEEPEST} levels")]
    Deep,
    /// The event is too large.
    #[error("the event has {0} bytes, and must have at most {LARGEST}; leave out a part of its data")]
    Large(usize),
    /// The data cannot be written as JSON.
    #[error("data: cannot be written as JSON")]
    Data(#[source] serde_json::Error),
}

impl NewEvent {
    /// The event as it is sent, with a new id.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn check(mut self, device: &str) -> Result<Event, EventError> {
        let data = match std::mem::take(&mut self.data) {
            Value::Null => None,
            data => Some(serde_json::value::to_raw_value(&data).map_err(EventError::Data)?),
        };
        TypedEvent { id: None, event: self, data }.check(device)
    }
}

impl TypedEvent {
    /// The event as it is sent.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn check(self, device: &str) -> Result<Event, EventError> {
        let Self { id, event, data } = self;
        let id = match id {
            Some(id) => Uuid::parse_str(id.trim()).map_err(|_| EventError::Id)?,
            None => Uuid::now_v7(),
        };
        let timestamp = event.timestamp.trunc_subsecs(6);
        if !(0..=9999).contains(&timestamp.year()) {
            return Err(EventError::Timestamp);
        }
        let data = data.map(|data| compact(data.get()).ok_or(EventError::Deep)).transpose()?;
        let checked = Event {
            id: id.to_string(),
            kind: checked_kind(event.kind)?,
            timestamp,
            session_id: checked_session(event.session_id)?,
            workspace: checked_name("workspace", event.workspace)?,
            device: checked_name("device", Some(device.to_owned()))?,
            data: data.map(RawValue::from_string).transpose().map_err(EventError::Data)?,
        };
        let bytes = serde_json::to_string(&checked).map_err(EventError::Data)?.len();
        if bytes > LARGEST { Err(EventError::Large(bytes)) } else { Ok(checked) }
    }
}

/// This machine's name as events tell it, if none is configured. What no name may hold is left out, what is too long
/// is cut: nobody chose it for us.
#[must_use]
pub fn host_name() -> String {
    let uname = rustix::system::uname();
    let name: String = uname.nodename().to_string_lossy().chars().filter(|next| !next.is_control()).collect();
    contract::terminal::cap(&name, LONGEST_NAME).0
}

fn checked_kind(kind: String) -> Result<String, EventError> {
    let fits = (1..=LONGEST_KIND).contains(&kind.len())
        && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte));
    if fits { Ok(kind) } else { Err(EventError::Kind) }
}

/// An empty text counts as absent, here and on the server.
fn checked_session(id: Option<String>) -> Result<Option<String>, EventError> {
    let Some(id) = id.filter(|id| !id.is_empty()) else { return Ok(None) };
    if is_session_id(&id) { Ok(Some(id)) } else { Err(EventError::SessionId) }
}

/// Whether this can be a session's id; it then stands safely in an address and in the name of a file.
#[must_use]
pub fn is_session_id(id: &str) -> bool {
    (1..=LONGEST_NAME).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        && id != "."
        && id != ".."
}

fn checked_name(field: &'static str, name: Option<String>) -> Result<Option<String>, EventError> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(None) };
    if name.len() > LONGEST_NAME {
        Err(EventError::Long { field, bytes: name.len() })
    } else if name.chars().any(char::is_control) {
        Err(EventError::Control(field))
    } else {
        Ok(Some(name))
    }
}

#[cfg(test)]
#[path = "event/tests.rs"]
mod tests;
