//! Everything that the screen shows, and nothing that touches the world.

use chrono::{DateTime, Utc};
use contract::{BuildStamp, Health, HealthStatus, VersionState};

use super::changes::Changes;
use super::events::Events;
use super::git::Git;
use super::message::Decision;
use super::open_session::OpenSession;
use super::sessions::Sessions;
use super::trouble::Trouble;
use super::update_words::Said;
use super::when::Zone;

/// Most live events that are kept here.
const MOST_LIVE: usize = 2000;
/// Smallest window in which everything can be reached.
pub const SMALLEST: (u16, u16) = (40, 10);

/// What is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// The list of sessions, or the one that is open.
    #[default]
    Sessions,
    /// Events of all sessions as they come.
    Live,
    /// Git activity.
    Git,
    /// What changed between the running version and the newest one.
    Changes,
}

impl Tab {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Sessions, Self::Live, Self::Git, Self::Changes];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sessions => "Sessions",
            Self::Live => "Live",
            Self::Git => "Git",
            Self::Changes => "Changes",
        }
    }

    /// The one so many places on, round and round.
    #[must_use]
    pub fn beside(self, places: usize) -> Self {
        let place = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Self::ALL[(place + places) % Self::ALL.len()]
    }
}

/// The server, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// Its address.
    pub address: String,
    /// Its last answer.
    pub health: Option<Health>,
    /// Why there is no newer one.
    pub trouble: Option<Trouble>,
    /// Since when it is as it is.
    pub since: Option<DateTime<Utc>>,
    /// What it says of updates.
    pub version: Option<VersionState>,
    /// Why it says nothing of updates.
    pub version_trouble: Option<Trouble>,
}

impl Server {
    /// Its health in one word, without what is known of an earlier time.
    #[must_use]
    pub fn state(&self) -> Option<HealthStatus> {
        self.health.as_ref().filter(|_| self.trouble.is_none()).map(|health| health.status)
    }
}

/// The model.
#[derive(Clone, Debug)]
pub struct Model {
    /// This program's build.
    pub stamp: BuildStamp,
    /// Whether updates are asked for and mentioned.
    pub update_check: bool,
    /// The time that is taken for now.
    pub now: DateTime<Utc>,
    /// The clock on the wall.
    pub zone: Zone,
    /// Columns and rows of the window.
    pub size: (u16, u16),
    /// What is seen.
    pub tab: Tab,
    /// Whether the keys are shown.
    pub help: Option<usize>,
    /// The server.
    pub server: Server,
    /// What waits on this machine.
    pub waiting: Option<String>,
    /// The list of sessions.
    pub sessions: Sessions,
    /// The session that is open.
    pub open: Option<OpenSession>,
    /// Events as they come.
    pub live: Events,
    /// Whether the selected live event is shown whole.
    pub live_whole: bool,
    /// Git activity.
    pub git: Git,
    /// What changed.
    pub changes: Changes,
    /// What waits for a second key.
    pub question: Option<Decision>,
    /// What was said last.
    pub notice: Option<Said>,
    /// Whether a check was asked for and has not come.
    pub forcing: bool,
    /// Whether to leave.
    pub leaving: bool,
    /// Whether the screen shows something else than the model says.
    pub dirty: bool,
}

impl Model {
    /// The model before anything is known.
    #[must_use]
    pub fn new(address: &str, stamp: BuildStamp, zone: Zone, now: DateTime<Utc>) -> Self {
        Self {
            stamp,
            update_check: true,
            now,
            zone,
            size: (80, 24),
            tab: Tab::default(),
            help: None,
            server: Server { address: address.to_owned(), ..Server::default() },
            waiting: None,
            sessions: Sessions::default(),
            open: None,
            live: Events::new(MOST_LIVE),
            live_whole: false,
            git: Git::default(),
            changes: Changes::default(),
            question: None,
            notice: None,
            forcing: false,
            leaving: false,
            dirty: true,
        }
    }

    /// Whether nothing was read from the server and why, which then stands in place of a list.
    #[must_use]
    pub fn lists_trouble(&self) -> Option<&Trouble> {
        self.sessions.trouble.as_ref()
    }
}
