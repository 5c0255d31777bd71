//! One page out of rows of which one more than asked for was read.

use chrono::{DateTime, Utc};
use contract::Page;
use uuid::Uuid;

use crate::domain::page::{Cursor, PageRequest};

/// How many rows to read, so that one knows whether there are more.
pub(super) fn rows_to_read(request: &PageRequest) -> i64 {
    i64::from(request.limit.max(1)) + 1
}

/// The page; `place` tells the time and the id of an item.
pub(super) fn page<T>(
    mut items: Vec<T>,
    request: &PageRequest,
    place: impl Fn(&T) -> (DateTime<Utc>, &str),
) -> Page<T> {
    let limit = request.limit.max(1) as usize;
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more).map(place);
    let next_cursor = last.map(|(at, id)| Cursor { at, id: id.to_owned() }.encode());
    Page { items, next_cursor }
}

/// The id of an event in a cursor. One of another list names no event: the page then begins at its time.
pub(super) fn event_id(cursor: &Cursor) -> Uuid {
    Uuid::parse_str(&cursor.id).unwrap_or_default()
}
