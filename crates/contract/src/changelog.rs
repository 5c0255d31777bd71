//! What `GET /api/changelog` answers.

use serde::{Deserialize, Serialize};

use chrono::{DateTime, Utc};

use crate::Severity;

/// Everything between two versions, newest first, one page of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Changelog {
    /// Name of the target.
    pub name: String,
    /// The version everything is newer than (exclusive).
    pub from: Option<String>,
    /// The version everything is not newer than (inclusive).
    pub to: Option<String>,
    /// Entries on all pages.
    pub total: u64,
    /// This page, counted from 1.
    pub page: u64,
    /// Entries on a page at most.
    pub limit: u64,
    /// The next page's number; `null` on the last one.
    pub next_page: Option<u64>,
    /// Whether one of all the entries changes something incompatibly.
    pub breaking: bool,
    /// Whether one of all the entries is marked as a security fix.
    pub security: bool,
    /// `false` where upstream has more between the two than is known here; `url` leads to the rest.
    pub complete: bool,
    /// Where a person reads all of it.
    pub url: Option<String>,
    /// The entries of this page.
    pub entries: Vec<ChangeEntry>,
}

/// One release or commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangeEntry {
    /// What it is.
    pub kind: EntryKind,
    /// The version without a leading `v`, or the commit's SHA.
    pub version: String,
    /// Title of the release, or subject of the commit. Hostile text: escape before showing.
    pub title: String,
    /// Its page.
    pub url: Option<String>,
    /// When it was published or committed.
    pub published_at: Option<DateTime<Utc>>,
    /// Marked as a pre-release.
    pub prerelease: bool,
    /// Size of the step from the entry before it.
    pub severity: Option<Severity>,
    /// Changes something incompatibly.
    pub breaking: bool,
    /// Marked as a security fix.
    pub security: bool,
    /// Notes in Markdown, as upstream wrote them. Hostile text: escape before showing.
    pub notes: Option<String>,
    /// Notes as sanitised HTML.
    pub notes_html: Option<String>,
    /// Whether the notes were cut at the size cap; `url` leads to all of them.
    pub truncated: bool,
    /// The list items of the notes, grouped by what they are.
    pub groups: Vec<ChangeGroup>,
}

/// What a changelog entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A release.
    Release,
    /// A commit (branch track).
    Commit,
}

/// List items of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangeGroup {
    /// What the items are.
    pub kind: ChangeKind,
    /// One line of plain text each. Hostile text: escape before showing.
    pub items: Vec<String>,
}

/// What a change is, in the order a reader wants them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Incompatible.
    Breaking,
    /// Closes a vulnerability.
    Security,
    /// New.
    Added,
    /// Different.
    Changed,
    /// Mended.
    Fixed,
    /// Everything else.
    Other,
}
