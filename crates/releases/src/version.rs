//! Versions as tags name them, and their order.
//!
//! Tolerant in reading (prefixes, one to five numbers, calendar versions, Python-style pre-releases), strict
//! in ordering (SemVer precedence), and never inventing: what is no version is [`NotAVersion`], not 0.0.0.

mod parse;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use contract::Severity;
use serde::{Deserialize, Serialize};

/// A version. Equality and order are SemVer precedence: build metadata and missing zeros make no difference.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// What the tag said, without its prefix.
    text: String,
    /// How many numbers were written.
    parts: usize,
    rank: Rank,
}

/// What decides the order; the derived order is SemVer's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Rank {
    /// Without trailing zeros, so that 1.2 and 1.2.0 are the same.
    numbers: Vec<u64>,
    stage: Stage,
}

/// A pre-release comes before the release it prepares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Prerelease(Vec<Identifier>),
    Final,
}

/// One dot-separated piece of a pre-release; numbers come before words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Identifier {
    /// Length first: of two numbers without leading zeros the longer one is the greater, at any size.
    Number(usize, String),
    Word(String),
}

/// Not a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version: write numbers with dots, such as 1.2.3, v1.10.0-rc.1 or 2024.01.05")]
pub struct NotAVersion;

impl Version {
    /// Reads a tag or a version.
    ///
    /// # Errors
    /// [`NotAVersion`] for bare words, commit SHAs, anything with characters that do not belong in a tag,
    /// numbers over 64 bits and text over 128 bytes.
    pub fn parse(text: &str) -> Result<Self, NotAVersion> {
        parse::version(text).ok_or(NotAVersion)
    }

    /// What the tag said, without its prefix; as it is printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many numbers were written: 2 for `1.2`, 3 for `1.2.0` and for the date `20240105`.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.parts
    }

    /// Whether it says of itself that it is a pre-release.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.rank.stage != Stage::Final
    }

    /// The size of the step to a newer version; `None` if `newer` is not newer.
    #[must_use]
    pub fn step_to(&self, newer: &Self) -> Option<Severity> {
        if newer <= self {
            return None;
        }
        Some(match (0..2).find(|&index| self.number(index) != newer.number(index)) {
            Some(0) => Severity::Major,
            Some(_) => Severity::Minor,
            None => Severity::Patch,
        })
    }

    /// The first three numbers, for matching against a range. Pre-release and build metadata are left out.
    #[must_use]
    pub fn to_semver(&self) -> semver::Version {
        semver::Version::new(self.number(0), self.number(1), self.number(2))
    }

    /// A missing number counts as zero.
    fn number(&self, index: usize) -> u64 {
        self.rank.numbers.get(index).copied().unwrap_or(0)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rank.hash(state);
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Version {
    type Error = NotAVersion;

    fn try_from(text: String) -> Result<Self, NotAVersion> {
        Self::parse(&text)
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.text
    }
}
