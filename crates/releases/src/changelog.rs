//! Everything between two versions, grouped and marked.

mod classify;
mod outline;

#[cfg(test)]
mod tests;
mod words;

use contract::{ChangeEntry, ChangeGroup, EntryKind, Severity};

use crate::release::eligible;
use crate::source::Commit;
use crate::{Channel, Line, Release, Version, notes};
use outline::Outline;

const MAX_TITLE_CHARS: usize = 200;

/// What an entry is marked as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Changes something incompatibly.
    pub breaking: bool,
    /// Closes a vulnerability.
    pub security: bool,
}

/// The eligible releases above `from` up to and with `to`, newest first. Without a border, that side is open.
#[must_use]
pub fn between<'a>(
    releases: &'a [Release],
    channel: Channel,
    line: Option<&Line>,
    from: Option<&Version>,
    to: Option<&Version>,
) -> Vec<&'a Release> {
    let mut found = eligible(releases, channel, line);
    found.retain(|release| {
        from.is_none_or(|from| release.version > *from) && to.is_none_or(|to| release.version <= *to)
    });
    found
}

/// A release as a changelog entry. `previous` is the version before it, for the size of the step.
#[must_use]
pub fn entry(release: &Release, previous: Option<&Version>) -> ChangeEntry {
    let outline = Outline::of(release.notes.as_deref(), release.notes_html.as_deref());
    let marks = classify::marks(&release.title, &outline);
    let title = if release.title.trim().is_empty() { &release.tag } else { &release.title };
    ChangeEntry {
        kind: EntryKind::Release,
        version: release.version.to_string(),
        title: notes::one_line(title, MAX_TITLE_CHARS),
        url: release.url.clone(),
        published_at: release.published_at,
        prerelease: release.is_prerelease(),
        severity: previous.and_then(|previous| previous.step_to(&release.version)),
        breaking: marks.breaking,
        security: marks.security,
        notes: release.notes.clone(),
        notes_html: html(release),
        truncated: release.notes_truncated || is_cut_in_rendering(release),
        groups: classify::groups(&outline),
    }
}

/// A commit as a changelog entry.
#[must_use]
pub fn commit_entry(commit: &Commit) -> ChangeEntry {
    let subject = Outline::of_item(&commit.subject);
    let marks = classify::marks(&commit.subject, &subject);
    ChangeEntry {
        kind: EntryKind::Commit,
        version: commit.sha.clone(),
        title: notes::one_line(&commit.subject, MAX_TITLE_CHARS),
        url: commit.url.clone(),
        published_at: commit.committed_at,
        prerelease: false,
        severity: Some(Severity::Commits),
        breaking: commit.breaking || marks.breaking,
        security: marks.security,
        notes: None,
        notes_html: None,
        truncated: false,
        groups: classify::groups(&subject),
    }
}

/// What a title and notes in Markdown say of themselves.
#[must_use]
pub fn marks(title: &str, notes: Option<&str>) -> Marks {
    classify::marks(title, &Outline::of(notes, None))
}

/// The list items of notes in Markdown, grouped by what they are.
#[must_use]
pub fn groups(notes: &str) -> Vec<ChangeGroup> {
    classify::groups(&Outline::of(Some(notes), None))
}

/// Notes as sanitised HTML, whichever way they came.
fn html(release: &Release) -> Option<String> {
    match (&release.notes, &release.notes_html) {
        (Some(markdown), _) => Some(notes::to_html(markdown)),
        (None, Some(html)) => Some(notes::sanitise_html(html)),
        (None, None) => None,
    }
}

fn is_cut_in_rendering(release: &Release) -> bool {
    let notes = release.notes.as_ref().or(release.notes_html.as_ref());
    notes.is_some_and(|notes| notes.len() > notes::MAX_RENDERED_BYTES)
}
