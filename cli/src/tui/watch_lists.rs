//! Reads sessions and git activity again and again, and from what changed the events that are new.
//!
//! The server has no stream of events. Two small pages every two seconds tell which sessions changed; only of those
//! are events read. While nothing can be read, the delay grows.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contract::{Activity, Session};

use super::event_line::EventLine;
use super::happening::Teller;
use super::message::{Message, Place};
use super::trouble::{Trouble, TroubleKind};
use crate::server_client::{ClientError, ListQuery, ServerClient};

/// Between two looks.
const PERIOD: Duration = Duration::from_secs(2);
/// Longest delay while nothing can be read.
const LONGEST_DELAY: Duration = Duration::from_secs(30);
/// Sessions and entries on the first page.
const FIRST: u32 = 200;
/// Sessions and entries of a look.
const NEWEST: u32 = 30;
/// Every so many looks a whole page is read: older sessions may have gone on.
const WIDE_EVERY: u32 = 15;
/// Sessions of which the last events are shown at the start.
const BACKLOG_SESSIONS: usize = 8;
/// What counts as their last events.
const BACKLOG: TimeDelta = TimeDelta::minutes(5);
/// Most events of one session in one look; the rest comes with the next one.
const MOST_EVENTS: u32 = 500;

/// What somebody wants of the watcher.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Look now.
    Now,
    /// Look after this session, wherever it is in the list.
    Follow(Option<Box<Session>>),
}

