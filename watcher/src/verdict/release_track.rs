//! The releases track: the highest version that can be installed here, and what lies in between.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contract::{Behind, Comparison, ErrorCode, NextHop, Pending, PendingReason, Security, Severity};
use releases::advisory::assess;
use releases::release::{eligible, running_version};
use releases::{Channel, Release, Track, Version, notes};

use super::{Finding, days_since};
use crate::clock::delta;
use crate::config::Target;
use crate::snapshot::{Failure, Known, Snapshot};

/// Judges the releases track.
pub(super) fn find(target: &Target, snapshot: &Snapshot, now: DateTime<Utc>) -> Finding {
    let told = snapshot.running.as_ref().and_then(|running| running.version.as_deref());
    // A commit is told where there is no version, and compared with none.
    let commit = || snapshot.running.as_ref()?.commit.as_deref().map(|commit| notes::one_line(commit, 100));
    let Some(known) = &snapshot.known else {
        return Finding { current: shown(told).or_else(commit), ..Finding::default() };
    };
    let running = running_version(told, &known.releases);
    let ranked = eligible(&known.releases, target.channel, target.line.as_ref());
    let choice = choose(target, snapshot, &ranked, running.as_ref(), now);
    let mut finding = Finding {
        current: shown(told).or_else(commit),
        security: security(known, running.as_ref(), choice.latest),
        pending: choice.pending,
        ripens_at: choice.ripens_at,
        ..Finding::default()
    };
    let Some(latest) = choice.latest else { return finding };
    describe(&mut finding, target, latest);
    let Some(running) = &running else { return finding };
    finding.comparison = match running.cmp(&latest.version) {
        std::cmp::Ordering::Less => Comparison::Behind,
        // Something newer exists and nobody knows whether it can be installed: that is not "up to date".
        _ if choice.undecided => Comparison::Unknown,
        std::cmp::Ordering::Equal => Comparison::Identical,
        std::cmp::Ordering::Greater => Comparison::Ahead,
    };
    finding.severity = severity(known, running, latest);
    if finding.comparison != Comparison::Unknown {
        finding.behind = behind(known, &ranked, running, latest, now);
    }
    finding.next_hop = next_hop(target, known, running, latest, &ranked);
    finding
}

/// Eligible versions newer than the running one, the highest first; all eligible ones where that is unknown.
#[must_use]
pub fn newer<'a>(target: &Target, snapshot: &'a Snapshot) -> Vec<&'a Release> {
    let Some(known) = &snapshot.known else { return Vec::new() };
    let told = snapshot.running.as_ref().and_then(|running| running.version.as_deref());
    let running = running_version(told, &known.releases);
    let is_newer = |release: &&Release| running.as_ref().is_none_or(|running| release.version > *running);
    eligible(&known.releases, target.channel, target.line.as_ref()).into_iter().filter(is_newer).collect()
}

/// Why nothing is offered although releases are known; it goes by itself with the first one that counts.
pub(super) fn nothing_eligible(target: &Target, snapshot: &Snapshot) -> Option<Failure> {
    let known = snapshot.known.as_ref().filter(|_| target.track == Track::Releases)?;
    let highest = |channel, line| eligible(&known.releases, channel, line).into_iter().next();
    let line = target.line.as_ref();
    if highest(target.channel, line).is_some() {
        return None;
    }
    let why = match (highest(target.channel, None), highest(Channel::Prerelease, line), line) {
        (Some(highest), None, Some(line)) => {
            format!("nothing matches SIDEWATCH_LINE={line}; the highest is {}", highest.version)
        }
        (Some(_), Some(_), Some(line)) => {
            format!(
                "SIDEWATCH_LINE={line} has only pre-releases; SIDEWATCH_CHANNEL=prerelease would follow them"
            )
        }
        (None, Some(_), _) => "only pre-releases; SIDEWATCH_CHANNEL=prerelease would follow them".to_owned(),
        (None, None, Some(line)) if !known.releases.is_empty() => {
            format!("only pre-releases, and none of them matches SIDEWATCH_LINE={line}")
        }
        _ => "no release that is a version is known".to_owned(),
    };
    // Where there is one, an instant that does not move with each check: nobody need be told again.
    let since = known.releases.iter().filter_map(|release| release.published_at).max();
    Some(Failure {
        code: ErrorCode::NoRelease,
        message: format!("{}: {why}", target.repo),
        since: since.or(snapshot.last_success)?,
        retry_at: None,
        times: 0,
    })
}

