//! What is known of one target: the last good answers, the last failure, what holds versions back.
//!
//! This is what survives a restart. [`crate::verdict`] turns it into what people are told.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use contract::{ErrorCode, PendingReason, Via, Withdrawn};
use releases::Release;
use releases::advisory::Advisory;
use releases::manifest::UpgradeManifest;
use releases::source::{Answer, BranchHead, Found, SourceFailure};
use serde::{Deserialize, Serialize};

/// Everything known of one target.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// Which question this answers (repository, track, API); another question starts afresh.
    pub question: String,
    /// The last good answer.
    pub known: Option<Known>,
    /// When upstream last answered; a 304 counts. Wall clock.
    pub last_success: Option<DateTime<Utc>>,
    /// When it was last tried. Wall clock.
    pub last_attempt: Option<DateTime<Utc>>,
    /// Why the last check failed; `None` after a good one.
    pub failure: Option<Failure>,
    /// What is wrong although the answer is good (`token_rejected`, `registry`, `rate_limited`).
    pub complaint: Option<Failure>,
    /// The running version, as last read.
    pub running: Option<Running>,
    /// Versions that cannot be installed here, and why.
    pub held: BTreeMap<String, Held>,
    /// Versions whose image was seen, and when.
    pub installable: BTreeMap<String, DateTime<Utc>>,
    /// When each version newer than the running one was first seen here.
    pub first_seen: BTreeMap<String, DateTime<Utc>>,
    /// The version last announced as an update.
    pub announced: Option<String>,
    /// An announced version that has disappeared.
    pub withdrawn: Option<Withdrawn>,
    /// What was last notified about.
    pub notified: Option<String>,
}

/// A good answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Known {
    /// The door that gave it.
    pub via: Via,
    /// ETag of REST's first page (or of the head).
    #[serde(default)]
    pub etag: Option<String>,
    /// Releases track: all that is known, the highest version first. Shared, so that readers copy no notes.
    #[serde(default, with = "shared")]
    pub releases: Arc<Vec<Release>>,
    /// Whether `releases` is all there is.
    #[serde(default)]
    pub complete: bool,
    /// Branch track.
    #[serde(default)]
    pub head: Option<BranchHead>,
    /// The running commit that `head` was compared with.
    #[serde(default)]
    pub compared_with: Option<String>,
    /// The name under which the repository answered, where it is another.
    #[serde(default)]
    pub moved_to: Option<String>,
    /// Published advisories; `None` while they were never read.
    #[serde(default)]
    pub advisories: Option<Vec<Advisory>>,
    /// ETag of the advisories.
    #[serde(default)]
    pub advisories_etag: Option<String>,
    /// The upgrade manifest of the release with this tag.
    #[serde(default)]
    pub manifest: Option<(String, UpgradeManifest)>,
}

/// A failed check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// Since when it fails this way. Wall clock.
    pub since: DateTime<Utc>,
    /// When it is tried again. Wall clock.
    pub retry_at: Option<DateTime<Utc>>,
    /// Consecutive failures.
    pub times: u32,
}

/// The running version, as configured or as the app tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Running {
    /// Version text, as told.
    pub version: Option<String>,
    /// Commit SHA, as told.
    pub commit: Option<String>,
}

/// A version that cannot be installed here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Why.
    pub reason: PendingReason,
    /// Since when. Wall clock.
    pub since: DateTime<Utc>,
    /// In words.
    pub detail: String,
    /// When the registry last said so. Wall clock.
    #[serde(default)]
    pub asked: Option<DateTime<Utc>>,
}

impl Failure {
    /// Continues `before` where it is the same failure, so that `since` and the count go on.
    #[must_use]
    pub fn following(before: Option<&Self>, cause: &SourceFailure, now: DateTime<Utc>) -> Self {
        let same = before.filter(|before| before.code == cause.code);
        Self {
            code: cause.code,
            message: cause.message.clone(),
            since: same.map_or(now, |before| before.since),
            retry_at: cause.retry_at,
            times: before.map_or(0, |before| before.times).saturating_add(1),
        }
    }
}

impl Snapshot {
    /// An empty one for this question.
    #[must_use]
    pub fn for_question(question: String) -> Self {
        Self { question, ..Self::default() }
    }

    /// Brings saved times into this world: what has happened lies between 1970 and `now`, what is to come at most
    /// a day ahead. A clock that was wrong when they were saved must not make an answer fresh for ever.
    pub fn correct_times(&mut self, now: DateTime<Utc>) {
        let past = |at: &mut DateTime<Utc>| *at = (*at).clamp(DateTime::UNIX_EPOCH, now);
        self.last_success.iter_mut().chain(&mut self.last_attempt).for_each(past);
        for failure in self.failure.iter_mut().chain(&mut self.complaint) {
            past(&mut failure.since);
            failure.retry_at =
                failure.retry_at.map(|at| at.clamp(DateTime::UNIX_EPOCH, now + TimeDelta::days(1)));
        }
        self.held.values_mut().map(|held| &mut held.since).for_each(past);
        self.installable.values_mut().chain(self.first_seen.values_mut()).for_each(past);
        self.withdrawn.iter_mut().map(|withdrawn| &mut withdrawn.since).for_each(past);
    }