/// Looks until nobody listens any more.
pub fn watch(client: &ServerClient, wishes: &Receiver<Wish>, out: &Teller) {
    let mut watcher = Watcher::default();
    let mut delay = PERIOD;
    loop {
        delay = match watcher.look(client, out) {
            Ok(true) => PERIOD,
            Ok(false) => return,
            Err(error) => {
                let mut trouble = Trouble::from(&error);
                let next = next_delay(delay, &trouble);
                trouble.again = TimeDelta::from_std(next).ok().map(|next| Utc::now() + next);
                watcher.failed = true;
                if !out.tell(Message::NoLists(trouble)) {
                    return;
                }
                next
            }
        };
        match wishes.recv_timeout(delay) {
            Ok(Wish::Now) => watcher.wide = true,
            Ok(Wish::Follow(session)) => watcher.follow(session),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Grows from look to look, and is never shorter than what the server asks for.
fn next_delay(delay: Duration, trouble: &Trouble) -> Duration {
    let for_nothing = matches!(trouble.kind, TroubleKind::NoKey | TroubleKind::WrongKey);
    let grown = if for_nothing { LONGEST_DELAY } else { (delay * 2).min(LONGEST_DELAY) };
    trouble.wait.map_or(grown, |wait| wait.clamp(grown, LONGEST_DELAY * 10))
}

/// How far the events of a session were read.
#[derive(Clone, Debug)]
struct Seen {
    events: u64,
    last: DateTime<Utc>,
    /// Up to here, with these at that very time.
    until: DateTime<Utc>,
    ids: HashSet<String>,
}

#[derive(Debug, Default)]
struct Watcher {
    looks: u32,
    wide: bool,
    failed: bool,
    followed: Option<Box<Session>>,
    sessions: Vec<Session>,
    activity: Vec<Activity>,
    seen: HashMap<String, Seen>,
    outside: HashSet<String>,
}

impl Watcher {
    /// One look. `false` if nobody listens any more.
    fn look(&mut self, client: &ServerClient, out: &Teller) -> Result<bool, ClientError> {
        let first = self.looks == 0;
        let wide = std::mem::take(&mut self.wide) || self.failed || self.looks.is_multiple_of(WIDE_EVERY);
        let limit = Some(if first {
            FIRST
        } else if wide {
            MOST_EVENTS
        } else {
            NEWEST
        });
        let query = ListQuery { limit, ..ListQuery::default() };
        let place = if first { Place::First } else { Place::Newest };
        let mut sessions = client.sessions(&query)?;
        sessions.items.extend(self.read_followed(client, &sessions.items)?);
        let activity = client.activity(&query)?;
        self.looks = self.looks.wrapping_add(1).max(1);
        let mut listens = true;
        if first || std::mem::take(&mut self.failed) || self.sessions != sessions.items {
            self.sessions.clone_from(&sessions.items);
            listens &= out.tell(Message::Sessions(place, sessions));
        }
        let outside = self.outside_of_sessions(&activity.items);
        if first || self.activity != activity.items {
            self.activity.clone_from(&activity.items);
            listens &= out.tell(Message::Activity(place, activity));
        }
        let mut lines = self.new_events(client, first)?;
        lines.extend(outside);
        if !lines.is_empty() {
            lines.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
            listens &= out.tell(Message::Live(lines));
        }
        Ok(listens)
    }

    fn follow(&mut self, session: Option<Box<Session>>) {
        if let Some(session) = &session {
            let seen = Seen::up_to(session, session.last_event_at);
            self.seen.entry(session.id.clone()).or_insert(seen);
        }
        self.followed = session;
    }

    /// The session that somebody looks at, if it is not on the page anyway.
    fn read_followed(
        &mut self,
        client: &ServerClient,
        page: &[Session],
    ) -> Result<Option<Session>, ClientError> {
        let Some(followed) =
            self.followed.as_ref().filter(|it| page.iter().all(|session| session.id != it.id))
        else {
            return Ok(None);
        };
        // It is found by its earliest event.
        let from = followed.first_event_at;
        let to = from + TimeDelta::microseconds(1);
        let query = ListQuery { from: Some(from), to: Some(to), ..ListQuery::default() };
        Ok(client.sessions(&query)?.items.into_iter().find(|session| session.id == followed.id))
    }

    /// Git activity that belongs to no session and was not seen before.
    fn outside_of_sessions(&mut self, page: &[Activity]) -> Vec<EventLine> {
        let outside = page.iter().filter(|entry| entry.session_id.is_none());
        let new =
            outside.clone().filter(|entry| !self.outside.contains(&entry.id)).map(EventLine::from).collect();
        // What left the widest page is older than everything that is new.
        if self.outside.len() > 10 * MOST_EVENTS as usize {
            self.outside.clear();
        }
        self.outside.extend(outside.map(|entry| entry.id.clone()));
        new
    }

    fn new_events(&mut self, client: &ServerClient, first: bool) -> Result<Vec<EventLine>, ClientError> {
        let mut changed: Vec<Session> =
            self.sessions.iter().filter(|session| self.changed(session)).cloned().collect();
        changed.sort_by_key(|session| std::cmp::Reverse(session.last_event_at));
        if first && changed.len() > BACKLOG_SESSIONS {
            for session in changed.drain(BACKLOG_SESSIONS..) {
                let seen = Seen::up_to(&session, session.last_event_at);
                self.seen.insert(session.id, seen);
            }
        }
        let mut lines = Vec::new();
        for session in &changed {
            lines.extend(self.events_of(client, session)?);
        }
        self.forget_old();
        Ok(lines)
    }

    fn changed(&self, session: &Session) -> bool {
        self.seen
            .get(&session.id)
            .is_none_or(|seen| (seen.events, seen.last) != (session.events, session.last_event_at))
    }

    fn events_of(&mut self, client: &ServerClient, session: &Session) -> Result<Vec<EventLine>, ClientError> {
        let seen = self
            .seen
            .entry(session.id.clone())
            .or_insert_with(|| Seen::up_to(session, session.last_event_at - BACKLOG));
        let query = ListQuery { from: Some(seen.until), limit: Some(MOST_EVENTS), ..ListQuery::default() };
        let page = client.session_events(&session.id, &query)?;
        let complete = page.next_cursor.is_none();
        let new: Vec<EventLine> =
            page.items.into_iter().map(EventLine::from).filter(|line| !seen.knows(line)).collect();
        seen.advance(&new);
        // Until all of them were read, it counts as changed.
        if complete || new.is_empty() {
            (seen.events, seen.last) = (session.events, session.last_event_at);
        }
        Ok(new)
    }

    /// Sessions that are on no page any more are read anew if they come back.
    fn forget_old(&mut self) {
        if self.seen.len() > 4 * MOST_EVENTS as usize {
            let listed: HashSet<&str> = self.sessions.iter().map(|session| session.id.as_str()).collect();
            self.seen.retain(|id, _| listed.contains(id.as_str()));
        }
    }
}

impl Seen {
    /// Read up to a time, without knowing which events there are at that very time.
    fn up_to(session: &Session, until: DateTime<Utc>) -> Self {
        Self { events: session.events, last: session.last_event_at, until, ids: HashSet::new() }
    }

    fn knows(&self, line: &EventLine) -> bool {
        line.at < self.until || self.ids.contains(&line.id)
    }

    fn advance(&mut self, new: &[EventLine]) {
        for line in new {
            if line.at > self.until {
                self.until = line.at;
                self.ids.clear();
            }
            self.ids.insert(line.id.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(kind: TroubleKind, wait: Option<u64>) -> Trouble {
        Trouble { kind, text: String::new(), again: None, wait: wait.map(Duration::from_secs) }
    }

    #[test]
    fn the_delay_grows_to_its_limit_and_heeds_the_server() {
        let away = trouble(TroubleKind::Away, None);
        let mut delay = PERIOD;
        let mut told = Vec::new();
        for _ in 0..6 {
            delay = next_delay(delay, &away);
            told.push(delay.as_secs());
        }
        assert_eq!(told, [4, 8, 16, 30, 30, 30]);
        assert_eq!(next_delay(PERIOD, &trouble(TroubleKind::WrongKey, None)), LONGEST_DELAY);
        assert_eq!(next_delay(PERIOD, &trouble(TroubleKind::Refused, Some(60))).as_secs(), 60);
    }
}