/// The highest installable version, and what stands above it.
struct Choice<'a> {
    latest: Option<&'a Release>,
    pending: Option<Pending>,
    ripens_at: Option<DateTime<Utc>>,
    /// A newer version exists of which nobody could tell yet whether it can be installed.
    undecided: bool,
}

fn choose<'a>(
    target: &Target,
    snapshot: &Snapshot,
    ranked: &[&'a Release],
    running: Option<&Version>,
    now: DateTime<Utc>,
) -> Choice<'a> {
    let mut choice = Choice { latest: None, pending: None, ripens_at: None, undecided: false };
    for release in ranked {
        let newer = running.is_none_or(|running| release.version > *running);
        match newer.then(|| obstacle(target, snapshot, release, running, now)).flatten() {
            None => {
                choice.latest = Some(release);
                break;
            }
            Some(Obstacle::Undecided) => choice.undecided = true,
            Some(Obstacle::Held { pending, ripens_at }) => {
                choice.pending = choice.pending.or(Some(pending));
                choice.ripens_at = [choice.ripens_at, ripens_at].into_iter().flatten().min();
            }
        }
    }
    choice
}

enum Obstacle {
    Undecided,
    Held { pending: Pending, ripens_at: Option<DateTime<Utc>> },
}

/// Why this version cannot be installed here now, if it cannot.
fn obstacle(
    target: &Target,
    snapshot: &Snapshot,
    release: &Release,
    running: Option<&Version>,
    now: DateTime<Utc>,
) -> Option<Obstacle> {
    let version = release.version.to_string();
    if target.image.is_some() {
        if let Some(held) = snapshot.held.get(&version) {
            let (reason, since, detail) =
                (held.reason, super::whole_seconds(held.since), held.detail.clone());
            let pending = Pending { version, reason, since, detail };
            return Some(Obstacle::Held { pending, ripens_at: None });
        }
        if !snapshot.installable.contains_key(&version) {
            return Some(Obstacle::Undecided);
        }
    }
    cooling(target, snapshot, release, running, now)
}

fn cooling(
    target: &Target,
    snapshot: &Snapshot,
    release: &Release,
    running: Option<&Version>,
    now: DateTime<Utc>,
) -> Option<Obstacle> {
    if target.min_age.is_zero() {
        return None;
    }
    let version = release.version.to_string();
    let since = release.published_at.or_else(|| snapshot.first_seen.get(&version).copied()).unwrap_or(now);
    let ripe = since + delta(target.min_age);
    let advisories = snapshot.known.as_ref().and_then(|known| known.advisories.as_deref());
    if ripe <= now || closes_a_hole(advisories, running, &release.version) {
        return None;
    }
    let age = humantime::format_duration(target.min_age);
    let detail =
        format!("younger than {age} (SIDEWATCH_MIN_AGE); counts from {}", ripe.format("%Y-%m-%d %H:%M UTC"));
    let since = super::whole_seconds(since);
    let pending = Pending { version, reason: PendingReason::CoolingDown, since, detail };
    Some(Obstacle::Held { pending, ripens_at: Some(ripe) })
}

