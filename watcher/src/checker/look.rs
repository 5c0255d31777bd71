//! The check itself, once it is clear that it shall run.

use chrono::{DateTime, TimeDelta, Utc};
use contract::{ErrorCode, Via, Withdrawn};
use releases::github::AdvisoriesAnswer;
use releases::manifest::UpgradeManifest;
use releases::outbound::Lane;
use releases::source::{Question, SourceFailure};
use releases::{Track, Version};
use tracing::Instrument;

use super::{Checker, LONGEST_BACKOFF, SETTLED_BACKOFF, SHORTEST_BACKOFF};
use crate::clock::delta;
use crate::installable;
use crate::metrics;
use crate::snapshot::{Failure, Snapshot};
use crate::verdict::{self, Finding};
use crate::watched::{Headline, Watched};
use crate::{cron, state_store::Saved};

/// Bytes of notes kept in memory, all targets together.
const NOTES_TOGETHER: usize = 32 << 20;
/// Bytes of notes kept of one target, between these.
const NOTES_EACH: std::ops::RangeInclusive<usize> = (32 << 10)..=(2 << 20);
/// How long a withdrawal is told.
const WITHDRAWAL_TOLD: TimeDelta = TimeDelta::days(7);

impl Checker {
    /// One check of one target; what it learns is published, kept and notified.
    pub(super) async fn look(&self, watched: &Watched) {
        let span = tracing::info_span!("check", target.name = %watched.target.name);
        self.look_inside(watched).instrument(span).await;
    }

    async fn look_inside(&self, watched: &Watched) {
        let mut snapshot = watched.snapshot();
        // Before the first answer is told: against that, the verdict on it would be nothing new.
        let before = watched.headline();
        if let Some(until) = self.postponed_until(&snapshot).await {
            tracing::debug!(until = %until, "GitHub asked to wait and the answer is still good; nothing is asked");
            // The app is asked all the same: it has no part in that, and may have been upgraded meanwhile.
            snapshot.running = self.running.read(&watched.target, snapshot.running.as_ref()).await;
            return Box::pin(self.conclude(watched, &before, snapshot, until)).await;
        }
        snapshot.last_attempt = Some(self.clock.wall());
        // Written before the first request: a process that is killed and started again in a loop must not
        // believe each time that it never asked.
        let begun = || Saved::new(snapshot.clone(), watched.decisions());
        self.store.save(&watched.target.name, begun).await;
        let target = &watched.target;
        snapshot.running = self.running.read(target, snapshot.running.as_ref()).await;
        let outcome = self.ask_upstream(watched, &mut snapshot).await;
        let label = match &outcome {
            Ok(true) => "unchanged",
            Ok(false) => "ok",
            Err(failure) => metrics::label(failure.code),
        };
        self.metrics.checks.with_label_values(&[target.name.as_str(), label]).inc();
        if let Err(cause) = &outcome {
            log_failure(snapshot.failure.as_ref(), cause);
            snapshot.failure = Some(Failure::following(snapshot.failure.as_ref(), cause, self.clock.wall()));
        }
        let next = self.next_check(&snapshot);
        if let Some(failure) = &mut snapshot.failure {
            failure.retry_at = Some(next + self.skew());
        }
        // Boxed, as is the rest of a check below: one that waits for its first answer does not hold the room for it.
        Box::pin(self.conclude(watched, &before, snapshot, next)).await;
    }

    /// While GitHub's API asked to wait and the last answer is still within its TTL, nobody is asked: the other
    /// doors are for those who know nothing. On the steady clock.
    async fn postponed_until(&self, snapshot: &Snapshot) -> Option<DateTime<Utc>> {
        if !self.is_good(snapshot) {
            return None;
        }
        self.store.read_ledger().await.waits_until(Lane::Rest, self.clock.steady())
    }

    /// Whether there is an answer within its TTL.
    fn is_good(&self, snapshot: &Snapshot) -> bool {
        let ttl = delta(self.config.timing.cache_ttl);
        let young = snapshot.last_success.is_some_and(|at| self.clock.wall() - at < ttl);
        young && snapshot.known.is_some()
    }

    /// Tells everybody what was learnt.
    async fn conclude(
        &self,
        watched: &Watched,
        before: &Headline,
        mut snapshot: Snapshot,
        next: DateTime<Utc>,
    ) {
        let after = verdict::find(&watched.target, &snapshot, self.clock.wall());
        self.note_withdrawal(&mut snapshot, &after);
        log_change(before, &Headline::of(&after));
        let notice = self.notifier.notice(&watched.target, &snapshot, &after);
        if let Some(notice) = &notice {
            snapshot.notified = Some(notice.key.clone());
        }
        watched.conclude(snapshot, after, next);
        self.store.save(&watched.target.name, || watched.saved()).await;
        if let Some(notice) = notice {
            self.notifier.send(&notice, &watched.state());
        }
    }