    /// The ETag to send along, if the last answer came through REST and is still here.
    #[must_use]
    pub fn etag(&self, running_commit: Option<&str>) -> Option<String> {
        let known = self.known.as_ref()?;
        let same_comparison = known.head.is_none() || known.compared_with.as_deref() == running_commit;
        known.etag.clone().filter(|_| same_comparison)
    }

    /// Takes in a good answer. `notes_budget`: bytes of notes kept for this target.
    pub fn learn(
        &mut self,
        answer: Answer,
        running_commit: Option<&str>,
        notes_budget: usize,
        now: DateTime<Utc>,
    ) {
        self.last_success = Some(now);
        self.failure = None;
        let before = self.known.take();
        let frame = Frame { via: answer.via, etag: answer.etag, moved_to: answer.moved_to };
        let known = match answer.found {
            Found::Unchanged => before.map(|before| Known { via: frame.via, ..before }),
            Found::Releases { releases, complete } => {
                let mut known = carried_over(before, frame);
                known.merge(releases, complete);
                known.cap_notes(notes_budget);
                Some(known)
            }
            Found::Head(head) => {
                let compared_with = running_commit.map(str::to_owned);
                Some(Known { head: Some(head), compared_with, ..carried_over(before, frame) })
            }
        };
        self.known = known;
    }

    /// When `version` was first seen here, recording it if it is new.
    pub fn see(&mut self, version: &str, now: DateTime<Utc>) -> DateTime<Utc> {
        if let Some(seen) = self.first_seen.get(version) {
            return *seen;
        }
        *self.first_seen.entry(version.to_owned()).or_insert(now)
    }
}

/// What an answer tells besides what it found.
struct Frame {
    via: Via,
    etag: Option<String>,
    moved_to: Option<String>,
}

/// The new answer's frame, with what other requests have learnt kept.
fn carried_over(before: Option<Known>, frame: Frame) -> Known {
    // An ETag goes with the list it came with: what another door adds must not be confirmed by it.
    let etag = frame.etag.filter(|_| frame.via == Via::Rest);
    let Frame { via, moved_to, .. } = frame;
    match before {
        Some(before) => Known { via, etag, moved_to, ..before },
        None => Known {
            via,
            etag,
            releases: Arc::default(),
            complete: false,
            head: None,
            compared_with: None,
            moved_to,
            advisories: None,
            advisories_etag: None,
            manifest: None,
        },
    }
}

impl Known {
    /// A complete list replaces what was known, a partial one is added to it. Only the REST API tells all of a
    /// release: what another door shows by name keeps the details that are known of it.
    fn merge(&mut self, fresh: Vec<Release>, complete: bool) {
        let details_win = self.via != Via::Rest;
        let releases = Arc::unwrap_or_clone(std::mem::take(&mut self.releases));
        let mut before: BTreeMap<String, Release> =
            releases.into_iter().map(|release| (release.tag.clone(), release)).collect();
        let mut something_new = false;
        let mut merged: Vec<Release> = Vec::with_capacity(fresh.len());
        for new in fresh {
            let old = before.remove(&new.tag);
            something_new |= old.is_none();
            merged.push(old.filter(|_| details_win).unwrap_or(new));
        }
        if complete {
            self.complete = true;
        } else {
            self.complete &= !something_new;
            merged.extend(before.into_values());
        }
        merged.sort_by(|left, right| right.version.cmp(&left.version));
        self.releases = Arc::new(merged);
    }

    /// Drops the notes of the lowest versions first, once the budget is spent.
    fn cap_notes(&mut self, budget: usize) {
        let mut left = budget;
        for release in Arc::make_mut(&mut self.releases) {
            let size = release.notes.as_ref().map_or(0, String::len)
                + release.notes_html.as_ref().map_or(0, String::len);
            if size > left {
                release.notes = None;
                release.notes_html = None;
                release.notes_truncated = true;
            } else {
                left -= size;
            }
        }
    }
}

/// A shared list is written like any other.
mod shared {
    use std::sync::Arc;

    use releases::Release;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(list: &Arc<Vec<Release>>, to: S) -> Result<S::Ok, S::Error> {
        list.as_slice().serialize(to)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Arc<Vec<Release>>, D::Error> {
        Vec::deserialize(from).map(Arc::new)
    }
}
