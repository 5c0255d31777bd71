//! One target at run time: what is known, what people decided, and the answer that is ready to be sent.

mod gist;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::http::header::HeaderValue;
use arc_swap::ArcSwap;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use contract::{Status, VersionState};
use releases::notes;
use tokio::sync::watch;
use tokio::time::Instant;

use self::gist::{essence, hash};
use crate::clock::Clock;
use crate::config::Target;
use crate::decisions::Decisions;
use crate::snapshot::{Running, Snapshot};
use crate::state_store::Saved;
use crate::verdict::{self, Circumstances, Finding, Verdict};

pub use gist::Headline;
pub(crate) use gist::etag;

/// Shortest time between two looks at whether an answer is outdated.
const ATTENTION: TimeDelta = TimeDelta::seconds(1);

/// One target at run time.
#[derive(Debug)]
pub struct Watched {
    /// Its configuration.
    pub target: Target,
    frame: Frame,
    inner: Mutex<Inner>,
    ready: ArcSwap<Ready>,
    changes: watch::Sender<u64>,
    settled: watch::Sender<bool>,
    /// A check was started by a request and has not ended.
    pub nudged: AtomicBool,
    being_checked: AtomicBool,
    /// Held while people's decisions are changed and kept.
    pub deciding: tokio::sync::Mutex<()>,
}

/// What all targets have in common.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The process's clock.
    pub clock: Clock,
    /// How long an answer is good.
    pub ttl: TimeDelta,
    /// From one scheduled check to the next.
    pub interval: TimeDelta,
    /// Checks are switched off.
    pub disabled: bool,
}

#[derive(Debug)]
struct Inner {
    snapshot: Snapshot,
    decisions: Decisions,
    /// Steady clock.
    next_check: Option<DateTime<Utc>>,
    /// When time alone changes the answer. Wall clock.
    turns_at: Option<DateTime<Utc>>,
    /// Of what people would notice.
    essence: u64,
    headline: Headline,
    /// Notes as they were last rendered: hash of the Markdown, HTML.
    rendered: (u64, String),
}

/// The answer of `GET /api/version`, serialised once per change.
#[derive(Debug)]
pub struct Ready {
    /// The JSON.
    pub body: Bytes,
    /// Its entity tag.
    pub etag: HeaderValue,
    /// `ok`, or something to be counted as stale.
    pub status: Status,
    /// From then on somebody must look at it again before it is sent.
    pub good_until: Instant,
}

impl Watched {
    /// A target with what was kept of it.
    #[must_use]
    pub fn new(target: Target, saved: Saved, frame: Frame) -> Self {
        let Saved { mut snapshot, decisions, .. } = saved;
        if target.current_url.is_none() || snapshot.running.is_none() {
            let told = Running { version: target.current.clone(), commit: None };
            snapshot.running = target.current.is_some().then_some(told);
        }
        let known = snapshot.known.is_some();
        let inner = Inner {
            snapshot,
            decisions,
            next_check: None,
            turns_at: None,
            essence: 0,
            headline: Headline::of(&Finding::default()),
            rendered: (0, String::new()),
        };
        let (body, etag) = (Bytes::new(), HeaderValue::from_static("\"\""));
        let ready = Ready { body, etag, status: Status::Unknown, good_until: Instant::now() };
        let watched = Self {
            target,
            frame,
            inner: Mutex::new(inner),
            ready: ArcSwap::from_pointee(ready),
            changes: watch::Sender::new(0),
            settled: watch::Sender::new(known || frame.disabled),
            nudged: AtomicBool::new(false),
            being_checked: AtomicBool::new(false),
            deciding: tokio::sync::Mutex::default(),
        };
        watched.publish();
        watched
    }

    /// The answer as it stands.
    #[must_use]
    pub fn ready(&self) -> arc_swap::Guard<Arc<Ready>> {
        self.ready.load()
    }