    /// Tells others what time alone has changed: a version that has ripened, say.
    pub async fn tell(&self, watched: &Watched) {
        if self.store.shared().is_some() {
            // All replicas see it at the same second; the one that checks next tells it.
            return;
        }
        let finding = watched.finding();
        let notice =
            watched.with_snapshot(|snapshot| self.notifier.notice(&watched.target, snapshot, &finding));
        if let Some(notice) = notice {
            watched.note_notified(notice.key.clone());
            self.store.save(&watched.target.name, || watched.saved()).await;
            self.notifier.send(&notice, &watched.state());
        }
    }

    /// Asks upstream; `true` if nothing has changed there.
    async fn ask_upstream(&self, watched: &Watched, snapshot: &mut Snapshot) -> Result<bool, SourceFailure> {
        let target = &watched.target;
        let running_commit = target.running_commit(snapshot);
        let question = Question {
            repo: target.repo.clone(),
            track: target.track.clone(),
            channel: target.channel,
            line: target.line.clone(),
            running_commit: running_commit.clone(),
            etag: snapshot.etag(running_commit.as_deref()),
        };
        let told = snapshot.running.as_ref().and_then(|running| running.version.as_deref());
        let running = told.and_then(|told| Version::parse(told).ok());
        let answered = self.upstream.ask(&question, running.as_ref()).await;
        self.fit_budget_to_token();
        let answered = answered?;
        let answer = answered.answer;
        let unchanged = matches!(answer.found, releases::source::Found::Unchanged);
        let (via, now) = (answer.via, self.clock.wall());
        let complaint = answered.first_failure.or_else(|| answer.token_rejected.then(token_rejected));
        let before = snapshot.complaint.take();
        snapshot.complaint = complaint.map(|cause| Failure::following(before.as_ref(), &cause, now));
        if let Some(moved_to) = &answer.moved_to
            && snapshot.known.as_ref().is_none_or(|known| known.moved_to.as_ref() != Some(moved_to))
        {
            tracing::warn!(repo.new = %moved_to, "the repository moved to {moved_to}; set SIDEWATCH_REPO to it");
        }
        snapshot.learn(answer, running_commit.as_deref(), self.notes_budget(), now);
        if target.track == Track::Releases {
            if watched.with_snapshot(|before| before.known.is_none()) {
                // The first answer is told before the rest is asked for: undecided, but better than nothing.
                watched.learn(snapshot.clone(), None);
            }
            Box::pin(self.complete(watched, snapshot, via)).await;
        }
        Ok(unchanged)
    }

    /// Advisories, image and manifest: each may fail without making the answer a bad one.
    async fn complete(&self, watched: &Watched, snapshot: &mut Snapshot, via: Via) {
        if via == Via::Rest {
            self.read_advisories(watched, snapshot).await;
        }
        let now = self.clock.wall();
        let found_out = installable::find_out(&self.upstream.registry, &watched.target, snapshot, now).await;
        if let Err(cause) = found_out {
            tracing::warn!(cause = %cause, "the image registry could not be asked");
            let message = format!(
                "a newer version may be there, but whether it can be installed is not known: {cause}"
            );
            let cause = SourceFailure { message, code: ErrorCode::Registry, ..cause };
            snapshot.complaint = Some(Failure::following(snapshot.complaint.as_ref(), &cause, now));
        }
        self.read_manifest(watched, snapshot).await;
    }

    async fn read_advisories(&self, watched: &Watched, snapshot: &mut Snapshot) {
        let Some(known) = &mut snapshot.known else { return };
        let etag = known.advisories.as_ref().and(known.advisories_etag.clone());
        match self.upstream.rest.published_advisories(&watched.target.repo, etag.as_deref()).await {
            Ok(AdvisoriesAnswer::Unchanged) => {}
            Ok(AdvisoriesAnswer::List { advisories, etag, .. }) => {
                known.advisories = Some(advisories);
                known.advisories_etag = etag;
            }
            Err(failure) => {
                tracing::warn!(%failure, "cannot read the advisories; keeping what is known of them")
            }
        }
    }

