//! The report for people: security first, what to type last. A word says what a colour says.

use chrono::TimeDelta;
use contract::terminal::one_line;
use contract::{Check, CheckStatus, Health, HealthStatus};

use super::report::Report;
use super::update;
use crate::age::{ago, counted, span};
use crate::commands::spool;
use crate::output::{Paint, Tone};

/// Longest text of a stranger in one line.
const LONGEST: usize = 300;
/// What went wrong in a hook longer ago is not told any more.
const HOOK_PROBLEMS_TOLD: TimeDelta = TimeDelta::days(7);

/// Writes lines below each other, with what they are about in front of the first.
pub(super) struct Page {
    paint: Paint,
    lines: Vec<String>,
}

impl Page {
    fn about(&mut self, title: &str, lines: impl IntoIterator<Item = (Option<Tone>, String)>) {
        for (index, (tone, text)) in lines.into_iter().enumerate() {
            let title = if index == 0 { title } else { "" };
            let text = tone.map_or_else(|| text.clone(), |tone| self.paint.paint(tone, &text));
            self.lines.push(format!("{} {text}", self.paint.paint(Tone::Strong, &format!("{title:<8}"))));
        }
    }
}

/// All of it.
pub(super) fn lines(report: &Report, paint: Paint) -> Vec<String> {
    let mut page = Page { paint, lines: Vec::new() };
    if let Some((state, _)) = report.update() {
        page.about("Security", update::security(state));
    }
    page.about("Server", server(report));
    let open = report.open_settings.as_ref().map(|path| {
        let path = one_line(&path.to_string_lossy(), LONGEST);
        (Some(Tone::Notice), format!("others can read your key: chmod 600 {path}"))
    });
    page.about("Client", [(None, report.stamp.line())].into_iter().chain(open));
    page.about("Update", update::lines(report));
    page.about("Spool", waiting(report));
    let others = spool::lines_of_others(&report.others, &report.address);
    page.about("Others", others.into_iter().map(|line| (Some(Tone::Notice), line)));
    if let Some(problem) = &report.hook_problem
        && report.now - problem.at < HOOK_PROBLEMS_TOLD
    {
        let text = format!("{}: {}", ago(problem.at, report.now), one_line(&problem.text, LONGEST));
        page.about("Hooks", [(Some(Tone::Notice), text)]);
    }
    if let Some(command) = report.update().and_then(|(state, _)| update::command(state)) {
        page.about("To do", [(Some(Tone::Strong), command)]);
    }
    page.lines
}

fn server(report: &Report) -> Vec<(Option<Tone>, String)> {
    let mut lines = Vec::new();
    match &report.health {
        Err(error) => lines.push((Some(Tone::Alarm), error.to_string())),
        Ok(health) => {
            let (tone, word) = word(health.status);
            let version = build(&health.version, &health.commit);
            let up =
                span(TimeDelta::seconds(i64::try_from(health.uptime_seconds).unwrap_or(i64::MAX / 1000)));
            lines.push((None, format!("{} at {}", version, report.address)));
            lines.push((Some(tone), format!("{word}, up for {up}")));
            lines.extend(health.checks.iter().filter_map(|(name, check)| trouble(name, check)));
            lines.extend(other_version(report, health));
        }
    }
    // The version needs the key, health does not.
    if let (Ok(_), Some(error)) = (&report.health, report.refusal()) {
        lines.push((Some(Tone::Alarm), error.to_string()));
    }
    lines
}

fn build(version: &str, commit: &str) -> String {
    let commit = one_line(commit.get(..7).unwrap_or(commit), 40);
    if version == "dev" { format!("dev {commit}") } else { format!("{} {commit}", one_line(version, 40)) }
}

fn word(status: HealthStatus) -> (Tone, &'static str) {
    match status {
        HealthStatus::Ok => (Tone::Good, "ok"),
        HealthStatus::Degraded => {
            (Tone::Notice, "degraded: events are taken and kept, something else does not work")
        }
        HealthStatus::Migrating => (Tone::Notice, "migrating: its database is being brought up to date"),
        HealthStatus::Down => (Tone::Alarm, "down: it cannot take events"),
    }
}

fn trouble(name: &str, check: &Check) -> Option<(Option<Tone>, String)> {
    let (tone, word) = match check.status {
        CheckStatus::Ok | CheckStatus::Off => {
            let dead = check.dead_letters.filter(|count| *count > 0)?;
            let letters = counted(dead, "dead letter");
            return Some((Some(Tone::Notice), format!("{}: {letters}", one_line(name, 40))));
        }
        CheckStatus::Slow => (Tone::Notice, "slow"),
        CheckStatus::Migrating => (Tone::Notice, "migrating"),
        CheckStatus::Full => (Tone::Alarm, "full"),
        CheckStatus::Down => (Tone::Alarm, "down"),
    };
    let detail =
        check.detail.as_deref().map_or_else(String::new, |detail| format!(": {}", one_line(detail, LONGEST)));
    Some((Some(tone), format!("{} {word}{detail}", one_line(name, 40))))
}

/// Releases come as one, so other versions are no fault, and worth knowing when something looks odd.
fn other_version(report: &Report, health: &Health) -> Option<(Option<Tone>, String)> {
    let ours = report.stamp.release()?;
    let differs = health.version != "dev" && health.version != ours;
    let text = format!(
        "this client is {ours}; install the client of the server's version should something look odd"
    );
    differs.then_some((Some(Tone::Notice), text))
}

fn waiting(report: &Report) -> Vec<(Option<Tone>, String)> {
    match &report.waiting {
        Err(error) => vec![(Some(Tone::Alarm), error.to_string())],
        Ok((at, waiting)) => {
            let lines = spool::lines(at, waiting, &report.address, report.has_key, report.now);
            let tone = |index: usize| (index > 0 || waiting.entries() > 0).then_some(Tone::Notice);
            lines.into_iter().enumerate().map(|(index, line)| (tone(index), line)).collect()
        }
    }
}