/// Whether a published vulnerability certainly holds the running version and certainly not `other`, whatever is said
/// of other ones.
fn closes_a_hole(
    advisories: Option<&[releases::advisory::Advisory]>,
    running: Option<&Version>,
    other: &Version,
) -> bool {
    let (Some(advisories), Some(running)) = (advisories, running) else { return false };
    advisories
        .iter()
        .map(std::slice::from_ref)
        .any(|one| assess(one, running).affected == Some(true) && assess(one, other).affected == Some(false))
}

fn security(known: &Known, running: Option<&Version>, latest: Option<&Release>) -> Security {
    let (Some(advisories), Some(running)) = (&known.advisories, running) else { return Security::default() };
    let assessment = assess(advisories, running);
    Security {
        affected: assessment.affected,
        severity: assessment.severity,
        latest_affected: latest.and_then(|latest| assess(advisories, &latest.version).affected),
        advisories: assessment.notices,
    }
}

fn describe(finding: &mut Finding, target: &Target, latest: &Release) {
    finding.latest = Some(latest.version.to_string());
    finding.release_url = latest.url.clone().or_else(|| target.release_page(&latest.tag));
    finding.notes.clone_from(&latest.notes);
    finding.notes_html.clone_from(&latest.notes_html);
    finding.published_at = latest.published_at;
}

fn severity(known: &Known, running: &Version, latest: &Release) -> Option<Severity> {
    let step = running.step_to(&latest.version)?;
    let fix = closes_a_hole(known.advisories.as_deref(), Some(running), &latest.version);
    Some(if fix { Severity::Security } else { step })
}

fn behind(
    known: &Known,
    ranked: &[&Release],
    running: &Version,
    latest: &Release,
    now: DateTime<Utc>,
) -> Behind {
    let missed =
        ranked.iter().filter(|release| release.version > *running && release.version <= latest.version);
    let first = missed.clone().map(|release| release.published_at).min().flatten();
    let count = missed.count() as u64;
    if count == 0 {
        return Behind { releases: Some(0), commits: None, days: Some(0) };
    }
    Behind {
        releases: known.complete.then_some(count),
        commits: None,
        days: first.filter(|_| known.complete).map(|first| days_since(first, now)),
    }
}

fn next_hop(
    target: &Target,
    known: &Known,
    running: &Version,
    latest: &Release,
    ranked: &[&Release],
) -> Option<NextHop> {
    let (_, manifest) = known.manifest.as_ref().filter(|(tag, _)| *tag == latest.tag)?;
    let hop = manifest.next_hop(running, &latest.version, ranked)?;
    let tag = ranked.iter().find(|release| release.version == hop.version).map(|release| release.tag.clone());
    let release_url = hop.url.or_else(|| tag.and_then(|tag| target.release_page(&tag)));
    Some(NextHop { version: hop.version.to_string(), release_url, reason: hop.reason })
}

/// The running version as it is printed: without a leading `v`, also where it names no single version.
fn shown(told: Option<&str>) -> Option<String> {
    let told = told.map(str::trim).filter(|told| !told.is_empty())?;
    Some(Version::parse(told).map_or_else(|_| notes::one_line(told, 100), |version| version.to_string()))
}

/// Forgets versions that the registry was asked about and that are no longer newer than the running one, and when
/// those were first seen that are not `noted` any more.
pub fn forget_old(snapshot: &mut Snapshot, still_newer: &BTreeSet<String>, noted: &BTreeSet<String>) {
    snapshot.held.retain(|version, _| still_newer.contains(version));
    snapshot.installable.retain(|version, _| still_newer.contains(version));
    snapshot.first_seen.retain(|version, _| noted.contains(version));
}

/// The newest eligible versions, whatever runs.
#[must_use]
pub fn newest<'a>(target: &Target, snapshot: &'a Snapshot, count: usize) -> Vec<&'a Release> {
    let releases = snapshot.known.as_ref().map_or(&[][..], |known| &known.releases);
    let mut ranked = eligible(releases, target.channel, target.line.as_ref());
    ranked.truncate(count);
    ranked
}
