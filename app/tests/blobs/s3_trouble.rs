//! An object store that is slow, strict, away or set up wrongly.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use app::save_transcript::SaveError;
use app::transcript_blobs::{BlobError, S3Settings, TranscriptBlobs};

use crate::place::{Place, SESSION, noise, settings};

/// Longer than a store that is away may keep an upload: [`settings`] gives up after less than half of this.
const BOUND: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_store_that_asks_for_patience_is_asked_again() {
    let place = Place::in_s3();
    let faults = place.s3.as_ref().unwrap().faults();
    faults.slow_down(3);
    place.save(SESSION, b"x").await.unwrap();
    faults.slow_down(3);
    assert_eq!(place.read(SESSION).await.0, b"x");
}

#[tokio::test]
async fn a_store_that_asks_for_patience_for_ever_is_not_waited_for() {
    let place = Place::in_s3();
    place.s3.as_ref().unwrap().faults().slow_down(u32::MAX);
    let started = Instant::now();
    let given_up = place.save(SESSION, b"x").await;
    assert!(matches!(given_up, Err(SaveError::Blobs(BlobError::Unavailable(_)))), "{given_up:?}");
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    place.assert_nothing_is_left();
}

#[tokio::test]
async fn a_store_that_refuses_checksum_headers_works() {
    let mut place = Place::in_s3();
    place.s3.as_mut().unwrap().faults().refuse_checksums(true);
    // In one piece and in parts; replaced, read, deleted.
    let small = noise(1, 1_000);
    place.save(SESSION, &small).await.unwrap();
    assert_eq!(place.read(SESSION).await.0, small);
    let row = place.store.row(SESSION).unwrap();
    place.transcripts.blobs.delete(&row.blob_key).await.unwrap();
    place.transcripts.blobs.probe().await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    std::fs::write(&file, noise(2, 12 << 20)).unwrap();
    let bytes = place.transcripts.blobs.put("transcripts/large", &file).await.unwrap();
    assert_eq!(place.transcripts.blobs.size("transcripts/large").await.unwrap(), bytes);
}

#[tokio::test]
async fn a_store_that_is_away_is_a_typed_error_and_no_row() {
    let mut place = Place::in_s3();
    place.s3.as_mut().unwrap().stop();
    let started = Instant::now();
    let away = place.save(SESSION, b"x").await;
    assert!(matches!(away, Err(SaveError::Blobs(BlobError::Unavailable(_)))), "{away:?}");
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    place.s3.as_mut().unwrap().restart().unwrap();
    place.assert_nothing_is_left();
    place.save(SESSION, b"x").await.unwrap();
    assert_eq!(place.read(SESSION).await.0, b"x");
}

#[tokio::test]
async fn a_store_that_never_answers_is_not_waited_for() {
    let place = Place::in_s3();
    place.s3.as_ref().unwrap().faults().hang(true);
    let started = Instant::now();
    assert!(matches!(place.transcripts.blobs.probe().await, Err(BlobError::Unavailable(_))));
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    let away = place.save(SESSION, b"x").await;
    assert!(matches!(away, Err(SaveError::Blobs(BlobError::Unavailable(_)))), "{away:?}");
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    place.assert_nothing_is_left();
}

#[tokio::test]
async fn an_upload_in_parts_that_fails_is_aborted() {
    let place = Place::in_s3();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    std::fs::write(&file, noise(2, 12 << 20)).unwrap();
    let faults = Arc::clone(place.s3.as_ref().unwrap().faults());
    let mut putting = Box::pin(place.transcripts.blobs.put("transcripts/large", &file));
    // The upload and its first part are there, then the uploader is gone.
    while faults.writes() < 3 {
        tokio::select! {
            ended = &mut putting => panic!("it ended: {ended:?}"),
            () = tokio::time::sleep(Duration::from_millis(1)) => {}
        }
    }
    drop(putting);
    let deadline = Instant::now() + BOUND;
    while place.s3.as_ref().unwrap().has_unfinished_uploads().unwrap() {
        assert!(Instant::now() < deadline, "the parts are still there");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(place.blobs().is_empty());
}

#[tokio::test]
async fn a_store_that_is_set_up_wrongly_says_what_to_do() {
    let place = Place::in_s3();
    let right = settings(place.s3.as_ref().unwrap());
    let cases = [
        (S3Settings { bucket: "absent".into(), ..right.clone() }, "S3_BUCKET"),
        (S3Settings { access_key_id: "stranger".into(), ..right.clone() }, "S3_ACCESS_KEY_ID"),
        (S3Settings { secret_access_key: "wrong".to_owned().into(), ..right }, "S3_SECRET_ACCESS_KEY"),
    ];
    for (settings, named) in cases {
        let blobs = TranscriptBlobs::in_s3(&settings).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        let refusals =
            [blobs.probe().await.unwrap_err(), blobs.put("transcripts/x", file.path()).await.unwrap_err()];
        for refusal in refusals {
            let BlobError::Refused { fix, source } = &refusal else { panic!("{named}: {refusal:?}") };
            assert!(fix.contains(named), "{named}: {refusal}");
            let told = format!("{refusal} {source} {source:?}");
            assert!(!told.contains("wrong") && !told.contains("test-secret-key"), "{told}");
        }
    }
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let target = format!("http://{}/latest/meta-data", elsewhere.local_addr().unwrap());
    let (endpoint, asked) = redirecting(target);
    let place = Place::in_s3();
    let blobs =
        TranscriptBlobs::in_s3(&S3Settings { endpoint, ..settings(place.s3.as_ref().unwrap()) }).unwrap();
    for refusal in [blobs.get("transcripts/x").await.err(), blobs.probe().await.err()] {
        assert!(
            matches!(&refusal, Some(BlobError::Refused { fix, .. }) if fix.contains("S3_ENDPOINT")),
            "{refusal:?}"
        );
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert!(elsewhere.accept().is_err(), "somebody came");
}

/// A server that sends everyone elsewhere, and how many came.
fn redirecting(target: String) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                let read = stream.read(&mut piece).unwrap();
                request.extend_from_slice(&piece[..read]);
            }
            counted.fetch_add(1, Ordering::SeqCst);
            let answer = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (endpoint, asked)
}
