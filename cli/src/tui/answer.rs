//! Asks the server for what the model wants once, and gives the model's message for it.

use contract::VersionState;

use super::message::{Ask, Decision, Message, Place};
use super::read_events::read_back;
use super::trouble::Trouble;
use crate::server_client::{ListQuery, ServerClient};

/// Items of a page of older ones.
const PAGE: u32 = 500;

/// The message for an ask; `None` for what is no question to the server.
#[must_use]
pub fn answer(client: &ServerClient, ask: Ask) -> Option<Message> {
    let older = |cursor: &String| ListQuery {
        cursor: Some(cursor.clone()),
        limit: Some(PAGE),
        ..ListQuery::default()
    };
    Some(match &ask {
        Ask::Sessions(cursor) => match client.sessions(&older(cursor)) {
            Ok(page) => Message::Sessions(Place::Next, page),
            Err(error) => Message::NoPage(ask, Trouble::from(&error)),
        },
        Ask::Activity(cursor) => match client.activity(&older(cursor)) {
            Ok(page) => Message::Activity(Place::Next, page),
            Err(error) => Message::NoPage(ask, Trouble::from(&error)),
        },
        Ask::Events(session, before) => {
            let events = read_back(client, session, *before);
            Message::Opened(session.id.clone(), events.map_err(|error| Trouble::from(&error)))
        }
        Ask::Changes(page) => {
            Message::Changes(client.changelog(*page).map_err(|error| Trouble::from(&error)))
        }
        Ask::Decide(decision) => Message::Decided(decision.clone(), decide(client, decision)),
        Ask::Force => Message::Forced(client.version(true).map_err(|error| Trouble::from(&error))),
        Ask::Watch(_) | Ask::Refresh => return None,
    })
}

/// Decides, and reads what became of it: something may outrank the decision.
fn decide(client: &ServerClient, decision: &Decision) -> Result<Option<VersionState>, Trouble> {
    let done = match decision {
        Decision::Skip(version) => client.skip(version),
        Decision::Unskip => client.unskip(),
    };
    done.map_err(|error| Trouble::from(&error))?;
    Ok(client.version(false).ok())
}
