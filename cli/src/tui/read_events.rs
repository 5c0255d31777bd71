//! Reads the events of one session from its end backwards, over an interface that pages forwards.
//!
//! A stretch of time is guessed, and made shorter or longer until it holds about a page.

use chrono::{DateTime, TimeDelta, Utc};
use contract::Session;

use super::event_line::EventLine;
use crate::server_client::{ClientError, ListQuery, ServerClient};

/// Events of one answer.
const PAGE: u32 = 500;
/// Fewer than these are not worth somebody's waiting.
const ENOUGH: usize = 100;
/// The first guess.
const FIRST_GUESS: TimeDelta = TimeDelta::hours(1);
/// Where more than a page happened within this, pages are read one after the other.
const SHORTEST: TimeDelta = TimeDelta::seconds(1);
/// By how much a guess is made longer or shorter.
const FACTOR: i32 = 8;
/// Pages of one stretch.
const MOST_PAGES: usize = 10;

/// The last events before a time (or at all), in order, and the time from which on they are all there.
///
/// # Errors
/// If the server does not tell them.
pub fn read_back(
    client: &ServerClient,
    session: &Session,
    before: Option<DateTime<Utc>>,
) -> Result<(Vec<EventLine>, DateTime<Utc>), ClientError> {
    let begin = session.first_event_at;
    let end = before.unwrap_or(session.last_event_at);
    let mut guess = FIRST_GUESS;
    let mut shortened = false;
    loop {
        let from = end.checked_sub_signed(guess).map_or(begin, |from| from.max(begin));
        let (lines, cursor) = read_page(client, session, from, before, None)?;
        match cursor {
            Some(_) if guess > SHORTEST && !lines.is_empty() && from < end => {
                guess = guess / FACTOR;
                shortened = true;
            }
            Some(cursor) => return read_on(client, session, from, before, lines, cursor),
            None if lines.len() < ENOUGH && from > begin && !shortened => guess = guess * FACTOR,
            None => return Ok((lines, from)),
        }
    }
}

/// The rest of a stretch that cannot be made shorter.
fn read_on(
    client: &ServerClient,
    session: &Session,
    from: DateTime<Utc>,
    before: Option<DateTime<Utc>>,
    mut lines: Vec<EventLine>,
    cursor: String,
) -> Result<(Vec<EventLine>, DateTime<Utc>), ClientError> {
    let mut cursor = Some(cursor);
    for _ in 1..MOST_PAGES {
        let Some(next) = cursor else { break };
        let (more, following) = read_page(client, session, from, before, Some(next))?;
        lines.extend(more);
        cursor = following;
    }
    Ok((lines, from))
}

fn read_page(
    client: &ServerClient,
    session: &Session,
    from: DateTime<Utc>,
    to: Option<DateTime<Utc>>,
    cursor: Option<String>,
) -> Result<(Vec<EventLine>, Option<String>), ClientError> {
    let query = ListQuery { from: Some(from), to, cursor, limit: Some(PAGE), ..ListQuery::default() };
    let page = client.session_events(&session.id, &query)?;
    Ok((page.items.into_iter().map(EventLine::from).collect(), page.next_cursor))
}
