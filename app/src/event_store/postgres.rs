//! Events in PostgreSQL 14 or newer.
//!
//! Nothing here waits without a bound: not for a connection, not for a statement, not for a lock. A call that is
//! given up drops its connection, so that one that hangs never comes back to the pool.

mod changes;
mod connection;
mod insert;
mod lists;
mod rows;
mod transcripts;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contract::{Activity, Page, Session, StoredEvent, Workspace};
use secrecy::SecretString;
use sqlx::PgPool;
use uuid::Uuid;

use super::deadline::within;
use super::write_trouble::WriteTrouble;
use super::{DroppedBlob, EventStore, StoreError, TranscriptRow, failure};
use crate::domain::event::{Event, Outcome};
use crate::domain::page::{Filter, PageRequest};
use crate::migrate;

/// How the connections are used.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Most connections, without the one that is kept for [`EventStore::ping`].
    pub connections: u32,
    /// Longest wait for a free or a new connection.
    pub acquire_timeout: Duration,
    /// Longest run of one statement, as the server counts it.
    pub statement_timeout: Duration,
    /// Longest wait for a lock, as the server counts it.
    pub lock_timeout: Duration,
    /// Longest run of one call, also where the network swallows everything.
    pub deadline: Duration,
    /// The same for [`EventStore::ping`].
    pub ping_deadline: Duration,
    /// The version of the schema that [`EventStore::ping`] wants to see.
    pub schema_version: i64,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            connections: 8,
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            deadline: Duration::from_secs(15),
            ping_deadline: Duration::from_millis(800),
            schema_version: migrate::postgres_version(),
        }
    }
}

/// Events in PostgreSQL. Its schema is the matter of [`crate::migrate`].
#[derive(Debug)]
pub struct PostgresStore {
    pool: PgPool,
    /// One connection for [`EventStore::ping`] alone: whether the database answers is known however busy the pool is.
    ping_pool: PgPool,
    deadline: Duration,
    ping_deadline: Duration,
    schema_version: i64,
    trouble: WriteTrouble,
}

impl PostgresStore {
    /// Connects when it is first asked something. Needs a running Tokio runtime.
    ///
    /// # Errors
    /// If `url` is none of PostgreSQL.
    pub fn connect(url: &SecretString, options: &PostgresOptions) -> Result<Self, StoreError> {
        let connect = connection::options(url).map_err(failure::of_postgres)?;
        Ok(Self {
            pool: connection::pool(connect.clone(), options),
            ping_pool: connection::ping_pool(connect, options),
            deadline: options.deadline,
            ping_deadline: options.ping_deadline,
            schema_version: options.schema_version,
            trouble: WriteTrouble::default(),
        })
    }

    /// Runs one call with its deadline.
    async fn call<T>(&self, call: impl Future<Output = sqlx::Result<T>> + Send) -> Result<T, StoreError> {
        within(self.deadline, call).await.map_err(failure::of_postgres)
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
impl EventStore for PostgresStore {
    async fn insert(&self, events: &[Event]) -> Result<Vec<Outcome>, StoreError> {
        let call = insert::insert(&self.pool, events);
        self.write(call, |outcomes| outcomes.contains(&Outcome::New)).await
    }

    async fn sessions(&self, filter: &Filter, page: &PageRequest) -> Result<Page<Session>, StoreError> {
        self.call(lists::sessions(&self.pool, filter, page)).await
    }

    async fn session(&self, id: &str) -> Result<Option<Session>, StoreError> {
        self.call(lists::session(&self.pool, id)).await
    }

    async fn session_events(
        &self,
        id: &str,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<StoredEvent>, StoreError> {
        self.call(lists::session_events(&self.pool, id, filter, page)).await
    }

    async fn activity(&self, filter: &Filter, page: &PageRequest) -> Result<Page<Activity>, StoreError> {
        self.call(lists::activity(&self.pool, filter, page)).await
    }

    async fn workspaces(&self) -> Result<Vec<Workspace>, StoreError> {
        self.call(lists::workspaces(&self.pool)).await
    }

    async fn transcript(&self, session_id: &str) -> Result<Option<TranscriptRow>, StoreError> {
        self.call(transcripts::transcript(&self.pool, session_id)).await
    }

    async fn put_transcript(&self, row: &TranscriptRow) -> Result<(), StoreError> {
        self.write(transcripts::put(&self.pool, row), |()| true).await
    }

    async fn delete_transcript(&self, session_id: &str) -> Result<bool, StoreError> {
        self.write(transcripts::delete(&self.pool, session_id), |wrote| *wrote).await
    }

    async fn dropped_blobs(&self, before: DateTime<Utc>, limit: u32) -> Result<Vec<DroppedBlob>, StoreError> {
        self.call(transcripts::dropped_blobs(&self.pool, before, limit)).await
    }

    async fn forget_blob(&self, blob_key: &str) -> Result<bool, StoreError> {
        self.write(transcripts::forget_blob(&self.pool, blob_key), |wrote| *wrote).await
    }

    async fn event(&self, id: Uuid) -> Result<Option<StoredEvent>, StoreError> {
        self.call(lists::event(&self.pool, id)).await
    }

    async fn erase_event(&self, id: Uuid) -> Result<bool, StoreError> {
        self.write(insert::erase(&self.pool, id), |wrote| *wrote).await
    }

    async fn installation_id(&self) -> Result<Uuid, StoreError> {
        self.call(lists::installation_id(&self.pool)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let ping = connection::ping(&self.ping_pool);
        let found = within(self.ping_deadline, ping).await.map_err(failure::of_postgres_schema)?;
        failure::compare_versions(found.version, self.schema_version)?;
        if found.read_only {
            return Err(StoreError::ReadOnly("it says so itself".into()));
        }
        self.trouble.check()
    }

    async fn close(&self) {
        tokio::join!(self.pool.close(), self.ping_pool.close());
    }
}
