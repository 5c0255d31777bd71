//! What is kept, and what is not.

use app::save_transcript::SaveError;
use app::transcript_blobs::TranscriptBlobs;
use app::transcript_spool::Spool;
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::fake_store::Mood;
use crate::place::{Place, SESSION, noise, pieces, places, sha256, upload};

#[tokio::test]
async fn what_was_uploaded_comes_back_whatever_its_size() {
    for place in places() {
        for length in [0, 1, 100_000, 300_000, 3 << 20] {
            let id = format!("s-{length}");
            let bytes = noise(7, length);
            let saved = place.save(&id, &bytes).await.unwrap();
            assert!(saved.is_first);
            assert_eq!(
                (saved.transcript.bytes, saved.transcript.sha256),
                (length as u64, hex::encode(sha256(&bytes)))
            );
            let (read, end) = place.read(&id).await;
            assert!(end.is_ok() && read == bytes, "{}: {length} bytes", place.name);
        }
        place.assert_nothing_is_spooled();
    }
}

#[tokio::test]
async fn a_blob_is_named_by_hashes_and_an_id_alone() {
    for place in places() {
        place.save("../../etc:passwd", b"x").await.unwrap();
        let key = place.store.row("../../etc:passwd").unwrap().blob_key;
        let shape: Vec<_> = key.split('/').map(str::len).collect();
        assert_eq!(shape, ["transcripts".len(), 32, 32 + 1 + 32 + 3], "{key}");
        assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-.".contains(&byte)), "{key}");
        assert!(place.only_blob().ends_with(key));
    }
}

#[tokio::test]
async fn an_upload_that_is_cut_off_leaves_nothing() {
    for place in places() {
        let body = pieces(&noise(1, 2 << 20)).map(|piece| piece.map_err(drop)).chain(stream::iter([Err(())]));
        let cut = place.transcripts.save(upload(SESSION, body)).await;
        assert!(matches!(cut, Err(SaveError::CutOff)), "{}: {cut:?}", place.name);
        place.assert_nothing_is_left();

        let short =
            app::save_transcript::Upload { announced: Some(11), ..upload(SESSION, pieces(b"ten bytes.")) };
        assert!(matches!(place.transcripts.save(short).await, Err(SaveError::CutOff)));
        place.assert_nothing_is_left();
    }
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    for place in places() {
        let body = pieces(&noise(1, 2 << 20)).chain(stream::pending());
        let mut saving = Box::pin(place.transcripts.save(upload(SESSION, body)));
        while place.transcripts.spool.bytes() < 1 << 20 {
            assert!(futures_util::poll!(&mut saving).is_pending());
            tokio::task::yield_now().await;
        }
        drop(saving);
        while place.transcripts.spool.uploads() > 0 {
            tokio::task::yield_now().await;
        }
        place.assert_nothing_is_left();
    }
}

#[tokio::test]
async fn other_bytes_than_the_digest_says_are_not_kept() {
    for place in places() {
        let with =
            |digest| app::save_transcript::Upload { expected: digest, ..upload(SESSION, pieces(b"bytes")) };
        let wrong = place.transcripts.save(with(vec![sha256(b"bytes"), sha256(b"other")])).await;
        assert!(matches!(wrong, Err(SaveError::Digest)), "{wrong:?}");
        place.assert_nothing_is_left();
        assert!(place.transcripts.save(with(vec![sha256(b"bytes")])).await.unwrap().is_first);
    }
}

#[tokio::test]
async fn the_same_bytes_again_change_nothing() {
    for place in places() {
        let first = place.save(SESSION, b"the same").await.unwrap();
        let (row, blob) = (place.store.row(SESSION), place.only_blob());
        let again = place.save(SESSION, b"the same").await.unwrap();
        assert_eq!((again.is_first, again.transcript), (false, first.transcript));
        assert_eq!((place.store.row(SESSION), place.only_blob()), (row, blob));
        assert!(place.store.dropped().is_empty());
    }
}

