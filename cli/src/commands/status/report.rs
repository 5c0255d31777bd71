//! Everything that `status` found out, and the same as JSON.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use contract::{BuildStamp, Health, HealthStatus, Status, VersionState};
use serde_json::{Value, json};

use crate::hook_log::Problem;
use crate::server_client::ClientError;
use crate::spool::{Spool, SpoolError, Waiting};
use crate::update_cache::{Known, TOO_OLD};

/// What was found out.
#[derive(Debug)]
pub(super) struct Report {
    /// Of this program.
    pub(super) stamp: BuildStamp,
    /// The server's.
    pub(super) address: String,
    pub(super) has_key: bool,
    pub(super) health: Result<Health, ClientError>,
    /// None where asking is switched off.
    pub(super) version: Option<Result<VersionState, ClientError>>,
    /// Why the server takes nothing from us, where nobody asked it for the version.
    pub(super) refused: Option<ClientError>,
    /// The file with the key, if others can read it.
    pub(super) open_settings: Option<PathBuf>,
    /// What was known before.
    pub(super) known: Option<Known>,
    pub(super) waiting: Result<(Spool, Waiting), SpoolError>,
    /// What waits for other servers, by their addresses.
    pub(super) others: Vec<(String, Waiting)>,
    pub(super) hook_problem: Option<Problem>,
    pub(super) now: DateTime<Utc>,
}

impl Report {
    /// Whether the server works and said everything it was asked.
    pub(super) fn is_well(&self) -> bool {
        let works = self
            .health
            .as_ref()
            .is_ok_and(|health| matches!(health.status, HealthStatus::Ok | HealthStatus::Degraded));
        works && self.refusal().is_none()
    }

    /// Why the server tells us less than it should, though it is there.
    pub(super) fn refusal(&self) -> Option<&ClientError> {
        let version = self.version.as_ref().and_then(|version| version.as_ref().err());
        version.or(self.refused.as_ref())
    }

    /// The update state, and since when it is known if it is not from now.
    pub(super) fn update(&self) -> Option<(&VersionState, Option<DateTime<Utc>>)> {
        match &self.version {
            Some(Ok(state)) => Some((state, None)),
            Some(Err(_)) => self.known.as_ref().map(|known| (&known.state, Some(known.at))),
            None => None,
        }
    }

    /// What was known before, as far as it still says something: nothing in it is sure any more.
    pub(super) fn known(known: Option<Known>, now: DateTime<Utc>) -> Option<Known> {
        let mut known = known.filter(|known| (now - known.at).abs() <= TOO_OLD)?;
        if known.state.status == Status::Ok {
            known.state.status = Status::Stale;
        }
        Some(known)
    }

    pub(super) fn to_json(&self) -> Value {
        let update = self.update();
        let refusal =
            self.version.as_ref().and_then(|version| version.as_ref().err()).map(ClientError::chain);
        json!({
            "client": {
                "version": self.stamp.version,
                "commit": self.stamp.commit,
                "builtAt": self.stamp.date,
            },
            "server": {
                "address": self.address,
                "reachable": self.health.is_ok(),
                "health": self.health.as_ref().ok(),
                "error": self.health.as_ref().err().map(ClientError::chain),
            },
            "update": update.map(|(state, _)| state),
            "updateAsOf": update.and_then(|(_, at)| at),
            "updateAsked": self.version.is_some(),
            "refusal": refusal,
            "spool": self.waiting.as_ref().ok().map(|(_, waiting)| waiting),
            "spoolOfOthers": self.others.iter().map(|(address, waiting)| json!({ "address": address, "spool": waiting })).collect::<Vec<_>>(),
            "spoolError": self.waiting.as_ref().err().map(ToString::to_string),
            "hookProblem": self.hook_problem.as_ref().map(|problem| json!({ "at": problem.at, "text": problem.text })),
        })
    }
}
