//! What an upload may cost.

use std::time::Duration;

use app::save_transcript::{SaveError, Upload};
use app::transcript_spool::SpoolError;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::place::{MAX, Place, SESSION, noise, pieces, places, upload};

#[tokio::test]
async fn a_transcript_that_is_too_large_is_refused() {
    for place in places() {
        // Endless, and small once compressed.
        let zeros = stream::repeat_with(|| Ok::<_, ()>(Bytes::from_static(&[0; 64 << 10])));
        let refused = place.transcripts.save(upload(SESSION, zeros)).await;
        assert!(matches!(refused, Err(SaveError::TooLarge(MAX))), "{refused:?}");
        place.assert_nothing_is_left();
    }
}

#[tokio::test]
async fn a_transcript_that_says_it_is_too_large_is_refused_unread() {
    let place = Place::in_files();
    let unread = stream::poll_fn(|_| -> std::task::Poll<Option<Result<Bytes, ()>>> { panic!("it was read") });
    let refused =
        place.transcripts.save(Upload { announced: Some(MAX + 1), ..upload(SESSION, unread) }).await;
    assert!(matches!(refused, Err(SaveError::TooLarge(MAX))), "{refused:?}");
    place.assert_nothing_is_left();
}

#[tokio::test]
async fn more_uploads_at_once_than_there_are_places_for_are_sent_away() {
    let place = Place::in_files();
    let waiting =
        || Box::pin(place.transcripts.save(upload(SESSION, stream::pending::<Result<Bytes, ()>>())));
    let (mut first, mut second) = (waiting(), waiting());
    assert!(futures_util::poll!(&mut first).is_pending());
    assert!(futures_util::poll!(&mut second).is_pending());
    let third = place.save("s-3", b"x").await;
    assert!(matches!(third, Err(SaveError::Spool(SpoolError::Busy))), "{third:?}");
    drop((first, second));
    assert!(place.save("s-3", b"x").await.is_ok());
}

#[tokio::test]
async fn the_spool_never_takes_more_room_than_it_may() {
    let place = Place::in_files();
    let refused = place.save(SESSION, &noise(2, 5 << 20)).await;
    assert!(matches!(refused, Err(SaveError::Spool(SpoolError::Busy))), "{refused:?}");
    place.assert_nothing_is_left();
}

#[tokio::test(start_paused = true)]
async fn a_body_of_one_byte_a_second_is_ended() {
    let place = Place::in_files();
    let started = Instant::now();
    let drops = stream::repeat_with(|| Ok::<_, ()>(Bytes::from_static(b".")));
    let drops = drops.then(|drop| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop
    });
    let ended = place.transcripts.save(upload(SESSION, drops)).await;
    assert!(matches!(ended, Err(SaveError::TooSlow)), "{ended:?}");
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    place.assert_nothing_is_left();
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_slow_and_steady_is_taken() {
    let place = Place::in_files();
    let bytes = noise(6, 1 << 20);
    let steady = pieces(&bytes).then(|piece| async {
        tokio::time::sleep(Duration::from_secs(8)).await;
        piece
    });
    place.transcripts.save(upload(SESSION, steady)).await.unwrap();
    assert_eq!(place.read(SESSION).await.0, bytes);
}
