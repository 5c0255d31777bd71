//! The range of versions an installation stays on.

use std::fmt;
use std::str::FromStr;

use semver::VersionReq;
use serde::{Deserialize, Serialize};

use crate::Version;

/// A range to stay on: `^1`, `~1.2`, `>=1, <3`; a bare `1` or `1.2` means everything that begins so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Line {
    text: String,
    range: VersionReq,
}

/// Not a range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version range: write for example `^1`, `~1.2`, `1.x` or `>=1, <3`")]
pub struct NotALine;

impl Line {
    /// Whether a version is on this line. A pre-release is if its numbers are: the channel decides about it.
    #[must_use]
    pub fn matches(&self, version: &Version) -> bool {
        self.range.matches(&version.to_semver())
    }
}

impl FromStr for Line {
    type Err = NotALine;

    fn from_str(text: &str) -> Result<Self, NotALine> {
        let text = text.trim();
        // An empty range would silently match everything; `*` says so.
        if text.is_empty() || text.len() > 128 {
            return Err(NotALine);
        }
        let bounds: Vec<String> = text.split(',').map(|bound| bare_as_wildcard(bound.trim())).collect();
        let range = VersionReq::parse(&bounds.join(", ")).map_err(|_| NotALine)?;
        Ok(Self { text: text.to_owned(), range })
    }
}

/// Cargo reads a bare `1.2` as "1.2 or later within 1"; who pins a line to `1.2` means 1.2.x.
fn bare_as_wildcard(bound: &str) -> String {
    if bound.is_empty() || !bound.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return bound.to_owned();
    }
    match bound.split('.').count() {
        1 | 2 => format!("{bound}.*"),
        _ => format!("={bound}"),
    }
}

impl TryFrom<String> for Line {
    type Error = NotALine;

    fn try_from(text: String) -> Result<Self, NotALine> {
        text.parse()
    }
}

impl From<Line> for String {
    fn from(line: Line) -> Self {
        line.text
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
