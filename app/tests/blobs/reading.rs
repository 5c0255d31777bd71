//! What rotted is noticed, and never sent as if it were whole.

use std::io::Write;

use app::metrics::TranscriptStep;
use app::read_transcript::ReadError;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::place::{SESSION, noise, places};

const SMALL: usize = 100_000;
const LARGE: usize = 3 << 20;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// A way to spoil a blob that holds `bytes` compressed.
type Harm = (&'static str, fn(&[u8], Vec<u8>) -> Vec<u8>);

const HARMS: [Harm; 6] = [
    ("a bit in the middle", |_, mut blob| {
        let middle = blob.len() / 2;
        blob[middle] ^= 1;
        blob
    }),
    ("cut in the middle", |_, blob| blob[..blob.len() / 2].to_vec()),
    ("cut before the last byte", |_, blob| blob[..blob.len() - 1].to_vec()),
    ("emptied", |_, _| Vec::new()),
    ("another text as long, well packed", |bytes, _| {
        let mut other = bytes.to_vec();
        other[bytes.len() - 1] ^= 1;
        gzip(&other)
    }),
    ("a shorter text, well packed", |bytes, _| gzip(&bytes[..bytes.len() - 1])),
];

#[tokio::test]
async fn rot_in_a_small_transcript_is_noticed_before_the_first_byte() {
    for place in places() {
        let bytes = noise(3, SMALL);
        place.save(SESSION, &bytes).await.unwrap();
        let blob = place.only_blob();
        let sound = std::fs::read(&blob).unwrap();
        for (harm, spoil) in HARMS {
            std::fs::write(&blob, spoil(&bytes, sound.clone())).unwrap();
            let (read, end) = place.read(SESSION).await;
            assert!(matches!(end, Err(ReadError::Corrupt)), "{}, {harm}: {end:?}", place.name);
            assert!(read.is_empty(), "{}, {harm}", place.name);
        }
        assert_eq!(place.transcripts.metrics.transcripts(TranscriptStep::Corrupt), HARMS.len() as u64);
        std::fs::write(&blob, sound).unwrap();
        assert_eq!(place.read(SESSION).await.0, bytes);
    }
}

#[tokio::test]
async fn rot_in_a_large_transcript_ends_the_answer_before_its_end() {
    for place in places() {
        let bytes = noise(4, LARGE);
        place.save(SESSION, &bytes).await.unwrap();
        let blob = place.only_blob();
        let sound = std::fs::read(&blob).unwrap();
        for (harm, spoil) in HARMS {
            std::fs::write(&blob, spoil(&bytes, sound.clone())).unwrap();
            let (read, end) = place.read(SESSION).await;
            assert!(matches!(end, Err(ReadError::Corrupt)), "{}, {harm}: {end:?}", place.name);
            assert!(read.len() < bytes.len(), "{}, {harm}: all of it was sent", place.name);
        }
        assert_eq!(place.transcripts.metrics.transcripts(TranscriptStep::Corrupt), HARMS.len() as u64);
    }
}

#[tokio::test]
async fn a_blob_that_became_a_bomb_is_read_no_further_than_it_should_be() {
    for place in places() {
        place.save(SESSION, &noise(5, LARGE)).await.unwrap();
        std::fs::write(place.only_blob(), gzip(&vec![0; 4 * LARGE])).unwrap();
        let (read, end) = place.read(SESSION).await;
        assert!(matches!(end, Err(ReadError::Corrupt)), "{end:?}");
        assert!(read.len() < LARGE);
    }
}

#[tokio::test]
async fn a_row_whose_blob_is_gone_says_so() {
    for place in places() {
        place.save(SESSION, b"x").await.unwrap();
        std::fs::remove_file(place.only_blob()).unwrap();
        let (_, end) = place.read(SESSION).await;
        assert!(matches!(end, Err(ReadError::Missing)), "{}: {end:?}", place.name);
        assert_eq!(place.transcripts.metrics.transcripts(TranscriptStep::Missing), 1);
    }
}
