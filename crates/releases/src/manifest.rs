//! The release asset `upgrade.json`: what an upgrade to that release needs, and which release comes first.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Release, Version, notes};

/// More is no manifest.
pub const MAX_BYTES: usize = 64 * 1024;
const MAX_ITEMS: usize = 100;
const MAX_ITEM_CHARS: usize = 200;

/// What a release says of the upgrade to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpgradeManifest {
    /// The lowest version it can be installed over.
    pub min_from: Option<Version>,
    /// Versions that must not be skipped on the way, lowest first.
    pub stops: Vec<Version>,
    /// Changes something incompatibly.
    pub breaking: bool,
    /// What it changes incompatibly, one line each, where it says so.
    pub breaking_changes: Vec<String>,
    /// Names of environment variables that are new or newly required.
    pub env: Vec<String>,
    /// Whether one can go back without a restore.
    pub reversible: Option<bool>,
}

/// Not an upgrade manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Over [`MAX_BYTES`].
    #[error("upgrade.json is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// No JSON, or no object.
    #[error("upgrade.json is not a JSON object")]
    NotAnObject,
    /// One key holds something else than it should.
    #[error("upgrade.json: `{field}` must be {expected}")]
    Field {
        /// The key.
        field: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
}

/// The release to install first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Its version.
    pub version: Version,
    /// Its page, if it is among the eligible releases.
    pub url: Option<String>,
    /// Why it cannot be skipped, in words.
    pub reason: String,
}

impl UpgradeManifest {
    /// Reads the asset. Missing, `null` and unknown keys are fine.
    ///
    /// # Errors
    /// [`ManifestError`], naming the key that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_BYTES {
            return Err(ManifestError::TooLarge);
        }
        let Ok(Value::Object(keys)) = serde_json::from_slice(bytes) else {
            return Err(ManifestError::NotAnObject);
        };
        let (breaking, breaking_changes) = breaking(&keys)?;
        Ok(Self {
            min_from: min_from(&keys)?,
            stops: stops(&keys)?,
            breaking,
            breaking_changes,
            env: env(&keys)?,
            reversible: reversible(&keys)?,
        })
    }

    /// The release that must be installed before `latest`, whose manifest this is; `None` if there is none.
    ///
    /// A stop counts only between the two. A `minFrom` that is not below `latest` cannot be met by anything and
    /// is ignored.
    #[must_use]
    pub fn next_hop(&self, current: &Version, latest: &Version, eligible: &[&Release]) -> Option<Hop> {
        let between = |version: &&Version| current < *version && *version < latest;
        if let Some(stop) = self.stops.iter().filter(between).min() {
            let reason = format!("{stop} is a required stop on the way to {latest}");
            return Some(hop(stop, find(eligible, |version| version == stop), reason));
        }
        let min_from = self.min_from.as_ref().filter(between)?;
        let reason = format!("{latest} can only be installed over {min_from} or later");
        Some(hop(min_from, find(eligible, |version| version >= min_from && version < latest), reason))
    }
}

/// The lowest eligible release that fits.
fn find<'a>(eligible: &[&'a Release], fits: impl Fn(&Version) -> bool) -> Option<&'a Release> {
    eligible.iter().copied().filter(|release| fits(&release.version)).min_by(|a, b| a.version.cmp(&b.version))
}

fn hop(named: &Version, release: Option<&Release>, reason: String) -> Hop {
    Hop {
        version: release.map_or(named, |release| &release.version).clone(),
        url: release.and_then(|release| release.url.clone()),
        reason,
    }
}

/// A key that is there and not `null`.
fn given<'a>(keys: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    keys.get(field).filter(|value| !value.is_null())
}

fn min_from(keys: &Map<String, Value>) -> Result<Option<Version>, ManifestError> {
    let wrong = ManifestError::Field { field: "minFrom", expected: "a version such as \"1.2.3\"" };
    let Some(value) = given(keys, "minFrom") else { return Ok(None) };
    value.as_str().and_then(|text| Version::parse(text).ok()).map(Some).ok_or(wrong)
}

fn stops(keys: &Map<String, Value>) -> Result<Vec<Version>, ManifestError> {
    let wrong = || ManifestError::Field { field: "stops", expected: "a list of at most 100 versions" };
    let version = |value: &Value| value.as_str().and_then(|text| Version::parse(text).ok()).ok_or_else(wrong);
    let mut stops =
        items(keys, "stops").map_err(|()| wrong())?.iter().map(version).collect::<Result<Vec<_>, _>>()?;
    stops.sort();
    stops.dedup();
    Ok(stops)
}

/// `true`, `false`, or what breaks.
fn breaking(keys: &Map<String, Value>) -> Result<(bool, Vec<String>), ManifestError> {
    let wrong = || ManifestError::Field { field: "breaking", expected: "true, false or a list of texts" };
    if let Some(flag) = given(keys, "breaking").and_then(Value::as_bool) {
        return Ok((flag, Vec::new()));
    }
    let items = items(keys, "breaking").map_err(|()| wrong())?;
    let text = |value: &Value| value.as_str().map(line).ok_or_else(wrong);
    let changes = items.iter().map(text).collect::<Result<Vec<_>, _>>()?;
    Ok((!changes.is_empty(), changes))
}

/// Names, or objects with a name.
fn env(keys: &Map<String, Value>) -> Result<Vec<String>, ManifestError> {
    let wrong = || ManifestError::Field {
        field: "env",
        expected: "a list of at most 100 variable names, or of objects with a `name`",
    };
    let name = |value: &Value| {
        let text = value.as_str().or_else(|| value.get("name").and_then(Value::as_str));
        text.filter(|text| is_variable_name(text)).map(str::to_owned).ok_or_else(wrong)
    };
    items(keys, "env").map_err(|()| wrong())?.iter().map(name).collect()
}

fn reversible(keys: &Map<String, Value>) -> Result<Option<bool>, ManifestError> {
    let wrong = ManifestError::Field { field: "reversible", expected: "true or false" };
    let Some(value) = given(keys, "reversible") else { return Ok(None) };
    value.as_bool().map(Some).ok_or(wrong)
}

/// A list that is not too long; an absent one is empty.
fn items<'a>(keys: &'a Map<String, Value>, field: &str) -> Result<&'a [Value], ()> {
    match given(keys, field) {
        None => Ok(&[]),
        Some(Value::Array(items)) if items.len() <= MAX_ITEMS => Ok(items),
        Some(_) => Err(()),
    }
}

fn line(text: &str) -> String {
    notes::one_line(text, MAX_ITEM_CHARS)
}

/// These names end in scripts and env files.
fn is_variable_name(text: &str) -> bool {
    text.len() <= MAX_ITEM_CHARS
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
