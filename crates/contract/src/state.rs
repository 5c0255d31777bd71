//! What `GET /api/version` answers, key by key.

use serde::{Deserialize, Serialize};

use chrono::{DateTime, Utc};

/// The state of one target. `null` means "not known", never "no".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VersionState {
    /// Name of the target, as configured.
    pub name: String,
    /// The running version, without a leading `v`; a full commit SHA on a branch track; `null` if unknown.
    pub current: Option<String>,
    /// The highest version that can be installed here; a full commit SHA on a branch track.
    pub latest: Option<String>,
    /// `true` only if `comparison` is `behind`; `null` while it cannot be told.
    pub update_available: Option<bool>,
    /// Where a person reads about `latest`: the release page, or the compare page on a branch track.
    pub release_url: Option<String>,
    /// Notes of `latest` in Markdown, as upstream wrote them. Hostile text: escape before showing.
    pub release_notes: Option<String>,
    /// The last check that upstream answered; a 304 counts.
    pub last_checked: Option<DateTime<Utc>>,

    /// How far the rest can be trusted.
    pub status: Status,
    /// `releases`, or `branch:NAME`.
    pub track: String,
    /// `stable` or `prerelease`.
    pub channel: String,
    /// The source that answered; `null` while nothing is known.
    pub via: Option<Via>,
    /// Notes of `latest` as sanitised HTML.
    pub release_notes_html: Option<String>,
    /// When `latest` was published (branch track: when its head was committed).
    pub published_at: Option<DateTime<Utc>>,
    /// Size of the step from `current` to `latest`; `null` when there is no step or it cannot be told.
    pub severity: Option<Severity>,
    /// How far behind `current` is.
    pub behind: Behind,
    /// `current` against `latest`.
    pub comparison: Comparison,
    /// A newer version that cannot be installed here yet.
    pub pending: Option<Pending>,
    /// Published advisories that hold the running version.
    pub security: Security,
    /// The version to install first, where a required stop lies between `current` and `latest`.
    pub next_hop: Option<NextHop>,
    /// Equal to `latest` while that version is skipped and nothing outranks the decision.
    pub skipped: Option<String>,
    /// Until when the update is snoozed, if nothing outranks the decision.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Whether this answer comes from a check that `?force=true` caused or joined.
    pub forced: bool,
    /// After a refused force: seconds until one can be granted.
    pub retry_after_seconds: Option<u64>,
    /// The last check that was tried.
    pub last_attempt: Option<DateTime<Utc>>,
    /// When the next scheduled check is due.
    pub next_check: Option<DateTime<Utc>>,
    /// How an upgrade is done here.
    pub upgrade: UpgradeAdvice,
    /// A version that was announced and has since disappeared upstream.
    pub withdrawn: Option<Withdrawn>,
    /// Set when the repository answered under another name: the name to configure.
    pub moved_to: Option<String>,
    /// Why the last check failed, or what is wrong although the answer is good.
    pub error: Option<CheckError>,
}

/// How far an answer can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The last check succeeded and is younger than its TTL.
    Ok,
    /// A good answer that is older than its TTL, or whose last check failed.
    Stale,
    /// Nothing was ever learnt.
    Unknown,
    /// Checks are switched off.
    Disabled,
}

/// The door that answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// GitHub's REST API.
    Rest,
    /// The `releases/latest` redirect of the web site.
    Redirect,
    /// The Atom feed of the web site.
    Atom,
    /// The git smart-HTTP reference list.
    Git,
}

/// `current` against `latest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `latest` is newer.
    Behind,
    /// The same version.
    Identical,
    /// `current` is newer.
    Ahead,
    /// Branch track: both have commits that the other lacks.
    Diverged,
    /// Cannot be told.
    Unknown,
}

/// Size of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// `current` has a published vulnerability that `latest` does not have.
    Security,
    /// The first number changes.
    Major,
    /// The second number changes.
    Minor,
    /// Anything smaller.
    Patch,
    /// Branch track.
    Commits,
}

/// How far behind `current` is; each `null` where the source cannot know it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Behind {
    /// Eligible releases newer than `current`, up to and with `latest`.
    pub releases: Option<u64>,
    /// Commits that `current` lacks (branch track).
    pub commits: Option<u64>,
    /// Whole days since the first release or commit that `current` lacks was published.
    pub days: Option<u64>,
}

