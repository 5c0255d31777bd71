//! Entries of a stream, read out of answers whatever stands in them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use redis::Value;

/// The field that holds an event.
pub(super) const EVENT: &str = "event";

/// The id of an entry: milliseconds by Redis' clock, and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    millis: u64,
    number: u64,
}

/// What was given is no id of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the id of a dead letter, such as 1769783400000-0")]
pub struct EntryIdError;

/// An entry of the stream of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// What should be an event's JSON.
    pub payload: Vec<u8>,
}

impl EntryId {
    /// When it was appended, by Redis' clock.
    #[must_use]
    pub fn at(self) -> DateTime<Utc> {
        i64::try_from(self.millis).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default()
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.millis, self.number)
    }
}

impl FromStr for EntryId {
    type Err = EntryIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (millis, number) = text.split_once('-').ok_or(EntryIdError)?;
        let whole = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten().ok_or(EntryIdError)
        };
        Ok(Self { millis: whole(millis)?, number: whole(number)? })
    }
}

/// An entry as Redis tells it: its id and its fields; no fields where it was deleted although it was pending.
pub(super) struct Raw {
    pub(super) id: EntryId,
    pub(super) fields: Option<Vec<(Vec<u8>, Vec<u8>)>>,
}

impl Raw {
    /// The value of a field.
    pub(super) fn take(&mut self, name: &str) -> Option<Vec<u8>> {
        let fields = self.fields.as_mut()?;
        let place = fields.iter().position(|(field, _)| field == name.as_bytes())?;
        Some(fields.swap_remove(place).1)
    }

    /// An entry without an event in it is told as it is, so that it can be looked at among the dead letters.
    pub(super) fn into_entry(mut self) -> Entry {
        let payload = self.take(EVENT).unwrap_or_else(|| {
            let mut told = Vec::new();
            for (field, value) in self.fields.unwrap_or_default() {
                told.extend_from_slice(&field);
                told.push(b' ');
                told.extend_from_slice(&value);
                told.push(b'\n');
            }
            told
        });
        Entry { id: self.id, payload }
    }
}

/// The entries of an answer such as XRANGE gives.
pub(super) fn entries(value: Value) -> Vec<Raw> {
    list(value).into_iter().filter_map(entry).collect()
}

/// One entry: `[id, [field, value, …]]`.
pub(super) fn entry(value: Value) -> Option<Raw> {
    let mut parts = list(value).into_iter();
    let id = String::from_utf8(bytes(parts.next()?)?).ok()?.parse().ok()?;
    let fields = match parts.next()? {
        Value::Nil => None,
        fields => {
            let mut texts = list(fields).into_iter();
            let mut pairs = Vec::new();
            while let (Some(field), Some(value)) = (texts.next(), texts.next()) {
                pairs.push((bytes(field)?, bytes(value)?));
            }
            Some(pairs)
        }
    };
    Some(Raw { id, fields })
}

pub(super) fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) | Value::Set(values) => values,
        Value::Map(pairs) => pairs.into_iter().flat_map(|(key, value)| [key, value]).collect(),
        _ => Vec::new(),
    }
}

fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        Value::SimpleString(text) => Some(text.into_bytes()),
        Value::Int(number) => Some(number.to_string().into_bytes()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_id_comes_back_as_it_was_and_nothing_else_is_one() {
        let id: EntryId = "1769783400000-3".parse().unwrap();
        assert_eq!(id.to_string(), "1769783400000-3");
        assert!(id < "1769783400000-10".parse().unwrap());
        for wrong in ["", "-", "1", "1-", "+1-2", "1-2-3", "a-1", "99999999999999999999-1"] {
            assert_eq!(wrong.parse::<EntryId>(), Err(EntryIdError), "{wrong}");
        }
    }
}
