//! From what is known to what people are told. Pure: everything it depends on is an argument.
//!
//! Unknown is never "no update": whatever cannot be told is `None` here and `null` on the wire.

mod branch;
mod release_track;

pub use release_track::{forget_old, newer, newest};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use contract::{
    Behind, CheckError, Comparison, NextHop, Pending, Security, Severity, Status, UpgradeAdvice, UpgradeHow,
    VersionState,
};

use crate::config::Target;
use crate::decisions::Decisions;
use crate::snapshot::{Failure, Snapshot};

/// What a verdict depends on besides the snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// Wall clock.
    pub now: DateTime<Utc>,
    /// How long an answer is good.
    pub ttl: TimeDelta,
    /// When the next check is due. Wall clock.
    pub next_check: Option<DateTime<Utc>>,
    /// `DISABLE_UPDATE_CHECK`.
    pub disabled: bool,
}

/// What can be said of the step from the running version to the latest one.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The running version or commit, if it is known.
    pub current: Option<String>,
    /// The highest installable version.
    pub latest: Option<String>,
    /// Its page.
    pub release_url: Option<String>,
    /// Its notes in Markdown.
    pub notes: Option<String>,
    /// Its notes in sanitised HTML, where the door gave no Markdown.
    pub notes_html: Option<String>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// Size of the step.
    pub severity: Option<Severity>,
    /// How far.
    pub behind: Behind,
    /// Which way.
    pub comparison: Comparison,
    /// A newer version that is held back.
    pub pending: Option<Pending>,
    /// When the pending version will have cooled down, if it only waits for that.
    pub ripens_at: Option<DateTime<Utc>>,
    /// Advisories.
    pub security: Security,
    /// A required stop.
    pub next_hop: Option<NextHop>,
}

impl Default for Finding {
    fn default() -> Self {
        Self {
            current: None,
            latest: None,
            release_url: None,
            notes: None,
            notes_html: None,
            published_at: None,
            severity: None,
            behind: Behind::default(),
            comparison: Comparison::Unknown,
            pending: None,
            ripens_at: None,
            security: Security::default(),
            next_hop: None,
        }
    }
}

impl Finding {
    /// Only `behind` is an update, and only a real comparison is a "no".
    #[must_use]
    pub fn update_available(&self) -> Option<bool> {
        match self.comparison {
            Comparison::Behind => Some(true),
            Comparison::Identical | Comparison::Ahead | Comparison::Diverged => Some(false),
            Comparison::Unknown => None,
        }
    }
}

/// What there is to say, and when it will have to be said anew without a further check.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The answer.
    pub state: VersionState,
    /// When time alone changes it: the TTL's end, a snooze's end, a version ripe.
    pub changes_at: Option<DateTime<Utc>>,
}

/// Judges one target. The HTML of Markdown notes is left to the caller, who can keep it.
#[must_use]
pub fn judge(target: &Target, snapshot: &Snapshot, decisions: &Decisions, around: Circumstances) -> Verdict {
    judge_found(target, snapshot, find(target, snapshot, around.now), decisions, around)
}

/// The same, where it is found already.
#[must_use]
pub fn judge_found(
    target: &Target,
    snapshot: &Snapshot,
    finding: Finding,
    decisions: &Decisions,
    around: Circumstances,
) -> Verdict {
    let fix = finding.severity == Some(Severity::Security);
    let in_force = decisions.in_force(finding.latest.as_deref(), fix, around.now);
    let status = status(snapshot, around);
    let expires = snapshot.last_success.map(|at| at + around.ttl).filter(|at| *at > around.now);
    let changes_at = [expires, in_force.snoozed_until, finding.ripens_at].into_iter().flatten().min();
    let latest = finding.latest.is_some();
    let nothing = if latest { None } else { release_track::nothing_eligible(target, snapshot) };
    let error = snapshot.failure.as_ref().or(nothing.as_ref()).or(snapshot.complaint.as_ref());
    let error = error.filter(|_| !around.disabled);
    let update_available = finding.update_available();
    let state = VersionState {
        name: target.name.clone(),
        current: finding.current,
        update_available,
        latest: finding.latest,
        release_url: finding.release_url,
        release_notes: finding.notes,
        last_checked: snapshot.last_success.map(whole_seconds),
        status,
        track: target.track.to_string(),
        channel: target.channel.to_string(),
        via: snapshot.known.as_ref().map(|known| known.via),
        release_notes_html: finding.notes_html,
        published_at: finding.published_at.map(whole_seconds),
        severity: finding.severity,
        behind: finding.behind,
        comparison: finding.comparison,
        pending: finding.pending,
        security: finding.security,
        next_hop: finding.next_hop,
        skipped: in_force.skipped,
        snoozed_until: in_force.snoozed_until.map(whole_seconds),
        forced: false,
        retry_after_seconds: None,
        last_attempt: snapshot.last_attempt.map(whole_seconds),
        next_check: around.next_check.map(whole_seconds),
        upgrade: advice(target.upgrade_how),
        withdrawn: snapshot.withdrawn.clone(),
        moved_to: snapshot.known.as_ref().and_then(|known| known.moved_to.clone()),
        error: error.map(|failure| told(failure, around)),
    };
    Verdict { state, changes_at }
}

/// What can be said of the step, on either track.
#[must_use]
pub fn find(target: &Target, snapshot: &Snapshot, now: DateTime<Utc>) -> Finding {
    match &target.track {
        releases::Track::Releases => release_track::find(target, snapshot, now),
        releases::Track::Branch(name) => branch::find(target, snapshot, name, now),
    }
}

fn status(snapshot: &Snapshot, around: Circumstances) -> Status {
    let Some(last_success) = snapshot.last_success.filter(|_| snapshot.known.is_some()) else {
        return if around.disabled { Status::Disabled } else { Status::Unknown };
    };
    if around.disabled {
        Status::Disabled
    } else if snapshot.failure.is_some() || around.now - last_success >= around.ttl {
        Status::Stale
    } else {
        Status::Ok
    }
}

fn advice(how: UpgradeHow) -> UpgradeAdvice {
    let command = match how {
        UpgradeHow::Compose | UpgradeHow::Source => Some("./upgrade.sh".to_owned()),
        UpgradeHow::Railway => None,
    };
    UpgradeAdvice { how, command }
}

fn told(failure: &Failure, around: Circumstances) -> CheckError {
    CheckError {
        code: failure.code,
        message: failure.message.clone(),
        since: whole_seconds(failure.since),
        retry_at: failure.retry_at.or(around.next_check).map(whole_seconds),
    }
}

/// What people read needs no fractions.
fn whole_seconds(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::seconds(1)).unwrap_or(time)
}

/// Whole days from `since` to `now`; 0 if it lies ahead.
fn days_since(since: DateTime<Utc>, now: DateTime<Utc>) -> u64 {
    u64::try_from((now - since).num_days()).unwrap_or(0)
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