/// A newer version that cannot be installed here yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// The version, without a leading `v`.
    pub version: String,
    /// Why it is held back.
    pub reason: PendingReason,
    /// Since when this reason holds.
    pub since: DateTime<Utc>,
    /// The reason in words, for a person.
    pub detail: String,
}

/// Why a newer version is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PendingReason {
    /// The registry has no image under this version's tag.
    ImageMissing,
    /// The image has no variant for this platform.
    PlatformMissing,
    /// The image cannot be pulled without a login.
    RegistryPrivate,
    /// Younger than the configured minimum age.
    CoolingDown,
}

/// What the repository's published advisories say of the running version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Security {
    /// Whether the running version is in a vulnerable range; `null` while that is not known.
    pub affected: Option<bool>,
    /// The highest severity among `advisories`: `low`, `medium`, `high`, `critical`.
    pub severity: Option<String>,
    /// Whether `latest` is in a vulnerable range too.
    pub latest_affected: Option<bool>,
    /// The advisories that hold the running version, the most severe first.
    pub advisories: Vec<AdvisoryNotice>,
}

/// One advisory that holds the running version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AdvisoryNotice {
    /// GitHub's identifier (`GHSA-…`).
    pub id: String,
    /// The CVE number, if one was assigned.
    pub cve: Option<String>,
    /// `low`, `medium`, `high` or `critical`; `null` if upstream gave none.
    pub severity: Option<String>,
    /// One line, as upstream wrote it. Hostile text: escape before showing.
    pub summary: String,
    /// The advisory's page.
    pub url: Option<String>,
    /// The first version above the running one that is not vulnerable.
    pub fixed_in: Option<String>,
}

/// The version to install before `latest`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NextHop {
    /// The version, without a leading `v`.
    pub version: String,
    /// Its release page.
    pub release_url: Option<String>,
    /// Why it cannot be skipped, in words.
    pub reason: String,
}

/// How an upgrade is done here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UpgradeAdvice {
    /// The kind of installation.
    pub how: UpgradeHow,
    /// What to type; `null` where there is no command (Railway's dashboard does it).
    pub command: Option<String>,
}

/// The kind of installation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UpgradeHow {
    /// Images from a registry, run by Docker Compose.
    #[default]
    Compose,
    /// Built from a git checkout.
    Source,
    /// Deployed on Railway.
    Railway,
}

/// A version that was announced and has since disappeared upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Withdrawn {
    /// The version that was announced.
    pub version: String,
    /// When its absence was noticed.
    pub since: DateTime<Utc>,
}

/// Why a check failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CheckError {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what happened and what to do.
    pub message: String,
    /// Since when it fails this way.
    pub since: DateTime<Utc>,
    /// When it is tried again.
    pub retry_at: Option<DateTime<Utc>>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The host name could not be resolved.
    Dns,
    /// No connection.
    Connect,
    /// No trust: certificate or handshake.
    Tls,
    /// No answer within the deadline.
    Timeout,
    /// An answer that dripped in slower than the minimum rate.
    Slow,
    /// An answer larger than the cap.
    TooLarge,
    /// An HTTP status that means failure.
    HttpStatus,
    /// An answer that is not what the interface promises.
    Parse,
    /// The repository exists and has nothing to offer on this track.
    NoRelease,
    /// No such repository, or a private one.
    NotFound,
    /// GitHub refused the token; checks go on without it.
    TokenRejected,
    /// GitHub asked to wait.
    RateLimited,
    /// The proxy refused or failed.
    Proxy,
    /// The image registry could not be asked.
    Registry,
    /// Our own hourly budget is spent.
    Budget,
    /// The app could not reach the watcher (said by the app, never by the watcher).
    WatcherUnavailable,
}

/// `GET /api/targets`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Targets {
    /// One state per configured target, in the order of the configuration.
    pub targets: Vec<VersionState>,
}

/// Body of `POST /api/skip`; keys that are not known here are left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SkipRequest {
    /// The version to skip, as printed in `latest`.
    pub version: String,
}

/// Body of `POST /api/snooze`; keys that are not known here are left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SnoozeRequest {
    /// Hide the update until then; in the future, at most a year ahead.
    pub until: DateTime<Utc>,
}
