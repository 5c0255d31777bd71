//! What happens to the model, and what it asks of the server.

use chrono::{DateTime, Utc};
use contract::{Activity, Changelog, Health, Page, Session, VersionState};

use super::event_line::EventLine;
use super::key::Key;
use super::trouble::Trouble;

/// Something happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// Escape and a key so quickly after it that the terminal told them as one; or a key with Alt.
    EscapeAnd(Key),
    /// The window has another size: columns and rows.
    Resized(u16, u16),
    /// Time passed; what is told relative to it is out of date.
    Time,
    /// The server's health.
    Health(Result<Health, Trouble>),
    /// What is known of updates.
    Version(Result<VersionState, Trouble>),
    /// The answer to a check that somebody asked for.
    Forced(Result<VersionState, Trouble>),
    /// Sessions.
    Sessions(Place, Page<Session>),
    /// Git activity.
    Activity(Place, Page<Activity>),
    /// Nothing new from the lists.
    NoLists(Trouble),
    /// A page of older items did not come.
    NoPage(Ask, Trouble),
    /// Events that are new, for everybody who looks.
    Live(Vec<EventLine>),
    /// Events of the open session, all of them from this time on.
    Opened(String, Opened),
    /// A page of the changelog.
    Changes(Result<Changelog, Trouble>),
    /// A version was skipped, or a skip was taken back.
    Decided(Decision, Result<Option<VersionState>, Trouble>),
    /// What waits on this machine, in words; nothing waits if there are none.
    Waiting(Option<String>),
}

/// Where in its list a page belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first page: its end is the end of what was read.
    First,
    /// The newest ones again.
    Newest,
    /// The page after the last one that was read.
    Next,
}

/// Events of the open session.
pub type Opened = Result<(Vec<EventLine>, DateTime<Utc>), Trouble>;

/// What somebody decided of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Skip it.
    Skip(String),
    /// Take the skip back.
    Unskip,
}

/// Something to ask of the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// The next page of sessions.
    Sessions(String),
    /// The next page of git activity.
    Activity(String),
    /// Events of a session before this time; its newest ones without.
    Events(Box<Session>, Option<DateTime<Utc>>),
    /// Look after this session closely, or after none.
    Watch(Option<Box<Session>>),
    /// A page of the changelog.
    Changes(u64),
    /// Skip a version, or take that back.
    Decide(Decision),
    /// Look for updates now.
    Force,
    /// Read everything again now.
    Refresh,
}
