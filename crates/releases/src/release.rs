//! Releases, and which of them count: channel, line, and the "newest eligible" rule.
//!
//! GitHub's own "latest" mark, its order and its dates decide nothing here; only the version does.

mod line;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Version;

pub use line::{Line, NotALine};

/// One published release, or one tag where there are no releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The tag, as upstream wrote it (a safe reference name: it parsed as a version).
    pub tag: String,
    /// The tag, as a version.
    pub version: Version,
    /// Its title. Hostile text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Notes in Markdown. Hostile text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Notes as HTML, already sanitised; only where the door gives HTML and no Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes_html: Option<String>,
    /// Whether the notes were cut at the size cap.
    #[serde(default, skip_serializing_if = "is_false")]
    pub notes_truncated: bool,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was published; `None` where the door cannot know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
    /// Marked as a pre-release by its publisher.
    #[serde(default, skip_serializing_if = "is_false")]
    pub prerelease: bool,
    /// Whether tag and assets are locked; `None` where the door cannot know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub immutable: Option<bool>,
    /// Has an asset named `upgrade.json`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_manifest: bool,
}

/// Which releases count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Only those that neither their publisher nor their version calls a pre-release.
    #[default]
    Stable,
    /// All.
    Prerelease,
}

/// Not a channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a channel: write `stable` or `prerelease`")]
pub struct NotAChannel;

/// The releases that count, the highest version first, one per version.
#[must_use]
pub fn eligible<'a>(releases: &'a [Release], channel: Channel, line: Option<&Line>) -> Vec<&'a Release> {
    let mut found: Vec<&Release> = releases
        .iter()
        .filter(|release| channel.admits(release))
        .filter(|release| line.is_none_or(|line| line.matches(&release.version)))
        .collect();
    found.sort_by(|a, b| b.version.cmp(&a.version).then_with(|| b.knowledge().cmp(&a.knowledge())));
    found.dedup_by(|next, kept| next.version == kept.version);
    found
}

/// What the configured `current` means; `None` where it names no single version.
///
/// Fewer than three numbers (`v1.2`) are usually a tag that moves from release to release, so they mean a
/// version only where the repository itself names releases that way. Output of `git describe` between two
/// releases (`1.2.3-4-gabc1234`, `-dirty`) would order as a pre-release of what it is newer than, hence unknown.
#[must_use]
pub fn running_version(text: Option<&str>, releases: &[Release]) -> Option<Version> {
    let version = Version::parse(text?.trim()).ok()?;
    let known = !is_between_releases(&version.to_string())
        && (version.parts() >= 3 || is_scheme(version.parts(), releases));
    known.then_some(version)
}

/// Whether releases of that many numbers exist that are not just a moving alias (`v1`) of a longer tag (`v1.0.0`).
fn is_scheme(parts: usize, releases: &[Release]) -> bool {
    let longer: HashSet<&Version> =
        releases.iter().map(|release| &release.version).filter(|version| version.parts() > parts).collect();
    releases.iter().any(|release| release.version.parts() == parts && !longer.contains(&release.version))
}

fn is_between_releases(text: &str) -> bool {
    let text = text.strip_suffix("-dirty").map_or(text, |_| "-0-g0000000");
    let Some((rest, commit)) = text.rsplit_once("-g") else { return false };
    let Some((_, count)) = rest.rsplit_once('-') else { return false };
    !count.is_empty()
        && count.bytes().all(|byte| byte.is_ascii_digit())
        && commit.len() >= 4
        && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Release {
    /// A release of which only the tag is known.
    #[must_use]
    pub fn from_tag(tag: String, version: Version) -> Self {
        Self {
            tag,
            version,
            title: String::new(),
            notes: None,
            notes_html: None,
            notes_truncated: false,
            url: None,
            published_at: None,
            prerelease: false,
            immutable: None,
            has_manifest: false,
        }
    }

    /// Whether its publisher or its version calls it a pre-release.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.prerelease || self.version.is_prerelease()
    }

    /// How much is known of it; then the more exact tag.
    fn knowledge(&self) -> (usize, usize) {
        let known = [
            self.has_manifest,
            self.notes.is_some() || self.notes_html.is_some(),
            self.url.is_some(),
            self.published_at.is_some(),
            self.immutable.is_some(),
        ];
        (known.into_iter().filter(|known| *known).count(), self.version.parts())
    }
}

impl Channel {
    fn admits(self, release: &Release) -> bool {
        self == Self::Prerelease || !release.is_prerelease()
    }
}

impl FromStr for Channel {
    type Err = NotAChannel;

    fn from_str(text: &str) -> Result<Self, NotAChannel> {
        match text {
            "stable" => Ok(Self::Stable),
            "prerelease" => Ok(Self::Prerelease),
            _ => Err(NotAChannel),
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Stable => "stable",
            Self::Prerelease => "prerelease",
        })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
