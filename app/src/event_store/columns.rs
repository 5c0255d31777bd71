//! Columns that both databases fill and read alike.

use chrono::{DateTime, Utc};
use contract::Activity;

use crate::domain::change::{Counts, Latest, SessionChange};

type Time = fn(&SessionChange) -> Option<DateTime<Utc>>;

/// Times of a session: first_at, last_at, first_start, last_start, last_end.
pub(super) const TIMES: [Time; 5] = [
    |change| Some(change.first_at),
    |change| Some(change.last_at),
    |change| change.first_start,
    |change| change.last_start,
    |change| change.last_end,
];

/// Texts of a session of which the latest counts, each with its time: workspace, device, model.
pub(super) const LATEST: [fn(&SessionChange) -> &Latest; 3] =
    [|change| &change.workspace, |change| &change.device, |change| &change.model];

/// Sums of a session: events, prompts, tool_uses, commits, input_tokens, output_tokens, cache_read_tokens,
/// cache_write_tokens, cost_nanos.
pub(super) const COUNTS: [fn(&Counts) -> i64; 9] = [
    |counts| counts.events,
    |counts| counts.prompts,
    |counts| counts.tool_uses,
    |counts| counts.commits,
    |counts| counts.input_tokens,
    |counts| counts.output_tokens,
    |counts| counts.cache_read_tokens,
    |counts| counts.cache_write_tokens,
    |counts| counts.cost_nanos,
];

/// Texts of git activity: kind, workspace, session_id, device, repository, branch, sha, subject.
pub(super) const ACTIVITY_TEXTS: [fn(&Activity) -> Option<&str>; 8] = [
    |activity| Some(&activity.kind),
    |activity| activity.workspace.as_deref(),
    |activity| activity.session_id.as_deref(),
    |activity| activity.device.as_deref(),
    |activity| activity.repository.as_deref(),
    |activity| activity.branch.as_deref(),
    |activity| activity.sha.as_deref(),
    |activity| activity.subject.as_deref(),
];

/// A number of lines as databases keep it.
pub(super) fn lines(number: Option<u64>) -> Option<i64> {
    number.and_then(|number| number.try_into().ok())
}

/// A count as it is told. Databases have signed numbers; ours are never negative.
pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A cost as it is told.
pub(super) fn usd(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}

/// When a session ended: not at all if it started again after that.
pub(super) fn ended(
    last_start: Option<DateTime<Utc>>,
    last_end: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    last_end.filter(|end| last_start.is_none_or(|start| start <= *end))
}
