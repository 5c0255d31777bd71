//! What the app tells of sessions, git activity and workspaces.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A coding session, as its events tell it. Counts hold every stored event once, in whatever order they came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The client's id of the session.
    pub id: String,
    /// The workspace of its latest event that names one.
    pub workspace: Option<String>,
    /// The machine of its latest event that names one.
    pub device: Option<String>,
    /// The model of its latest event that names one.
    pub model: Option<String>,
    /// When `session.start` happened; `null` if it has not come.
    pub started_at: Option<DateTime<Utc>>,
    /// When `session.end` happened; `null` while it runs, or if that has not come.
    pub ended_at: Option<DateTime<Utc>>,
    /// Its earliest event.
    pub first_event_at: DateTime<Utc>,
    /// Its latest event.
    pub last_event_at: DateTime<Utc>,
    /// All its events.
    pub events: u64,
    /// Events of type `session.prompt`.
    pub prompts: u64,
    /// Events of type `session.tool_use`.
    pub tool_uses: u64,
    /// Events of type `git.commit`.
    pub commits: u64,
    /// Tokens that went in, summed over its events.
    pub input_tokens: u64,
    /// Tokens that came out.
    pub output_tokens: u64,
    /// Tokens read from the model's cache.
    pub cache_read_tokens: u64,
    /// Tokens written to the model's cache.
    pub cache_write_tokens: u64,
    /// Cost in US dollars, summed over its events.
    pub cost_usd: f64,
    /// Its transcript; `null` if there is none.
    pub transcript: Option<Transcript>,
}

/// What is known of a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Transcript {
    /// Of the bytes that were uploaded, in hexadecimal.
    pub sha256: String,
    /// How many bytes were uploaded.
    pub bytes: u64,
    /// What the client said they are.
    pub content_type: String,
    /// When.
    pub uploaded_at: DateTime<Utc>,
}

/// Something that happened in a git repository. What the client did not tell is `null`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// Id of the event.
    pub id: String,
    /// `git.commit`, `git.push`, `git.checkout`, `git.merge`, or another type that begins with `git.`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When, as in the order of events.
    pub at: DateTime<Utc>,
    /// The workspace.
    pub workspace: Option<String>,
    /// The session, if it happened in one.
    pub session_id: Option<String>,
    /// The machine.
    pub device: Option<String>,
    /// The repository.
    pub repository: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// The commit.
    pub sha: Option<String>,
    /// First line of the commit's message. Text of people: escape before showing.
    pub subject: Option<String>,
    /// Lines added.
    pub additions: Option<u64>,
    /// Lines removed.
    pub deletions: Option<u64>,
}

/// A workspace: one that events name, a folder of `WORKSPACES_DIR`, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    /// Its name; for a folder, the folder's.
    pub name: String,
    /// Events that name it.
    pub events: u64,
    /// The earliest of them.
    pub first_event_at: Option<DateTime<Utc>>,
    /// The latest of them.
    pub last_event_at: Option<DateTime<Utc>>,
    /// The folder, if there is one.
    pub folder: Option<WorkspaceFolder>,
}

/// A folder of `WORKSPACES_DIR`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceFolder {
    /// Whether it is a git work tree; the rest is `null` where not.
    pub git: bool,
    /// Address of its remote (`origin`, else the only one), without credentials.
    pub remote: Option<String>,
    /// The branch that is checked out.
    pub branch: Option<String>,
    /// The commit that is checked out.
    pub commit: Option<String>,
    /// First line of that commit's message. Text of people: escape before showing.
    pub subject: Option<String>,
    /// When it was committed.
    pub committed_at: Option<DateTime<Utc>>,
}
