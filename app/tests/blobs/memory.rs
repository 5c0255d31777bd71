//! A transcript is never whole in memory.

use std::process::Command;
use std::sync::Arc;

use app::transcript_blobs::TranscriptBlobs;
use app::transcript_spool::Spool;
use app::transcripts::{Limits, Transcripts};
use bytes::Bytes;
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use test_servers::s3::S3;

use crate::fake_store::FakeStore;
use crate::place::{SESSION, metrics, noise, settings, upload};

const LENGTH: u64 = 50 << 20;
const PIECE: usize = 64 << 10;
/// What a round trip may add to the most that the process ever used: a few parts of S3's, not the transcript.
const ALLOWED_KIB: u64 = 36 << 10;

#[test]
fn fifty_megabytes_go_through_files_in_little_memory() {
    measure("", &tempfile::tempdir().unwrap());
}

#[test]
fn fifty_megabytes_go_through_s3_in_little_memory() {
    let s3 = S3::start().unwrap();
    measure(&s3.endpoint(), &tempfile::tempdir().unwrap());
}

/// In a process of its own, so that nothing else is measured; the server stays in this one.
fn measure(endpoint: &str, folder: &tempfile::TempDir) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "memory::round_trip_in_a_process_of_its_own", "--ignored", "--nocapture"])
        .env("TEST_S3_ENDPOINT", endpoint)
        .env("TEST_FOLDER", folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    let grown: u64 =
        told.split("grown by ").nth(1).and_then(|told| told.split(' ').next()).unwrap().parse().unwrap();
    assert!(grown < ALLOWED_KIB, "it took {grown} KiB");
}

#[test]
#[ignore = "started by the tests above"]
fn round_trip_in_a_process_of_its_own() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let transcripts = Arc::new(transcripts());
        // What is loaded and allocated once is not counted.
        round_trip(&transcripts, 1 << 20).await;
        let before = peak();
        round_trip(&transcripts, LENGTH).await;
        println!("grown by {} KiB", peak() - before);
    });
}

fn transcripts() -> Transcripts {
    let folder = std::path::PathBuf::from(std::env::var_os("TEST_FOLDER").unwrap());
    let endpoint = std::env::var("TEST_S3_ENDPOINT").unwrap();
    let blobs = if endpoint.is_empty() {
        TranscriptBlobs::in_files(&folder.join("blobs")).unwrap()
    } else {
        // Keys and bucket are the same for every test server.
        let other = S3::start().unwrap();
        let settings = app::transcript_blobs::S3Settings { endpoint, ..settings(&other) };
        TranscriptBlobs::in_s3(&settings).unwrap()
    };
    let spool = Spool::open(&folder.join("spool"), 1, 2 * LENGTH).unwrap();
    Transcripts::new(Arc::new(FakeStore::new()), blobs, spool, Limits::new(LENGTH), metrics())
}

async fn round_trip(transcripts: &Arc<Transcripts>, length: u64) {
    // The same piece over and over: compression looks back half as far and makes none of it smaller.
    let piece = Bytes::from(noise(1, PIECE));
    let pieces = (0..length / PIECE as u64).map(move |_| Ok::<_, ()>(piece.clone()));
    let body = futures_util::stream::iter(pieces);
    transcripts.save(upload(SESSION, body)).await.unwrap();
    let row = transcripts.find(SESSION).await.unwrap().unwrap();
    assert_eq!(row.transcript.bytes, length);
    let read = transcripts.read(&row).await.unwrap();
    let hash = read.try_fold(Sha256::new(), |mut hash, piece| async move {
        hash.update(&piece);
        Ok(hash)
    });
    assert_eq!(hex::encode(hash.await.unwrap().finalize()), row.transcript.sha256);
}

/// The most memory that this process ever used, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
