//! Rows of transcripts: which blob counts, and which may be deleted.

use std::sync::Arc;

use app::event_store::{EventStore, TranscriptRow};
use chrono::{Duration, Utc};
use contract::Transcript;
use serde_json::json;

use crate::home::{Home, event, second};

crate::for_both!(
    a_session_tells_its_transcript,
    the_blob_before_is_noted_as_dropped,
    the_same_blob_again_is_not_dropped,
    a_deleted_transcript_is_gone_and_its_blob_noted,
    a_blob_that_a_row_names_again_is_not_forgotten,
    dropped_blobs_come_oldest_first,
    uploads_at_the_same_time_lose_no_blob,
);

fn row(session: &str, blob: &str) -> TranscriptRow {
    TranscriptRow {
        session_id: session.to_owned(),
        transcript: Transcript {
            sha256: format!("{blob}-hash"),
            bytes: u64::from(u32::MAX) + 7,
            content_type: "application/x-ndjson".to_owned(),
            uploaded_at: second(5),
        },
        blob_key: blob.to_owned(),
        stored_bytes: 9,
    }
}

async fn dropped(store: &Arc<dyn EventStore>) -> Vec<String> {
    let blobs = store.dropped_blobs(Utc::now() + Duration::minutes(1), 100).await.unwrap();
    blobs.into_iter().map(|blob| blob.blob_key).collect()
}

async fn a_session_tells_its_transcript(home: Home) {
    let store = home.store().await;
    // The transcript may come before the session's first event.
    store.put_transcript(&row("s", "a")).await.unwrap();
    assert_eq!(store.session("s").await.unwrap(), None);
    store.insert(&[event(1, "note", 1, json!({"sessionId": "s"}))]).await.unwrap();
    let session = store.session("s").await.unwrap().unwrap();
    assert_eq!(session.transcript, Some(row("s", "a").transcript));
    assert_eq!(store.transcript("s").await.unwrap(), Some(row("s", "a")));
}

async fn the_blob_before_is_noted_as_dropped(home: Home) {
    let store = home.store().await;
    store.put_transcript(&row("s", "a")).await.unwrap();
    store.put_transcript(&row("s", "b")).await.unwrap();
    assert_eq!(store.transcript("s").await.unwrap().unwrap(), row("s", "b"));
    assert_eq!(dropped(&store).await, ["a"]);
    assert!(store.forget_blob("a").await.unwrap());
    assert!(!store.forget_blob("a").await.unwrap());
    assert!(dropped(&store).await.is_empty());
}

async fn the_same_blob_again_is_not_dropped(home: Home) {
    let store = home.store().await;
    store.put_transcript(&row("s", "a")).await.unwrap();
    store.put_transcript(&row("s", "a")).await.unwrap();
    assert!(dropped(&store).await.is_empty());
}

async fn a_deleted_transcript_is_gone_and_its_blob_noted(home: Home) {
    let store = home.store().await;
    assert!(!store.delete_transcript("s").await.unwrap());
    store.put_transcript(&row("s", "a")).await.unwrap();
    assert!(store.delete_transcript("s").await.unwrap());
    assert_eq!(store.transcript("s").await.unwrap(), None);
    assert_eq!(dropped(&store).await, ["a"]);
}

async fn a_blob_that_a_row_names_again_is_not_forgotten(home: Home) {
    let store = home.store().await;
    for blob in ["a", "b", "a"] {
        store.put_transcript(&row("s", blob)).await.unwrap();
    }
    assert_eq!(dropped(&store).await, ["b"]);
    assert!(!store.forget_blob("a").await.unwrap());
    // A note that contradicts a row is not believed.
    let at = if home.is_postgres() { "'2026-01-01'" } else { "1" };
    home.execute(&format!("insert into dropped_blobs (blob_key, dropped_at) values ('a', {at})")).await;
    assert!(!store.forget_blob("a").await.unwrap());
    assert_eq!(dropped(&store).await, ["b"]);
}

async fn dropped_blobs_come_oldest_first(home: Home) {
    let store = home.store().await;
    let begun = Utc::now() - Duration::seconds(1);
    for blob in ["c", "b", "a"] {
        store.put_transcript(&row("s", blob)).await.unwrap();
    }
    store.delete_transcript("s").await.unwrap();
    assert_eq!(dropped(&store).await, ["c", "b", "a"]);
    assert!(store.dropped_blobs(begun, 100).await.unwrap().is_empty());
    let two = store.dropped_blobs(Utc::now() + Duration::minutes(1), 2).await.unwrap();
    assert_eq!(two.len(), 2);
    assert!(two[0].dropped_at > begun && two[0].dropped_at <= two[1].dropped_at);
}

/// Every blob is named by the row or noted: none stays behind unseen.
async fn uploads_at_the_same_time_lose_no_blob(home: Home) {
    let store = home.store().await;
    let uploads = (0..20).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(
            async move { store.put_transcript(&row("s", &format!("blob{number:02}"))).await.unwrap() },
        )
    });
    for upload in uploads.collect::<Vec<_>>() {
        upload.await.unwrap();
    }
    let mut known = dropped(&store).await;
    known.push(store.transcript("s").await.unwrap().unwrap().blob_key);
    known.sort();
    let expected: Vec<String> = (0..20).map(|number| format!("blob{number:02}")).collect();
    assert_eq!(known, expected);
}
