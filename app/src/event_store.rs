//! Where events, what they tell and the rows of transcripts are kept: one trait, two databases.
//!
//! One set of behaviour tests runs against both (`tests/store`). A store never talks to the queue or to blobs.

mod batch;
mod columns;
mod deadline;
mod failure;
mod paging;
pub mod postgres;
pub mod sqlite;
mod write_trouble;

use std::error::Error;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contract::{Activity, Page, Session, StoredEvent, Transcript, Workspace};
use uuid::Uuid;

use crate::domain::event::{Event, Outcome};
use crate::domain::page::{Filter, PageRequest};

type Cause = Box<dyn Error + Send + Sync>;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, is too busy, out of space, or shutting down: the same call may succeed later.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
    /// It refuses what was given: the same call will fail again.
    #[error("the database refuses the data")]
    Refused(#[source] Cause),
    /// It has no room: the same call may succeed once there is some.
    #[error("the database has no room left: make some; it goes on alone")]
    Full(#[source] Cause),
    /// It can be read only: the same call may succeed once it is not.
    #[error(
        "the database can only be read (it is a standby, or default_transaction_read_only is on): \
         let DATABASE_URL name the one that is written to; it goes on alone"
    )]
    ReadOnly(#[source] Cause),
    /// A newer program migrated it after this one had looked.
    #[error(
        "a newer program migrated the database ({database} > {program}): use that program or a newer one, \
         or restore a backup from before"
    )]
    SchemaNewer {
        /// The database's version.
        database: i64,
        /// The latest that this program knows.
        program: i64,
    },
    /// It is not the one any more that this program had looked at: an older one was restored over it.
    #[error(
        "the database is older than this program ({database} < {program}), as after restoring a backup: run \
         `remote-agent-server migrate`, or restart with MIGRATE_ON_START=true"
    )]
    SchemaOlder {
        /// The database's version.
        database: i64,
        /// The latest that this program knows.
        program: i64,
    },
    /// Its tables, or what tells their version, were taken away.
    #[error(
        "the database has no history of migrations (_sqlx_migrations) any more: its tables were taken away; \
         restore a backup, or restart with an empty database"
    )]
    SchemaMissing,
}

impl StoreError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}

/// A transcript's row: the truth about which blob counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptRow {
    /// The session.
    pub session_id: String,
    /// What is told of it.
    pub transcript: Transcript,
    /// Name of the blob.
    pub blob_key: String,
    /// Size of the blob, compressed.
    pub stored_bytes: u64,
}

/// A blob that no row names any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DroppedBlob {
    /// Name of the blob.
    pub blob_key: String,
    /// Since when no row names it.
    pub dropped_at: DateTime<Utc>,
}

/// A database with a schema of the version that this program knows.
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// Stores events and what they change in one transaction: all or none. The outcomes stand in the order of
    /// `events`; of two events with one id in one call the first is new.
    async fn insert(&self, events: &[Event]) -> Result<Vec<Outcome>, StoreError>;

    /// Sessions, by their earliest event, newest first. `kind` of the filter: those with such an event.
    async fn sessions(&self, filter: &Filter, page: &PageRequest) -> Result<Page<Session>, StoreError>;

    /// One session.
    async fn session(&self, id: &str) -> Result<Option<Session>, StoreError>;

    /// A session's events, oldest first.
    async fn session_events(
        &self,
        id: &str,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<StoredEvent>, StoreError>;

    /// Git activity, newest first.
    async fn activity(&self, filter: &Filter, page: &PageRequest) -> Result<Page<Activity>, StoreError>;

    /// Every workspace that events name, by name. Without `folder`.
    async fn workspaces(&self) -> Result<Vec<Workspace>, StoreError>;

    /// A session's transcript.
    async fn transcript(&self, session_id: &str) -> Result<Option<TranscriptRow>, StoreError>;

    /// Makes this the session's transcript; the blob of the one before is noted as dropped in the same transaction
    /// (unless it is the same blob), and a note that this blob was dropped is taken back.
    async fn put_transcript(&self, row: &TranscriptRow) -> Result<(), StoreError>;

    /// Takes the row away and notes its blob as dropped; `false` if there was none.
    async fn delete_transcript(&self, session_id: &str) -> Result<bool, StoreError>;

    /// Blobs that were dropped before `before`, at most `limit`, the oldest first.
    async fn dropped_blobs(&self, before: DateTime<Utc>, limit: u32) -> Result<Vec<DroppedBlob>, StoreError>;

    /// Forgets a dropped blob, if no row names it meanwhile: `true` means that it may be deleted.
    async fn forget_blob(&self, blob_key: &str) -> Result<bool, StoreError>;

    /// One event by its id.
    async fn event(&self, id: Uuid) -> Result<Option<StoredEvent>, StoreError>;

    /// Takes away an event that belongs to no session and no workspace (a canary); `false` if there was none.
    async fn erase_event(&self, id: Uuid) -> Result<bool, StoreError>;

    /// The id that was made when this database was first migrated.
    async fn installation_id(&self) -> Result<Uuid, StoreError>;

    /// Sees whether it answers, still has the schema that this program knows, and takes what is written: writes
    /// nothing for that, but remembers for a minute why a write failed.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Closes its connections; calls after that fail.
    async fn close(&self);
}
