//! The update state in words: each state has its own, and what is not known is never called up to date.

use chrono::{DateTime, Utc};
use contract::terminal::one_line;
use contract::{Comparison, ErrorCode, PendingReason, Severity, Status, VersionState};

use super::report::Report;
use crate::age::{ago, counted, span};
use crate::config::DISABLE_UPDATE_CHECK;
use crate::output::Tone;

/// Longest text of a stranger in one line.
const LONGEST: usize = 300;
/// Advisories that are told one by one.
const MOST_ADVISORIES: usize = 5;

/// How a check that failed is told.
const COULD_NOT: &str = "could not check";

type Line = (Option<Tone>, String);

/// What is known to be vulnerable in what runs; empty if nothing is.
pub(super) fn security(state: &VersionState) -> Vec<Line> {
    if state.security.affected != Some(true) {
        return Vec::new();
    }
    let severity = state
        .security
        .severity
        .as_deref()
        .map_or_else(String::new, |level| format!(" ({})", one_line(level, 20)));
    let count = counted(state.security.advisories.len().max(1) as u64, "known vulnerability");
    let count = count.replace("vulnerabilitys", "vulnerabilities");
    let mut lines = vec![(Some(Tone::Alarm), format!("{} has {count}{severity}", current(state)))];
    for advisory in state.security.advisories.iter().take(MOST_ADVISORIES) {
        let fixed = advisory
            .fixed_in
            .as_deref()
            .map_or_else(String::new, |version| format!("; fixed in {}", one_line(version, 40)));
        lines.push((
            Some(Tone::Alarm),
            format!("{}: {}{fixed}", one_line(&advisory.id, 40), one_line(&advisory.summary, 160)),
        ));
        lines.extend(advisory.url.as_deref().map(|url| (Some(Tone::Faint), one_line(url, LONGEST))));
    }
    if state.security.latest_affected == Some(true) {
        lines.push((Some(Tone::Alarm), "the latest version has a known vulnerability too".into()));
    }
    lines
}

/// What to type, if there is something to install.
pub(super) fn command(state: &VersionState) -> Option<String> {
    let wanted = state.update_available == Some(true)
        && (state.skipped.is_none() || state.security.affected == Some(true));
    let command = state.upgrade.command.as_deref().filter(|_| wanted)?;
    Some(one_line(command, LONGEST))
}

/// Whether there is something newer.
pub(super) fn lines(report: &Report) -> Vec<Line> {
    let Some(version) = &report.version else {
        return vec![(
            Some(Tone::Faint),
            format!("not asked, as {DISABLE_UPDATE_CHECK} or the configuration says"),
        )];
    };
    match (version, report.update()) {
        (Ok(state), _) => of(state, report.now),
        (Err(_), Some((state, Some(at)))) => {
            let mut lines = vec![(Some(Tone::Notice), format!("as it was known {}:", ago(at, report.now)))];
            // How old the check was is said already; by now it is older.
            lines.extend(of(state, report.now).into_iter().filter(|(_, text)| !text.starts_with(COULD_NOT)));
            lines
        }
        (Err(_), _) => vec![(Some(Tone::Notice), "unknown: the server did not say".into())],
    }
}

fn of(state: &VersionState, now: DateTime<Utc>) -> Vec<Line> {
    let mut lines = vec![headline(state, now)];
    lines.extend(stale(state, now));
    let mut add = |tone: Option<Tone>, text: String| lines.push((tone, text));
    if let Some(until) = state.snoozed_until.filter(|until| now < *until) {
        add(Some(Tone::Faint), format!("snoozed, until {}", until.format("%Y-%m-%d %H:%M UTC")));
    }
    if state.update_available == Some(true) {
        if let Some(hop) = &state.next_hop {
            let (version, reason) = (one_line(&hop.version, 40), one_line(&hop.reason, LONGEST));
            add(Some(Tone::Notice), format!("install {version} first: {reason}"));
        }
        if let Some(url) = &state.release_url {
            add(Some(Tone::Faint), format!("{} (or `c` in remote-agent tui)", one_line(url, LONGEST)));
        }
    }
    if let Some(pending) = &state.pending {
        let version = one_line(&pending.version, 40);
        let text = format!("{version} is out and cannot be installed here yet: {}", why(pending.reason));
        add(Some(Tone::Notice), text);
        add(Some(Tone::Faint), one_line(&pending.detail, LONGEST));
    }
    if let Some(withdrawn) = &state.withdrawn {
        let version = one_line(&withdrawn.version, 40);
        add(
            Some(Tone::Notice),
            format!("{version} was announced and withdrawn {}", ago(withdrawn.since, now)),
        );
    }
    if let Some(name) = &state.moved_to {
        add(
            Some(Tone::Notice),
            format!("the project has moved to {}: configure the watcher with it", one_line(name, 200)),
        );
    }
    if let Some(error) = state.error.as_ref().filter(|_| state.status == Status::Ok) {
        add(Some(Tone::Notice), one_line(&error.message, LONGEST));
    }
    lines
}

