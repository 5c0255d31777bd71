//! What new events change: counts and times of sessions and workspaces, git activity.
//!
//! Sums, minima and maxima only, so that the order in which events come does not matter.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use contract::Activity;
use serde_json::value::RawValue;

use super::event::Event;

/// A count of tokens or lines above this is no count of anything; it is kept in the event and not summed.
const MOST: u64 = 1_000_000_000_000;
/// The same for the cost of one event, in US dollars.
const MOST_USD: f64 = 1_000_000.0;
/// Longest text that is shown in lists, in characters; the event itself keeps the whole.
const LONGEST_SHOWN: usize = 500;

/// A text and the time of the event that named it; the latest one is told.
pub type Latest = Option<(DateTime<Utc>, String)>;

/// What some new events change in one session.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionChange {
    /// The earliest of these events.
    pub first_at: DateTime<Utc>,
    /// The latest.
    pub last_at: DateTime<Utc>,
    /// The earliest `session.start`.
    pub first_start: Option<DateTime<Utc>>,
    /// The latest `session.start`: a session that starts again after it ended runs again.
    pub last_start: Option<DateTime<Utc>>,
    /// The latest `session.end`.
    pub last_end: Option<DateTime<Utc>>,
    /// The workspace last named.
    pub workspace: Latest,
    /// The machine last named.
    pub device: Latest,
    /// The model last named.
    pub model: Latest,
    /// To be added.
    pub counts: Counts,
}

/// What is summed over a session's events. Signed, as databases have it; never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All events.
    pub events: i64,
    /// `session.prompt`.
    pub prompts: i64,
    /// `session.tool_use`.
    pub tool_uses: i64,
    /// `git.commit`.
    pub commits: i64,
    /// Tokens in.
    pub input_tokens: i64,
    /// Tokens out.
    pub output_tokens: i64,
    /// Tokens read from the model's cache.
    pub cache_read_tokens: i64,
    /// Tokens written to it.
    pub cache_write_tokens: i64,
    /// Billionths of a US dollar: whole numbers add up the same in every order.
    pub cost_nanos: i64,
}

/// What some new events change in one workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkspaceChange {
    /// To be added.
    pub events: i64,
    /// The earliest of these events.
    pub first_at: DateTime<Utc>,
    /// The latest.
    pub last_at: DateTime<Utc>,
}

/// What a batch of new events changes, by id and name in a fixed order: two transactions that change the same rows
/// take their locks in the same order.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// By session id.
    pub sessions: BTreeMap<String, SessionChange>,
    /// By workspace.
    pub workspaces: BTreeMap<String, WorkspaceChange>,
    /// Git activity.
    pub activity: Vec<Activity>,
}

impl Changes {
    /// What these events change. Each must be new to the store, and here once.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut changes = Self::default();
        for event in events {
            changes.add(event);
        }
        changes
    }

    fn add(&mut self, event: &Event) {
        let at = event.at();
        let details = Details::of(event);
        if let Some(id) = &event.session_id {
            let change = self.sessions.entry(id.clone()).or_insert_with(|| SessionChange::empty(at));
            change.add(event, &details);
        }
        if let Some(name) = &event.workspace {
            let change = self.workspaces.entry(name.clone()).or_insert(WorkspaceChange {
                events: 0,
                first_at: at,
                last_at: at,
            });
            change.events += 1;
            change.first_at = change.first_at.min(at);
            change.last_at = change.last_at.max(at);
        }
        if event.kind.starts_with("git.") {
            self.activity.push(details.activity(event));
        }
    }
}

impl SessionChange {
    fn empty(at: DateTime<Utc>) -> Self {
        Self {
            first_at: at,
            last_at: at,
            first_start: None,
            last_start: None,
            last_end: None,
            workspace: None,
            device: None,
            model: None,
            counts: Counts::default(),
        }
    }