#[tokio::test]
async fn the_same_bytes_again_mend_what_rotted() {
    for place in places() {
        for harm in ["gone", "other", "short"] {
            let session = format!("s-{harm}");
            place.save(&session, b"the same").await.unwrap();
            let blob = place.objects().join(place.store.row(&session).unwrap().blob_key);
            match harm {
                "gone" => std::fs::remove_file(&blob).unwrap(),
                "other" => std::fs::write(&blob, b"something else").unwrap(),
                _ => std::fs::write(&blob, &std::fs::read(&blob).unwrap()[..12]).unwrap(),
            }
            assert!(place.read(&session).await.1.is_err());
            assert!(!place.save(&session, b"the same").await.unwrap().is_first);
            assert_eq!(place.read(&session).await.0, b"the same", "{}: {harm}", place.name);
        }
    }
}

#[tokio::test]
async fn another_upload_takes_the_place_of_the_one_before() {
    for place in places() {
        place.save(SESSION, b"before").await.unwrap();
        let before = place.store.row(SESSION).unwrap().blob_key;
        assert!(!place.save(SESSION, b"after").await.unwrap().is_first);
        assert_eq!(place.read(SESSION).await.0, b"after");
        assert_eq!(place.store.dropped(), [before]);
    }
}

#[tokio::test]
async fn a_row_that_was_not_stored_is_no_transcript() {
    for place in places() {
        *place.store.mood.lock().unwrap() = Mood::Refusing;
        let refused = place.save(SESSION, b"x").await;
        assert!(matches!(&refused, Err(SaveError::Store(error)) if !error.is_temporary()), "{refused:?}");
        place.assert_nothing_is_left();

        // Here the row may have been stored all the same: the blob has to stay.
        *place.store.mood.lock().unwrap() = Mood::Away;
        let away = place.save(SESSION, b"x").await;
        assert!(matches!(&away, Err(SaveError::Store(error)) if error.is_temporary()), "{away:?}");
        place.assert_nothing_is_spooled();
        place.only_blob();
    }
}

#[tokio::test]
async fn leftovers_of_a_killed_process_are_removed_at_the_start() {
    let place = Place::in_files();
    place.save(SESSION, b"kept").await.unwrap();
    let blob = place.only_blob();
    std::fs::write(blob.with_file_name("half.gz#1"), b"half").unwrap();
    std::fs::write(place.spool().join("half"), b"half").unwrap();
    let place = place.started_again();
    assert_eq!(place.only_blob(), blob);
    place.assert_nothing_is_spooled();
}

#[tokio::test]
async fn a_second_process_takes_nothing_from_the_first() {
    let place = Place::in_files();
    place.save(SESSION, b"kept").await.unwrap();
    let (half, spooled) = (place.only_blob().with_file_name("half.gz#1"), place.spool().join("half"));
    for file in [&half, &spooled] {
        std::fs::write(file, b"half").unwrap();
    }
    for _ in 0..2 {
        TranscriptBlobs::in_files(&place.objects()).unwrap().remove_unfinished().unwrap();
        Spool::open(&place.spool(), 2, 1 << 20).unwrap();
    }
    assert!(half.exists() && spooled.exists());
}

#[tokio::test]
async fn closing_waits_for_what_is_under_way_and_takes_no_more() {
    let place = Place::in_files();
    let (sender, receiver) = tokio::sync::oneshot::channel::<Bytes>();
    let body = stream::once(receiver);
    let saving = tokio::spawn({
        let transcripts = place.transcripts.clone();
        async move { transcripts.save(upload(SESSION, body)).await }
    });
    while place.transcripts.spool.uploads() == 0 {
        tokio::task::yield_now().await;
    }
    let mut closing = Box::pin(place.transcripts.close());
    assert!(futures_util::poll!(&mut closing).is_pending());
    sender.send(Bytes::from_static(b"in time")).unwrap();
    closing.await;
    assert!(saving.await.unwrap().is_ok());
    assert_eq!(place.read(SESSION).await.0, b"in time");
    assert!(matches!(place.save("s-2", b"late").await, Err(SaveError::Spool(_))));
}
