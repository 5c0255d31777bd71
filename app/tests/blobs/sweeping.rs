//! Blobs are taken away a month after nothing named them any more, and not for any other reason.

use app::sweep_blobs::sweep_once;
use chrono::{TimeDelta, Utc};

use crate::place::{SESSION, places};

#[tokio::test]
async fn a_dropped_blob_is_kept_for_thirty_days() {
    for place in places() {
        place.save(SESSION, b"before").await.unwrap();
        let before = place.only_blob();
        place.save(SESSION, b"after").await.unwrap();
        let soon = Utc::now() + TimeDelta::days(29);
        assert_eq!(sweep_once(&place.transcripts, soon).await.unwrap(), 0);
        assert!(before.exists(), "{}", place.name);
        let later = Utc::now() + TimeDelta::days(31);
        assert_eq!(sweep_once(&place.transcripts, later).await.unwrap(), 1);
        assert!(!before.exists(), "{}", place.name);
        assert_eq!(place.read(SESSION).await.0, b"after");
        assert_eq!(sweep_once(&place.transcripts, later).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_deleted_transcript_can_come_back_for_thirty_days() {
    use app::event_store::EventStore;
    for place in places() {
        place.save(SESSION, b"missed").await.unwrap();
        let row = place.store.row(SESSION).unwrap();
        assert!(place.transcripts.delete(SESSION).await.unwrap());
        assert!(!place.transcripts.delete(SESSION).await.unwrap());
        // As a restored database or a replay does it.
        place.store.put_transcript(&row).await.unwrap();
        let later = Utc::now() + TimeDelta::days(400);
        assert_eq!(sweep_once(&place.transcripts, later).await.unwrap(), 0);
        assert_eq!(place.read(SESSION).await.0, b"missed", "{}", place.name);
    }
}

#[tokio::test]
async fn a_blob_that_no_row_ever_named_is_left_alone() {
    for place in places() {
        place.save(SESSION, b"x").await.unwrap();
        let stranger = place.only_blob().with_file_name("of-a-newer-database.gz");
        std::fs::write(&stranger, b"x").unwrap();
        let later = Utc::now() + TimeDelta::days(400);
        assert_eq!(sweep_once(&place.transcripts, later).await.unwrap(), 0);
        assert!(stranger.exists(), "{}", place.name);
    }
}

#[tokio::test]
async fn nothing_is_forgotten_while_the_blobs_are_away() {
    let [_, mut place] = places();
    place.save(SESSION, b"x").await.unwrap();
    place.transcripts.delete(SESSION).await.unwrap();
    place.s3.as_mut().unwrap().stop();
    let later = Utc::now() + TimeDelta::days(31);
    assert!(sweep_once(&place.transcripts, later).await.is_err());
    assert_eq!(place.store.dropped().len(), 1);
    place.s3.as_mut().unwrap().restart().unwrap();
    assert_eq!(sweep_once(&place.transcripts, later).await.unwrap(), 1);
    place.assert_nothing_is_left();
}