    fn add(&mut self, event: &Event, details: &Details<'_>) {
        let at = event.at();
        self.first_at = self.first_at.min(at);
        self.last_at = self.last_at.max(at);
        let counts = &mut self.counts;
        counts.events += 1;
        match event.kind.as_str() {
            "session.start" => {
                self.first_start = Some(self.first_start.map_or(at, |known| known.min(at)));
                self.last_start = self.last_start.max(Some(at));
            }
            "session.end" => self.last_end = self.last_end.max(Some(at)),
            "session.prompt" => counts.prompts += 1,
            "session.tool_use" => counts.tool_uses += 1,
            "git.commit" => counts.commits += 1,
            _ => {}
        }
        counts.input_tokens += details.count(&["inputTokens", "input_tokens"]);
        counts.output_tokens += details.count(&["outputTokens", "output_tokens"]);
        counts.cache_read_tokens +=
            details.count(&["cacheReadTokens", "cache_read_tokens", "cache_read_input_tokens"]);
        counts.cache_write_tokens +=
            details.count(&["cacheWriteTokens", "cache_write_tokens", "cache_creation_input_tokens"]);
        counts.cost_nanos += details.cost_nanos();
        later(&mut self.workspace, at, event.workspace.clone());
        later(&mut self.device, at, event.device.clone());
        later(&mut self.model, at, details.text(&["model"]));
    }
}

/// The later name wins; of two at the same time the greater one, so that their order does not matter.
fn later(latest: &mut Latest, at: DateTime<Utc>, name: Option<String>) {
    let named = name.map(|name| (at, name));
    if named > *latest {
        *latest = named;
    }
}

/// The fields of an event's data that are understood. One of another type than expected is left alone.
struct Details<'a>(HashMap<String, &'a RawValue>);

impl<'a> Details<'a> {
    /// Only the product's own types are understood.
    fn of(event: &'a Event) -> Self {
        let known = event.kind.starts_with("session.") || event.kind.starts_with("git.");
        let data = event.data.as_ref().filter(|_| known);
        Self(data.and_then(|data| serde_json::from_str(data.get()).ok()).unwrap_or_default())
    }

    fn first<T: serde::Deserialize<'a>>(&self, names: &[&str]) -> Option<T> {
        names.iter().find_map(|name| serde_json::from_str(self.0.get(*name)?.get()).ok())
    }

    fn whole(&self, names: &[&str]) -> Option<u64> {
        self.first(names).filter(|number| *number <= MOST)
    }

    fn count(&self, names: &[&str]) -> i64 {
        self.whole(names).and_then(|number| number.try_into().ok()).unwrap_or(0)
    }

    #[expect(clippy::cast_possible_truncation, reason = "at most 10^15")]
    fn cost_nanos(&self) -> i64 {
        let cost: Option<f64> = self.first(&["costUsd", "cost_usd"]);
        let cost = cost.filter(|cost| (0.0..=MOST_USD).contains(cost)).unwrap_or(0.0);
        (cost * 1e9).round() as i64
    }

    /// First line, without control characters, cut.
    fn text(&self, names: &[&str]) -> Option<String> {
        let text: String = self.first(names)?;
        let line = text.lines().next().unwrap_or_default();
        let shown: String =
            line.chars().filter(|character| !character.is_control()).take(LONGEST_SHOWN).collect();
        (!shown.is_empty()).then_some(shown)
    }

    fn activity(&self, event: &Event) -> Activity {
        Activity {
            id: event.id.to_string(),
            kind: event.kind.clone(),
            at: event.at(),
            workspace: event.workspace.clone(),
            session_id: event.session_id.clone(),
            device: event.device.clone(),
            repository: self.text(&["repository", "repo"]),
            branch: self.text(&["branch"]),
            sha: self.text(&["sha", "commit"]),
            subject: self.text(&["subject", "message"]),
            additions: self.whole(&["additions", "insertions", "linesAdded"]),
            deletions: self.whole(&["deletions", "linesRemoved"]),
        }
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
