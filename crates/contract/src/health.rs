//! What `GET /api/health` answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The app's health and build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// The whole, as its parts allow.
    pub status: HealthStatus,
    /// `remote-agent`.
    pub name: String,
    /// The release's version without a leading `v`; `dev` where there is none.
    pub version: String,
    /// The full commit SHA; `unknown` where that was not known at the build.
    pub commit: String,
    /// The day of the build, `YYYY-MM-DD`.
    pub built_at: String,
    /// Since the process started.
    pub uptime_seconds: u64,
    /// Number of the newest applied migration; `null` while unknown.
    pub schema_version: Option<i64>,
    /// Made once per database; `null` while unknown.
    pub installation_id: Option<String>,
    /// The parts by name: `database`, `queue`, `consumer`, `blobs`.
    pub checks: BTreeMap<String, Check>,
}

/// The whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// Everything works.
    Ok,
    /// Events are accepted and kept; something else does not work, or not now.
    Degraded,
    /// The schema is being brought up to date; not ready yet.
    Migrating,
    /// Events cannot be accepted.
    Down,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// How this part is.
    pub status: CheckStatus,
    /// What is wrong and what to do, or what it is; never a host name or a secret.
    pub detail: Option<String>,
    /// Entries that wait, of the queue.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub depth: Option<u64>,
    /// Age of the oldest one that waits, in seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lag_seconds: Option<u64>,
    /// Events that the consumer gave up on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dead_letters: Option<u64>,
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// Answers as it should.
    Ok,
    /// Answers, later than it should.
    Slow,
    /// Takes nothing more.
    Full,
    /// Its schema is being brought up to date.
    Migrating,
    /// Does not answer, refuses, or would lose data.
    Down,
    /// Not part of this configuration.
    Off,
}
