//! The rows of transcripts in memory, with trouble on demand.

use std::collections::BTreeMap;
use std::sync::Mutex;

use app::domain::event::{Event, Outcome};
use app::domain::page::{Filter, PageRequest};
use app::event_store::{DroppedBlob, EventStore, StoreError, TranscriptRow};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contract::{Activity, Page, Session, StoredEvent, Workspace};
use uuid::Uuid;

/// What the store says to whoever writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    Away,
    Refusing,
}

#[derive(Debug)]
pub(crate) struct FakeStore {
    pub(crate) mood: Mutex<Mood>,
    rows: Mutex<BTreeMap<String, TranscriptRow>>,
    dropped: Mutex<BTreeMap<String, DateTime<Utc>>>,
}

impl FakeStore {
    pub(crate) fn new() -> Self {
        Self { mood: Mutex::new(Mood::Well), rows: Mutex::default(), dropped: Mutex::default() }
    }

    pub(crate) fn row(&self, id: &str) -> Option<TranscriptRow> {
        self.rows.lock().unwrap().get(id).cloned()
    }

    pub(crate) fn dropped(&self) -> Vec<String> {
        self.dropped.lock().unwrap().keys().cloned().collect()
    }

    fn check(&self) -> Result<(), StoreError> {
        match *self.mood.lock().unwrap() {
            Mood::Well => Ok(()),
            Mood::Away => Err(StoreError::Unavailable("as the test wants".into())),
            Mood::Refusing => Err(StoreError::Refused("as the test wants".into())),
        }
    }
}

#[async_trait]
impl EventStore for FakeStore {
    async fn transcript(&self, session_id: &str) -> Result<Option<TranscriptRow>, StoreError> {
        Ok(self.row(session_id))
    }

    async fn put_transcript(&self, row: &TranscriptRow) -> Result<(), StoreError> {
        self.check()?;
        let before = self.rows.lock().unwrap().insert(row.session_id.clone(), row.clone());
        let mut dropped = self.dropped.lock().unwrap();
        if let Some(before) = before {
            dropped.insert(before.blob_key, Utc::now());
        }
        dropped.remove(&row.blob_key);
        Ok(())
    }

    async fn delete_transcript(&self, session_id: &str) -> Result<bool, StoreError> {
        self.check()?;
        let Some(row) = self.rows.lock().unwrap().remove(session_id) else { return Ok(false) };
        self.dropped.lock().unwrap().insert(row.blob_key, Utc::now());
        Ok(true)
    }

    async fn dropped_blobs(&self, before: DateTime<Utc>, limit: u32) -> Result<Vec<DroppedBlob>, StoreError> {
        let dropped = self.dropped.lock().unwrap();
        let due = dropped.iter().filter(|(_, dropped_at)| **dropped_at < before);
        let due = due.map(|(key, at)| DroppedBlob { blob_key: key.clone(), dropped_at: *at });
        Ok(due.take(limit as usize).collect())
    }

    async fn forget_blob(&self, blob_key: &str) -> Result<bool, StoreError> {
        let named = self.rows.lock().unwrap().values().any(|row| row.blob_key == blob_key);
        Ok(!named && self.dropped.lock().unwrap().remove(blob_key).is_some())
    }

    async fn insert(&self, _: &[Event]) -> Result<Vec<Outcome>, StoreError> {
        self.unused()
    }

    async fn sessions(&self, _: &Filter, _: &PageRequest) -> Result<Page<Session>, StoreError> {
        self.unused()
    }

    async fn session(&self, _: &str) -> Result<Option<Session>, StoreError> {
        self.unused()
    }

    async fn session_events(
        &self,
        _: &str,
        _: &Filter,
        _: &PageRequest,
    ) -> Result<Page<StoredEvent>, StoreError> {
        self.unused()
    }

    async fn activity(&self, _: &Filter, _: &PageRequest) -> Result<Page<Activity>, StoreError> {
        self.unused()
    }

    async fn workspaces(&self) -> Result<Vec<Workspace>, StoreError> {
        self.unused()
    }

    async fn event(&self, _: Uuid) -> Result<Option<StoredEvent>, StoreError> {
        self.unused()
    }

    async fn erase_event(&self, _: Uuid) -> Result<bool, StoreError> {
        self.unused()
    }

    async fn installation_id(&self) -> Result<Uuid, StoreError> {
        self.unused()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.check()
    }

    async fn close(&self) {}
}

impl FakeStore {
    fn unused<T>(&self) -> Result<T, StoreError> {
        Err(StoreError::Refused("no transcript needs this".into()))
    }
}
