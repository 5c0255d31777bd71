//! What a door to upstream is asked, what it may answer, and how it fails.

use std::fmt;

use chrono::{DateTime, Utc};
use contract::{Comparison, ErrorCode, Via};
use serde::{Deserialize, Serialize};

use crate::{Channel, Line, Release, Repo, Track};

/// One question to one door.
#[derive(Clone, Debug)]
pub struct Question {
    /// The repository.
    pub repo: Repo,
    /// Releases, or the head of a branch.
    pub track: Track,
    /// Which releases count; a door that cannot tell a pre-release apart answers `Unanswerable`.
    pub channel: Channel,
    /// The range to stay on.
    pub line: Option<Line>,
    /// The running commit (branch track), to compare with.
    pub running_commit: Option<String>,
    /// ETag of the first page (releases) or of the head (branch) of the last answer through REST.
    pub etag: Option<String>,
}

/// What a door knows.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which door it was.
    pub via: Via,
    /// What it found.
    pub found: Found,
    /// ETag to send along next time.
    pub etag: Option<String>,
    /// `owner/name` under which the repository answered, where that is another than asked.
    pub moved_to: Option<String>,
    /// Upstream refused the token (HTTP 401); this answer was got without it.
    pub token_rejected: bool,
}

/// What was found behind a door.
#[derive(Clone, Debug)]
pub enum Found {
    /// Nothing has changed since the answer whose ETag was sent (HTTP 304).
    Unchanged,
    /// Every release or tag the door knows, in no particular order.
    Releases {
        /// Releases whose tag is no version are left out.
        releases: Vec<Release>,
        /// `false` where the door shows only some of them, or a page cap was reached.
        complete: bool,
    },
    /// The head of the branch.
    Head(BranchHead),
}

/// The head of a branch, compared with the running commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchHead {
    /// Full SHA of the head.
    pub sha: String,
    /// When the head was committed; `None` where the door cannot know.
    pub committed_at: Option<DateTime<Utc>>,
    /// The running commit against the head; `Unknown` without a running commit, where upstream does not know
    /// it (force-push, fork), or where the door cannot compare.
    pub comparison: Comparison,
    /// Commits the running one lacks; `None` where that is not known.
    pub behind: Option<u64>,
    /// When the first commit that the running one lacks was committed.
    pub behind_since: Option<DateTime<Utc>>,
    /// The commits the running one lacks, newest first, at most 250.
    pub commits: Vec<Commit>,
    /// The compare page.
    pub url: String,
    /// Full SHA of the running commit, where upstream told it.
    #[serde(default)]
    pub base: Option<String>,
}

/// One commit of a branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Full SHA.
    pub sha: String,
    /// First line of its message. Hostile text.
    pub subject: String,
    /// Whether the message says so (`!` before the colon, or a `BREAKING CHANGE` trailer).
    pub breaking: bool,
    /// When it was committed.
    pub committed_at: Option<DateTime<Utc>>,
    /// Its page.
    pub url: Option<String>,
}

/// Why a door did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFailure {
    /// For programs.
    pub code: ErrorCode,
    /// For people: which host, what happened. No secrets, no control characters.
    pub message: String,
    /// Upstream asked not to be asked again before then.
    pub retry_at: Option<DateTime<Utc>>,
    /// Another door may know: `false` when the answer was authoritative (no such repository, no release).
    pub try_next_door: bool,
}

impl SourceFailure {
    /// A failure after which another door may still know.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_at: None, try_next_door: true }
    }

    /// An authoritative "no": asking another door cannot help.
    pub fn settled(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { try_next_door: false, ..Self::new(code, message) }
    }
}

impl fmt::Display for SourceFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for SourceFailure {}

/// A door to upstream.
#[async_trait::async_trait]
pub trait ReleaseSource: Send + Sync {
    /// Which door this is.
    fn via(&self) -> Via;

    /// Asks once; no retries inside.
    ///
    /// # Errors
    /// A [`SourceFailure`] that says whether another door may know.
    async fn ask(&self, question: &Question) -> Result<Answer, SourceFailure>;
}
