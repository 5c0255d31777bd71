//! A store in memory that refuses, panics, sleeps or is away as a test wants it.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use app::domain::event::{Event, Outcome};
use app::domain::page::{Filter, PageRequest};
use app::event_store::{DroppedBlob, EventStore, StoreError, TranscriptRow};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contract::{Activity, Page, Session, StoredEvent, Workspace};
use uuid::Uuid;

#[derive(Default)]
pub(crate) struct FakeStore {
    rows: Mutex<HashMap<Uuid, (Event, [u8; 16])>>,
    pub(crate) refused: Mutex<HashSet<Uuid>>,
    pub(crate) panics: Mutex<HashSet<Uuid>>,
    pub(crate) away: AtomicBool,
    /// Milliseconds that an insert takes.
    pub(crate) slow: AtomicU64,
    /// Calls, also those that failed.
    pub(crate) calls: AtomicU64,
    /// Events that came although they were there.
    pub(crate) repeats: AtomicU64,
}

impl FakeStore {
    pub(crate) fn count(&self) -> usize {
        self.rows.lock().unwrap().len()
    }

    pub(crate) fn has(&self, id: Uuid) -> bool {
        self.rows.lock().unwrap().contains_key(&id)
    }

    /// What a backup holds.
    pub(crate) fn dump(&self) -> HashMap<Uuid, (Event, [u8; 16])> {
        self.rows.lock().unwrap().clone()
    }

    pub(crate) fn restore(&self, dump: HashMap<Uuid, (Event, [u8; 16])>) {
        *self.rows.lock().unwrap() = dump;
    }

    pub(crate) fn erase(&self, id: Uuid) {
        self.rows.lock().unwrap().remove(&id);
    }
}

fn not_here<T>() -> Result<T, StoreError> {
    Err(StoreError::Refused("not part of these tests".into()))
}

#[async_trait]
impl EventStore for FakeStore {
    async fn insert(&self, events: &[Event]) -> Result<Vec<Outcome>, StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let slow = self.slow.load(Ordering::SeqCst);
        if slow > 0 {
            tokio::time::sleep(Duration::from_millis(slow)).await;
        }
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("the fake is away".into()));
        }
        if events.iter().any(|event| self.panics.lock().unwrap().contains(&event.id)) {
            panic!("the fake was told to");
        }
        if events.iter().any(|event| self.refused.lock().unwrap().contains(&event.id)) {
            return Err(StoreError::Refused("the fake does not like it".into()));
        }
        let mut rows = self.rows.lock().unwrap();
        let outcome = |event: &Event| match rows.get(&event.id) {
            None => {
                rows.insert(event.id, (event.clone(), event.digest()));
                Outcome::New
            }
            Some((_, digest)) if *digest == event.digest() => {
                self.repeats.fetch_add(1, Ordering::SeqCst);
                Outcome::Duplicate
            }
            Some(_) => Outcome::Conflict,
        };
        Ok(events.iter().map(outcome).collect())
    }

    async fn event(&self, id: Uuid) -> Result<Option<StoredEvent>, StoreError> {
        Ok(self.rows.lock().unwrap().get(&id).map(|(event, _)| event.to_stored()))
    }

    async fn sessions(&self, _: &Filter, _: &PageRequest) -> Result<Page<Session>, StoreError> {
        not_here()
    }

    async fn session(&self, _: &str) -> Result<Option<Session>, StoreError> {
        not_here()
    }

    async fn session_events(
        &self,
        _: &str,
        _: &Filter,
        _: &PageRequest,
    ) -> Result<Page<StoredEvent>, StoreError> {
        not_here()
    }

    async fn activity(&self, _: &Filter, _: &PageRequest) -> Result<Page<Activity>, StoreError> {
        not_here()
    }

    async fn workspaces(&self) -> Result<Vec<Workspace>, StoreError> {
        not_here()
    }

    async fn transcript(&self, _: &str) -> Result<Option<TranscriptRow>, StoreError> {
        not_here()
    }

    async fn put_transcript(&self, _: &TranscriptRow) -> Result<(), StoreError> {
        not_here()
    }

    async fn delete_transcript(&self, _: &str) -> Result<bool, StoreError> {
        not_here()
    }

    async fn dropped_blobs(&self, _: DateTime<Utc>, _: u32) -> Result<Vec<DroppedBlob>, StoreError> {
        not_here()
    }

    async fn forget_blob(&self, _: &str) -> Result<bool, StoreError> {
        not_here()
    }

    async fn erase_event(&self, _: Uuid) -> Result<bool, StoreError> {
        not_here()
    }

    async fn installation_id(&self) -> Result<Uuid, StoreError> {
        not_here()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {}
}