    async fn read_manifest(&self, watched: &Watched, snapshot: &mut Snapshot) {
        let Some(known) = &snapshot.known else { return };
        if known.manifest.is_none() && !known.releases.iter().any(|release| release.has_manifest) {
            return;
        }
        let latest = verdict::find(&watched.target, snapshot, self.clock.wall()).latest;
        let Some(known) = &mut snapshot.known else { return };
        let is_latest = |release: &&releases::Release| Some(release.version.as_str()) == latest.as_deref();
        let Some(latest) = known.releases.iter().find(is_latest) else { return };
        if !latest.has_manifest {
            known.manifest = None;
            return;
        }
        if known.manifest.as_ref().is_some_and(|(tag, _)| *tag == latest.tag) {
            return;
        }
        match self.upstream.rest.upgrade_manifest(&watched.target.repo, &latest.tag).await {
            Ok(bytes) => match UpgradeManifest::parse(&bytes) {
                Ok(manifest) => known.manifest = Some((latest.tag.clone(), manifest)),
                Err(error) => {
                    tracing::warn!(%error, release.tag = %latest.tag, "cannot use the release's upgrade.json")
                }
            },
            Err(failure) => {
                tracing::warn!(%failure, release.tag = %latest.tag, "cannot read the release's upgrade.json")
            }
        }
    }

    /// An announced version that is no longer there is taken back, and that is told for a while.
    fn note_withdrawal(&self, snapshot: &mut Snapshot, finding: &Finding) {
        let now = self.clock.wall();
        let Some(known) = snapshot.known.as_ref().filter(|known| known.complete) else { return };
        let there = |version: &str| known.releases.iter().any(|release| release.version.as_str() == version);
        if let Some(gone) = snapshot.announced.take_if(|version| !there(version)) {
            tracing::warn!(release.version = %gone, "{gone} was withdrawn upstream");
            snapshot.withdrawn = Some(Withdrawn { version: gone, since: now });
        }
        let over = |told: &Withdrawn| there(&told.version) || now - told.since > WITHDRAWAL_TOLD;
        if snapshot.withdrawn.as_ref().is_some_and(over) {
            snapshot.withdrawn = None;
        }
        if finding.update_available() == Some(true) {
            snapshot.announced.clone_from(&finding.latest);
        }
    }

    /// When to check next, on the steady clock: by the schedule, or at the end of the back-off.
    fn next_check(&self, snapshot: &Snapshot) -> DateTime<Utc> {
        let (now, skew) = (self.clock.steady(), self.skew());
        let Some(failure) = &snapshot.failure else {
            let interval = self.cron.interval(now);
            let jitter = delta(cron::jitter(interval));
            return self.cron.next_after(now + skew).map_or(now + interval, |at| at - skew) + jitter;
        };
        let settled = matches!(failure.code, ErrorCode::NotFound | ErrorCode::NoRelease);
        let backoff = if settled { SETTLED_BACKOFF } else { backoff(failure.times) };
        let named = failure.retry_at.map_or(now, |at| at - skew);
        // What upstream asks for closes its own lane in the ledger. Who knows nothing tries the other doors before
        // that ends; who has a good answer waits.
        let longest = match failure.code {
            ErrorCode::Budget => named,
            ErrorCode::RateLimited if self.is_good(snapshot) => named,
            ErrorCode::RateLimited => now,
            _ => now + LONGEST_BACKOFF,
        };
        (now + backoff).max(named.min(longest))
    }

    fn notes_budget(&self) -> usize {
        (NOTES_TOGETHER / self.targets().len().max(1)).clamp(*NOTES_EACH.start(), *NOTES_EACH.end())
    }
}

/// 60 s, doubled with each failure, at most 280 s, and up to 20 s of jitter.
fn backoff(times: u32) -> TimeDelta {
    let grown = SHORTEST_BACKOFF * 2_i32.pow(times.clamp(1, 8) - 1);
    grown.min(LONGEST_BACKOFF) + TimeDelta::milliseconds(rand::random_range(0..20_000))
}

fn token_rejected() -> SourceFailure {
    SourceFailure::new(
        ErrorCode::TokenRejected,
        "GitHub refused SIDEWATCH_GITHUB_TOKEN (wrong, expired or revoked); checks go on without it, at 60 requests an \
         hour",
    )
}

/// A change of state is worth a line, the same failure again is not.
fn log_failure(before: Option<&Failure>, cause: &SourceFailure) {
    let code = metrics::label(cause.code);
    if before.is_some_and(|before| before.code == cause.code) {
        tracing::debug!(error.code = code, cause = %cause, "the check failed again");
    } else {
        tracing::warn!(error.code = code, cause = %cause, "the check failed; the last answer is kept");
    }
}

fn log_change(before: &Headline, after: &Headline) {
    if before == after {
        tracing::debug!("nothing new");
    } else {
        let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
        tracing::info!(
            release.current = %shown(&after.current),
            release.latest = %shown(&after.latest),
            comparison = ?after.comparison,
            "running {}, latest {}",
            shown(&after.current),
            shown(&after.latest)
        );
    }
}
