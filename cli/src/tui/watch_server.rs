//! Asks again and again how the server is, what it knows of updates, and what waits on this machine.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use contract::{Health, VersionState};

use super::happening::Teller;
use super::message::Message;
use super::trouble::{Trouble, TroubleKind};
use crate::server_client::{ClientError, ServerClient};

/// Between two questions for health.
const PERIOD: Duration = Duration::from_secs(5);
/// Every so many questions for health, one for updates, and a look at what waits.
const VERSION_EVERY: u32 = 3;
/// Longest delay while nobody answers.
const LONGEST_DELAY: Duration = Duration::from_secs(20);

/// What belongs to it on this machine.
pub struct Beside<'a> {
    /// Whether to ask for updates.
    pub update_check: bool,
    /// Tells what waits to be sent; nothing waits if there are no words.
    pub waiting: &'a dyn Fn() -> Option<String>,
    /// Keeps what is known of updates, for the other verbs.
    pub keep: &'a dyn Fn(&VersionState),
}

/// Asks until nobody listens any more. `now` asks at once.
pub fn watch(client: &ServerClient, beside: &Beside<'_>, now: &Receiver<()>, out: &Teller) {
    let mut told = Told { waiting: Some(None), ..Told::default() };
    let mut delay = PERIOD;
    let mut round = 0;
    loop {
        let health = client.health();
        let answered = health.is_ok();
        let ask_version = beside.update_check && (round == 0 || !answered || told.version_failed);
        round = (round + 1) % VERSION_EVERY;
        let listens = told.tell_health(health, out)
            && (!ask_version || told.tell_version(client, beside, out))
            && (round != 1 || told.tell_waiting((beside.waiting)(), out));
        if !listens {
            return;
        }
        delay = if answered { PERIOD } else { (delay * 2).min(LONGEST_DELAY) };
        match now.recv_timeout(delay) {
            Ok(()) => round = 0,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// What was told last; the same is not told again.
#[derive(Default)]
struct Told {
    health: Option<Result<Health, Trouble>>,
    version: Option<Result<VersionState, Trouble>>,
    version_failed: bool,
    waiting: Option<Option<String>>,
}

impl Told {
    fn tell_health(&mut self, health: Result<Health, ClientError>, out: &Teller) -> bool {
        let health = health.map_err(|error| Trouble::from(&error));
        // The uptime is another one each time, and shown nowhere.
        let health = health.map(|health| Health { uptime_seconds: 0, ..health });
        if self.health.as_ref() == Some(&health) {
            return true;
        }
        self.health = Some(health.clone());
        out.tell(Message::Health(health))
    }

    fn tell_version(&mut self, client: &ServerClient, beside: &Beside<'_>, out: &Teller) -> bool {
        let version = client.version(false).map_err(|error| Trouble::from(&error));
        let for_nothing =
            |trouble: &Trouble| matches!(trouble.kind, TroubleKind::NoKey | TroubleKind::WrongKey);
        self.version_failed = version.as_ref().is_err_and(|trouble| !for_nothing(trouble));
        if self.version.as_ref() == Some(&version) {
            return true;
        }
        if let Ok(state) = &version {
            (beside.keep)(state);
        }
        self.version = Some(version.clone());
        out.tell(Message::Version(version))
    }

    fn tell_waiting(&mut self, waiting: Option<String>, out: &Teller) -> bool {
        if self.waiting.as_ref() == Some(&waiting) {
            return true;
        }
        self.waiting = Some(waiting.clone());
        out.tell(Message::Waiting(waiting))
    }
}
