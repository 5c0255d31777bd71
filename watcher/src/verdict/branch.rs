//! The branch track: the head of a branch against the running commit.

use chrono::{DateTime, Utc};
use contract::{Behind, Comparison, Security, Severity};
use releases::notes;
use releases::source::BranchHead;

use super::{Finding, days_since};
use crate::config::Target;
use crate::snapshot::Snapshot;

/// Subjects shown as the notes of a branch.
const SUBJECTS: usize = 20;

/// Judges the branch track.
pub(super) fn find(target: &Target, snapshot: &Snapshot, branch: &str, now: DateTime<Utc>) -> Finding {
    let running = target.running_commit(snapshot);
    let known = snapshot.known.as_ref();
    let head = known.and_then(|known| known.head.as_ref());
    let Some(head) = head else {
        return Finding { current: running, ..Finding::default() };
    };
    let same = running.as_deref().is_some_and(|running| is_prefix(running, &head.sha));
    let compared = known.is_some_and(|known| known.compared_with == running);
    let comparison = match &running {
        _ if same => Comparison::Identical,
        Some(_) if compared => head.comparison,
        _ => Comparison::Unknown,
    };
    let is_behind = comparison == Comparison::Behind;
    Finding {
        current: full_name(running, same, head),
        latest: Some(head.sha.clone()),
        release_url: Some(head.url.clone())
            .filter(|url| !url.is_empty())
            .or_else(|| target.branch_page(branch)),
        notes: subjects(head),
        published_at: head.committed_at,
        severity: is_behind.then_some(Severity::Commits),
        behind: behind(head, comparison, now),
        comparison,
        security: Security::default(),
        ..Finding::default()
    }
}

/// The running commit by its full SHA, where that is known.
fn full_name(running: Option<String>, is_head: bool, head: &BranchHead) -> Option<String> {
    let running = running?;
    let full = if is_head { Some(&head.sha) } else { head.base.as_ref() };
    Some(full.filter(|full| is_prefix(&running, full)).cloned().unwrap_or(running))
}

fn behind(head: &BranchHead, comparison: Comparison, now: DateTime<Utc>) -> Behind {
    let days = head.behind_since.map(|since| days_since(since, now));
    match comparison {
        Comparison::Behind | Comparison::Diverged => Behind { releases: None, commits: head.behind, days },
        Comparison::Identical | Comparison::Ahead => {
            Behind { releases: None, commits: Some(0), days: Some(0) }
        }
        Comparison::Unknown => Behind::default(),
    }
}

/// The newest subjects as a list; what they say is not Markdown, so its signs are escaped.
fn subjects(head: &BranchHead) -> Option<String> {
    let line = |commit: &releases::source::Commit| {
        let subject = notes::one_line(&commit.subject, 200);
        let escaped: String = subject.chars().flat_map(|sign| escape(sign).into_iter().flatten()).collect();
        format!("- {escaped} ({})", commit.sha.get(..7).unwrap_or(&commit.sha))
    };
    let lines: Vec<String> = head.commits.iter().take(SUBJECTS).map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn escape(sign: char) -> [Option<char>; 2] {
    if r"\`*_{}[]<>#|~!&".contains(sign) { [Some('\\'), Some(sign)] } else { [Some(sign), None] }
}

/// A short SHA stands for the full one, from seven digits on.
fn is_prefix(short: &str, full: &str) -> bool {
    short.len() >= 7 && full.starts_with(&short.to_ascii_lowercase())
}