    /// A copy of what is known.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.lock().snapshot.clone()
    }

    /// Looks at what is known without copying it.
    pub fn with_snapshot<T>(&self, look: impl FnOnce(&Snapshot) -> T) -> T {
        look(&self.lock().snapshot)
    }

    /// What is to be kept of it.
    #[must_use]
    pub fn saved(&self) -> Saved {
        let inner = self.lock();
        Saved::new(inner.snapshot.clone(), inner.decisions.clone())
    }

    /// Replaces what is known, and the answer with it; `next_check` is on the steady clock.
    pub fn learn(&self, snapshot: Snapshot, next_check: Option<DateTime<Utc>>) {
        let mut inner = self.lock();
        inner.snapshot = snapshot;
        // In the middle of a check nobody knows yet which version can be installed.
        if next_check.is_some() {
            inner.decisions = self.tied(&inner, inner.decisions.clone());
        }
        inner.next_check = next_check.or(inner.next_check);
        drop(inner);
        self.publish();
    }

    /// The same at the end of a check, which has found that in it already.
    pub fn conclude(&self, snapshot: Snapshot, finding: Finding, next_check: DateTime<Utc>) {
        let mut inner = self.lock();
        inner.snapshot = snapshot;
        inner.decisions = self.tied(&inner, inner.decisions.clone());
        inner.next_check = Some(next_check);
        self.publish_found(inner, finding);
    }

    /// Replaces what people decided, and the answer with it.
    pub fn decide(&self, decisions: Decisions) {
        let mut inner = self.lock();
        inner.decisions = self.tied(&inner, decisions);
        drop(inner);
        self.publish();
    }

    /// What people decided.
    #[must_use]
    pub fn decisions(&self) -> Decisions {
        self.lock().decisions.clone()
    }

    /// When the next check is due, on the steady clock.
    #[must_use]
    pub fn next_check(&self) -> Option<DateTime<Utc>> {
        self.lock().next_check
    }

    /// Sets when the next check is due, on the steady clock.
    pub fn expect_check(&self, at: DateTime<Utc>) {
        self.lock().next_check = Some(at);
        self.publish();
    }

    /// The first answer, or a failure to get one, is there.
    pub fn settle(&self) {
        if !self.settled.send_replace(true) {
            self.publish();
        }
    }

    /// Tells when the first answer is there.
    #[must_use]
    pub fn settled(&self) -> watch::Receiver<bool> {
        self.settled.subscribe()
    }

    /// Tells of changes that people would notice.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The state as JSON tells it, made anew.
    #[must_use]
    pub fn state(&self) -> VersionState {
        let mut inner = self.lock();
        let finding = verdict::find(&self.target, &inner.snapshot, self.frame.clock.wall());
        self.judge(&mut inner, finding).state
    }

    /// What can be said, without the wording.
    #[must_use]
    pub fn finding(&self) -> Finding {
        verdict::find(&self.target, &self.lock().snapshot, self.frame.clock.wall())
    }

    /// What the answer that is ready says in short.
    #[must_use]
    pub fn headline(&self) -> Headline {
        self.lock().headline.clone()
    }

    /// Makes the answer anew from what is known.
    pub fn publish(&self) {
        let inner = self.lock();
        let finding = verdict::find(&self.target, &inner.snapshot, self.frame.clock.wall());
        self.publish_found(inner, finding);
    }

    fn publish_found(&self, mut inner: MutexGuard<'_, Inner>, finding: Finding) {
        inner.headline = Headline::of(&finding);
        let verdict = self.judge(&mut inner, finding);
        let body = Bytes::from(serde_json::to_vec(&verdict.state).unwrap_or_default());
        let status = verdict.state.status;
        inner.turns_at = verdict.changes_at;
        let essence = essence(verdict.state);
        let due = inner.next_check.map(|at| at - self.frame.clock.steady());
        let stalled = due.map(|due| due + self.frame.interval);
        let outdated = match status {
            // Past its TTL and nothing wrong: whoever asks next starts the check, whatever the schedule says.
            Status::Stale if inner.snapshot.failure.is_none() => Some(TimeDelta::zero()),
            Status::Stale | Status::Unknown => due,
            Status::Ok | Status::Disabled => None,
        };
        let turn = verdict.changes_at.map(|at| at - self.frame.clock.wall());
        let quiet = [stalled, outdated, turn].into_iter().flatten().min().unwrap_or(TimeDelta::hours(1));
        // Before the first answer everybody has to look whether it has come.
        let settled = *self.settled.borrow();
        let quiet = if settled { quiet.max(ATTENTION) } else { TimeDelta::zero() };
        let quiet = quiet.to_std().unwrap_or_default();
        let etag = etag(&body);
        self.ready.store(Arc::new(Ready { body, etag, status, good_until: Instant::now() + quiet }));
        if inner.essence != essence {
            inner.essence = essence;
            drop(inner);
            self.changes.send_modify(|revision| *revision += 1);
        }
    }

    /// Whether time alone has changed the answer by `now` (wall clock).
    #[must_use]
    pub fn turns_by(&self, now: DateTime<Utc>) -> bool {
        self.lock().turns_at.is_some_and(|at| at <= now)
    }

    /// Notes what runs now; tells whether that is something else than before.
    pub fn runs(&self, running: Running) -> bool {
        let mut inner = self.lock();
        if inner.snapshot.running.as_ref() == Some(&running) {
            return false;
        }
        inner.snapshot.running = Some(running);
        drop(inner);
        self.publish();
        true
    }

    /// Notes what others were told.
    pub fn note_notified(&self, key: String) {
        self.lock().snapshot.notified = Some(key);
    }

    /// Whether the running commit was never compared with the head that is known.
    #[must_use]
    pub fn lacks_comparison(&self) -> bool {
        let inner = self.lock();
        let known = inner.snapshot.known.as_ref().filter(|known| known.head.is_some());
        known.is_some_and(|known| known.compared_with != self.target.running_commit(&inner.snapshot))
    }

    /// Whether a check should have run long ago and has not: two intervals without one.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        let inner = self.lock();
        let due = inner.next_check.map(|at| at + self.frame.interval);
        due.is_some_and(|due| due <= self.frame.clock.steady())
    }

    /// Whether the answer is outdated and may be asked for anew.
    #[must_use]
    pub fn wants_check(&self) -> bool {
        let inner = self.lock();
        let now = self.frame.clock.wall();
        let fresh = inner.snapshot.last_success.is_some_and(|at| now - at < self.frame.ttl);
        let allowed = inner.next_check.is_none_or(|at| at <= self.frame.clock.steady());
        // An answer that outlived its TTL is asked for at once; a check that failed, or was cut off by the end
        // of the process, waits for its back-off.
        let snapshot = &inner.snapshot;
        let succeeded = snapshot.last_success.is_some() && snapshot.last_success >= snapshot.last_attempt;
        !fresh && (allowed || snapshot.failure.is_none() && succeeded)
    }

    /// Takes the single place for a check started by a request.
    pub fn begin_nudge(&self) -> bool {
        !self.nudged.swap(true, Ordering::AcqRel)
    }

    /// Whether a check of it is under way in this process.
    #[must_use]
    pub fn is_being_checked(&self) -> bool {
        self.being_checked.load(Ordering::Acquire)
    }

    /// Notes that a check begins or has ended.
    pub fn set_being_checked(&self, running: bool) {
        self.being_checked.store(running, Ordering::Release);
    }

    /// These decisions, tied to what is known now.
    fn tied(&self, inner: &Inner, decisions: Decisions) -> Decisions {
        if decisions.snooze.as_ref().is_none_or(|snooze| snooze.version.is_some()) {
            return decisions;
        }
        let latest = verdict::find(&self.target, &inner.snapshot, self.frame.clock.wall()).latest;
        decisions.tied(&inner.decisions, latest.as_deref())
    }

    fn judge(&self, inner: &mut Inner, finding: Finding) -> Verdict {
        let around = self.around(inner);
        let mut verdict =
            verdict::judge_found(&self.target, &inner.snapshot, finding, &inner.decisions, around);
        if let Some(notes) = &verdict.state.release_notes {
            let hash = hash(notes.as_bytes());
            if inner.rendered.0 != hash {
                inner.rendered = (hash, notes::to_html(notes));
            }
            verdict.state.release_notes_html = Some(inner.rendered.1.clone());
        }
        verdict
    }

    fn around(&self, inner: &Inner) -> Circumstances {
        let now = self.frame.clock.wall();
        let skew = now - self.frame.clock.steady();
        Circumstances {
            now,
            ttl: self.frame.ttl,
            next_check: inner.next_check.filter(|_| !self.frame.disabled).map(|at| at + skew),
            disabled: self.frame.disabled,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