fn headline(state: &VersionState, now: DateTime<Utc>) -> Line {
    let message = || state.error.as_ref().map(|error| one_line(&error.message, LONGEST));
    if state.status == Status::Disabled {
        return (Some(Tone::Faint), "checks are switched off on the server".into());
    }
    if state.error.as_ref().is_some_and(|error| error.code == ErrorCode::WatcherUnavailable) {
        let message = message().unwrap_or_default();
        return (Some(Tone::Notice), format!("unknown: the watcher is away: {message}"));
    }
    // Where the latest version is not known nothing can be told, whatever else is said.
    if state.status == Status::Unknown || state.latest.is_none() {
        let message = message().unwrap_or_else(|| "nothing was learnt yet".into());
        return (Some(Tone::Notice), format!("unknown: {message}"));
    }
    let latest = latest(state);
    match state.comparison {
        Comparison::Behind => behind(state, &latest, now),
        // What was true at the last check need not be true now.
        Comparison::Identical if state.status == Status::Stale || state.update_available != Some(false) => {
            (Some(Tone::Notice), format!("{latest} was the latest version"))
        }
        Comparison::Identical => (Some(Tone::Good), format!("up to date: {latest} is the latest version")),
        Comparison::Ahead => (None, format!("{} is ahead of the latest version, {latest}", current(state))),
        Comparison::Diverged => (
            Some(Tone::Notice),
            format!("{} and {latest} have diverged: both have commits of their own", current(state)),
        ),
        Comparison::Unknown => (
            Some(Tone::Notice),
            format!("cannot tell: {} is no version; the latest one is {latest}", current(state)),
        ),
    }
}

fn behind(state: &VersionState, latest: &str, now: DateTime<Utc>) -> Line {
    let (tone, kind) = match state.severity {
        Some(Severity::Security) => (Tone::Alarm, Some("a security fix")),
        Some(Severity::Major) => (Tone::Notice, Some("major")),
        Some(Severity::Minor) => (Tone::Notice, Some("minor")),
        Some(Severity::Patch) => (Tone::Notice, Some("patch")),
        Some(Severity::Commits) | None => (Tone::Notice, None),
    };
    let counts = [(state.behind.releases, "release"), (state.behind.commits, "commit")];
    let mut facts: Vec<String> = kind.into_iter().map(str::to_owned).collect();
    facts.extend(
        counts.iter().filter_map(|(count, what)| Some(format!("{} behind", counted((*count)?, what)))),
    );
    facts.extend(
        state.behind.days.filter(|days| *days > 0).map(|days| format!("for {}", counted(days, "day"))),
    );
    facts.extend(state.published_at.map(|at| format!("published {}", ago(at, now))));
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    if state.skipped.is_some() {
        return (Some(Tone::Faint), format!("{latest} is available and skipped{facts}"));
    }
    (Some(tone), format!("{latest} is available{facts}"))
}

fn stale(state: &VersionState, now: DateTime<Utc>) -> Option<Line> {
    if state.status != Status::Stale {
        return None;
    }
    let length = state.last_checked.map_or_else(String::new, |at| format!(" for {}", span(now - at)));
    let why = state
        .error
        .as_ref()
        .map_or_else(String::new, |error| format!(": {}", one_line(&error.message, LONGEST)));
    Some((Some(Tone::Notice), format!("{COULD_NOT}{length}{why}")))
}

fn why(reason: PendingReason) -> &'static str {
    match reason {
        PendingReason::ImageMissing => "its image is not there",
        PendingReason::PlatformMissing => "its image is not for this platform",
        PendingReason::RegistryPrivate => "its image cannot be pulled without a login",
        PendingReason::CoolingDown => "it is younger than the configured age",
    }
}

fn current(state: &VersionState) -> String {
    state.current.as_deref().map_or_else(|| "what runs".to_owned(), short)
}

fn latest(state: &VersionState) -> String {
    state.latest.as_deref().map_or_else(|| "an unknown version".to_owned(), short)
}

/// A version as it is; a commit by its first seven digits.
fn short(version: &str) -> String {
    let is_commit = version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    one_line(if is_commit { &version[..7] } else { version }, 60)
}
