use serde_json::json;

use super::*;
use crate::migrate::{self, Database};

fn event(number: u32, text: &str) -> Event {
    let id = Uuid::from_u128(0x0123_4567_0000_4000_8000_0000_0000_0000 + u128::from(number));
    let sent = json!({"id": id.to_string(), "type": "note", "timestamp": "2026-01-30T12:00:00Z", "data": {"text": text}});
    Event::parse(&sent.to_string(), "2026-01-30T12:00:00Z".parse().unwrap()).unwrap()
}

/// SQLite itself says that it is full where its file may not grow.
#[tokio::test]
async fn a_file_without_room_is_full_until_a_write_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    migrate::run(&Database::Sqlite(path.clone()), |_| ()).await.unwrap();
    let store = SqliteStore::open(&path, &SqliteOptions::default());
    store.ping().await.unwrap();
    // No less than it has.
    sqlx::query("pragma max_page_count = 1").execute(&store.writer).await.unwrap();
    let large = event(1, &"x".repeat(200_000));
    let error = store.insert(std::slice::from_ref(&large)).await.unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    assert!(error.is_temporary());
    assert!(matches!(store.ping().await, Err(StoreError::Full(_))));
    sqlx::query("pragma max_page_count = 1000000").execute(&store.writer).await.unwrap();
    assert!(matches!(store.ping().await, Err(StoreError::Full(_))));
    store.insert(&[large]).await.unwrap();
    store.ping().await.unwrap();
}
