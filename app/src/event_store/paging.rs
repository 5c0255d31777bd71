//! One page out of rows of which one more than asked for was read, and how large a page may be.

use chrono::{DateTime, Utc};
use contract::Page;
use uuid::Uuid;

use crate::domain::page::{Cursor, PageRequest};

/// How many rows to read, so that one knows whether there are more.
pub(super) fn rows_to_read(request: &PageRequest) -> i64 {
    i64::from(request.limit.max(1)) + 1
}

/// A page of events ends with the one whose `data` makes it as large: so much is held for everybody who reads.
const PAGE_BYTES: i64 = 4 << 20;

/// How many sizes of events to read, see [`bounded`].
pub(super) fn sizes_to_read(request: &PageRequest) -> i64 {
    i64::from(request.limit.max(1))
}

/// The same request for no more events than make a page; `sizes` are those of the next ones.
pub(super) fn bounded(request: &PageRequest, sizes: &[i64]) -> PageRequest {
    let mut bytes = 0;
    let fits = |size: &&i64| {
        let begins = bytes < PAGE_BYTES;
        bytes += **size;
        begins
    };
    let fitting = u32::try_from(sizes.iter().take_while(fits).count()).unwrap_or(u32::MAX);
    PageRequest { after: request.after.clone(), limit: request.limit.min(fitting).max(1) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_at_least_one_event_and_no_more_than_fit() {
        let limit = |sizes: &[i64]| bounded(&PageRequest { after: None, limit: 5 }, sizes).limit;
        assert_eq!(limit(&[]), 1);
        assert_eq!(limit(&[PAGE_BYTES * 2]), 1);
        assert_eq!(limit(&[PAGE_BYTES, 1]), 1);
        assert_eq!(limit(&[PAGE_BYTES - 1, PAGE_BYTES, 0]), 2);
        assert_eq!(limit(&[0; 5]), 5);
    }
}
