//! Pages of lists: a place in an order that does not move when rows are added.

use chrono::{DateTime, Datelike, Utc};

/// Where no other number is asked for.
pub const DEFAULT_LIMIT: u32 = 50;
/// Most items on a page.
pub const MAX_LIMIT: u32 = 500;

/// The last item of the page before: its time, and its id where times are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its place in time.
    pub at: DateTime<Utc>,
    /// Its id.
    pub id: String,
}

/// What was sent as a cursor is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cursor: is none that this server gave; begin without one")]
pub struct CursorError;

impl Cursor {
    /// As a client keeps it; opaque to it.
    #[must_use]
    pub fn encode(&self) -> String {
        hex::encode(format!("{}.{}", self.at.timestamp_micros(), self.id))
    }

    /// Reads what [`Cursor::encode`] wrote.
    ///
    /// # Errors
    /// If something else wrote it.
    pub fn decode(text: &str) -> Result<Self, CursorError> {
        let bytes = hex::decode(text).map_err(|_| CursorError)?;
        let text = String::from_utf8(bytes).map_err(|_| CursorError)?;
        let (at, id) = text.split_once('.').ok_or(CursorError)?;
        let at = at.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(CursorError)?;
        // The library knows years that no database does.
        if !(0..=9999).contains(&at.year()) {
            return Err(CursorError);
        }
        super::text::session_id(id).map_err(|_| CursorError)?;
        Ok(Self { at, id: id.to_owned() })
    }
}

/// Which page of a list.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// After this item; `None`: from the first one.
    pub after: Option<Cursor>,
    /// So many items, 1 to [`MAX_LIMIT`].
    pub limit: u32,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { after: None, limit: DEFAULT_LIMIT }
    }
}

/// What a list is narrowed to. Each store applies the fields that its list has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this workspace.
    pub workspace: Option<String>,
    /// Of this type.
    pub kind: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was(micros in -62_000_000_000_000_000_i64..200_000_000_000_000_000, id in "[A-Za-z0-9:_-]{1,40}") {
            let cursor = Cursor { at: DateTime::from_timestamp_micros(micros).unwrap(), id };
            prop_assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
        }

        #[test]
        fn anything_else_is_refused_without_a_panic(text in ".*") {
            let _ = Cursor::decode(&text);
        }
    }
}
