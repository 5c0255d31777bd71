//! Events in a file of SQLite, for a program that runs alone.
//!
//! One connection writes, so that writers of this program stand in a line instead of failing on each other's locks;
//! readers never wait for it (WAL). `synchronous = full`: a commit is on the disk when it returns, power cut included.

mod changes;
mod connection;
mod insert;
mod lists;
mod rows;
mod transcripts;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contract::{Activity, Page, Session, StoredEvent, Workspace};
use sqlx::SqlitePool;
use uuid::Uuid;

use super::deadline::within;
use super::write_trouble::WriteTrouble;
use super::{DroppedBlob, EventStore, StoreError, TranscriptRow, failure};
use crate::domain::event::{Event, Outcome};
use crate::domain::page::{Filter, PageRequest};
use crate::migrate;

/// How the connections are used.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Most connections that read.
    pub readers: u32,
    /// Longest wait for a free connection; for writers, for those before them.
    pub acquire_timeout: Duration,
    /// Longest wait for a lock of another program.
    pub busy_timeout: Duration,
    /// Longest run of one call, also where the disk hangs.
    pub deadline: Duration,
    /// The same for [`EventStore::ping`].
    pub ping_deadline: Duration,
    /// The version of the schema that [`EventStore::ping`] wants to see.
    pub schema_version: i64,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            acquire_timeout: Duration::from_secs(5),
            busy_timeout: Duration::from_secs(5),
            deadline: Duration::from_secs(15),
            ping_deadline: Duration::from_millis(800),
            schema_version: migrate::sqlite_version(),
        }
    }
}

/// Events in a file. Its schema is the matter of [`crate::migrate`], which also makes the file.
#[derive(Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    /// One connection for [`EventStore::ping`] alone: whether the file can be read is known however busy the others are.
    ping_pool: SqlitePool,
    deadline: Duration,
    ping_deadline: Duration,
    schema_version: i64,
    trouble: WriteTrouble,
}

impl SqliteStore {
    /// Opens the file when it is first asked something. Needs a running Tokio runtime.
    #[must_use]
    pub fn open(path: &Path, options: &SqliteOptions) -> Self {
        Self {
            writer: connection::pool(path, options, 1),
            readers: connection::pool(path, options, options.readers),
            ping_pool: connection::pool(path, options, 1),
            deadline: options.deadline,
            ping_deadline: options.ping_deadline,
            schema_version: options.schema_version,
            trouble: WriteTrouble::default(),
        }
    }

    /// Runs one call with its deadline.
    async fn call<T>(&self, call: impl Future<Output = sqlx::Result<T>> + Send) -> Result<T, StoreError> {
        within(self.deadline, call).await.map_err(failure::of_sqlite)
    }

    /// The same for one that writes; `wrote` tells whether it did.
    async fn write<T>(
        &self,
        call: impl Future<Output = sqlx::Result<T>> + Send,
        wrote: impl FnOnce(&T) -> bool + Send,
    ) -> Result<T, StoreError> {
        let result = self.call(call).await;
        self.trouble.note(&result, wrote);
        result
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    async fn insert(&self, events: &[Event]) -> Result<Vec<Outcome>, StoreError> {
        let call = insert::insert(&self.writer, events);
        self.write(call, |outcomes| outcomes.contains(&Outcome::New)).await
    }

    async fn sessions(&self, filter: &Filter, page: &PageRequest) -> Result<Page<Session>, StoreError> {
        self.call(lists::sessions(&self.readers, filter, page)).await
    }

    async fn session(&self, id: &str) -> Result<Option<Session>, StoreError> {
        self.call(lists::session(&self.readers, id)).await
    }

    async fn session_events(
        &self,
        id: &str,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<StoredEvent>, StoreError> {
        self.call(lists::session_events(&self.readers, id, filter, page)).await
    }

    async fn activity(&self, filter: &Filter, page: &PageRequest) -> Result<Page<Activity>, StoreError> {
        self.call(lists::activity(&self.readers, filter, page)).await
    }

    async fn workspaces(&self) -> Result<Vec<Workspace>, StoreError> {
        self.call(lists::workspaces(&self.readers)).await
    }

    async fn transcript(&self, session_id: &str) -> Result<Option<TranscriptRow>, StoreError> {
        self.call(transcripts::transcript(&self.readers, session_id)).await
    }

    async fn put_transcript(&self, row: &TranscriptRow) -> Result<(), StoreError> {
        self.write(transcripts::put(&self.writer, row), |()| true).await
    }

    async fn delete_transcript(&self, session_id: &str) -> Result<bool, StoreError> {
        self.write(transcripts::delete(&self.writer, session_id), |wrote| *wrote).await
    }

    async fn dropped_blobs(&self, before: DateTime<Utc>, limit: u32) -> Result<Vec<DroppedBlob>, StoreError> {
        self.call(transcripts::dropped_blobs(&self.readers, before, limit)).await
    }

    async fn forget_blob(&self, blob_key: &str) -> Result<bool, StoreError> {
        self.write(transcripts::forget_blob(&self.writer, blob_key), |wrote| *wrote).await
    }

    async fn event(&self, id: Uuid) -> Result<Option<StoredEvent>, StoreError> {
        self.call(lists::event(&self.readers, id)).await
    }

    async fn erase_event(&self, id: Uuid) -> Result<bool, StoreError> {
        self.write(insert::erase(&self.writer, id), |wrote| *wrote).await
    }

    async fn installation_id(&self) -> Result<Uuid, StoreError> {
        self.call(lists::installation_id(&self.readers)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let ping = lists::ping(&self.ping_pool);
        let found = within(self.ping_deadline, ping).await.map_err(failure::of_sqlite_schema)?;
        failure::compare_versions(found, self.schema_version)?;
        self.trouble.check()
    }

    async fn close(&self) {
        // The writer last: the last connection to close moves what is in the WAL into the file.
        tokio::join!(self.readers.close(), self.ping_pool.close());
        self.writer.close().await;
    }
}

#[cfg(test)]
#[path = "sqlite/room_tests.rs"]
mod tests;
