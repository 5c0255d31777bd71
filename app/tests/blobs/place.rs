//! Where the tests keep transcripts, and what they upload.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use app::metrics::Metrics;
use app::read_transcript::ReadError;
use app::save_transcript::{SaveError, Saved, Upload};
use app::transcript_blobs::{Patience, S3Settings, TranscriptBlobs};
use app::transcript_spool::Spool;
use app::transcripts::{Limits, Transcripts};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use test_servers::s3::S3;

use crate::fake_store::FakeStore;

pub(crate) const SESSION: &str = "session-1";

/// Largest transcript here.
pub(crate) const MAX: u64 = 8 << 20;

pub(crate) fn metrics() -> Arc<Metrics> {
    let stamp = contract::BuildStamp { version: "dev", commit: "unknown", date: "2026-01-30" };
    Arc::new(Metrics::new(stamp).unwrap())
}

/// Transcripts in one place.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) transcripts: Arc<Transcripts>,
    pub(crate) store: Arc<FakeStore>,
    pub(crate) s3: Option<S3>,
    data: TempDir,
}

/// One in files, one in S3.
pub(crate) fn places() -> [Place; 2] {
    [Place::in_files(), Place::in_s3()]
}

/// The settings of a test's S3, with a patience that no test waits long for.
pub(crate) fn settings(s3: &S3) -> S3Settings {
    S3Settings {
        endpoint: s3.endpoint(),
        region: "us-east-1".into(),
        bucket: s3.bucket().into(),
        access_key_id: s3.access_key_id().into(),
        secret_access_key: s3.secret_access_key().into(),
        patience: Patience {
            connect: Duration::from_secs(1),
            answer: Duration::from_secs(2),
            retry: Duration::from_secs(2),
            retries: 6,
        },
    }
}

impl Place {
    pub(crate) fn in_files() -> Self {
        let data = tempfile::tempdir().unwrap();
        let blobs = TranscriptBlobs::in_files(&data.path().join("blobs")).unwrap();
        Self::new("files", data, blobs, None, Limits::new(MAX))
    }

    pub(crate) fn in_s3() -> Self {
        let s3 = S3::start().unwrap();
        let blobs = TranscriptBlobs::in_s3(&settings(&s3)).unwrap();
        Self::new("S3", tempfile::tempdir().unwrap(), blobs, Some(s3), Limits::new(MAX))
    }

    /// As after a start of the process: in the same folders, with the same rows.
    pub(crate) fn started_again(self) -> Self {
        let Self { name, transcripts, store, s3, data } = self;
        assert!(s3.is_none());
        drop(transcripts);
        let blobs = TranscriptBlobs::in_files(&data.path().join("blobs")).unwrap();
        Self { store, ..Self::new(name, data, blobs, None, Limits::new(MAX)) }
    }

    fn new(
        name: &'static str,
        data: TempDir,
        blobs: TranscriptBlobs,
        s3: Option<S3>,
        limits: Limits,
    ) -> Self {
        let store = Arc::new(FakeStore::new());
        blobs.remove_unfinished().unwrap();
        let spool = Spool::open(&data.path().join("spool"), 2, 4 << 20).unwrap();
        let transcripts = Arc::new(Transcripts::new(store.clone(), blobs, spool, limits, metrics()));
        Self { name, transcripts, store, s3, data }
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.data.path().join("spool")
    }

    /// The files that blobs lie in.
    pub(crate) fn objects(&self) -> PathBuf {
        self.s3.as_ref().map_or_else(|| self.data.path().join("blobs"), S3::objects)
    }

    /// Every blob, and whatever else lies there.
    pub(crate) fn blobs(&self) -> Vec<PathBuf> {
        files(&self.objects())
    }

    /// The only blob's file.
    pub(crate) fn only_blob(&self) -> PathBuf {
        let mut blobs = self.blobs();
        assert_eq!(blobs.len(), 1, "{}: {blobs:?}", self.name);
        blobs.remove(0)
    }

    pub(crate) async fn save(&self, id: &str, bytes: &[u8]) -> Result<Saved, SaveError> {
        self.transcripts.save(upload(id, pieces(bytes))).await
    }

    /// What a reader gets before it ends, and how it ends.
    pub(crate) async fn read(&self, id: &str) -> (Vec<u8>, Result<(), ReadError>) {
        let row = self.transcripts.find(id).await.unwrap().unwrap();
        let mut body = match self.transcripts.read(&row).await {
            Ok(body) => body,
            Err(error) => return (Vec::new(), Err(error)),
        };
        let mut read = Vec::new();
        loop {
            match body.try_next().await {
                Ok(Some(piece)) => read.extend_from_slice(&piece),
                Ok(None) => return (read, Ok(())),
                Err(error) => return (read, Err(error)),
            }
        }
    }

    /// Nothing is kept, spooled or half uploaded.
    pub(crate) fn assert_nothing_is_left(&self) {
        assert_eq!(self.store.row(SESSION), None, "{}", self.name);
        self.assert_nothing_is_spooled();
        assert_eq!(self.blobs(), Vec::<PathBuf>::new(), "{}", self.name);
        if let Some(s3) = &self.s3 {
            assert!(
                !s3.has_unfinished_uploads().unwrap(),
                "an upload in parts is neither completed nor aborted"
            );
        }
    }

    pub(crate) fn assert_nothing_is_spooled(&self) {
        assert_eq!(files(&self.spool()), Vec::<PathBuf>::new(), "{}", self.name);
        assert_eq!(
            (self.transcripts.spool.uploads(), self.transcripts.spool.bytes()),
            (0, 0),
            "{}",
            self.name
        );
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() == "lock" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

pub(crate) fn upload<S>(id: &str, body: S) -> Upload<S> {
    Upload {
        session_id: id.into(),
        content_type: "text/plain".into(),
        announced: None,
        expected: Vec::new(),
        body,
    }
}

/// The bytes as a body that comes in pieces.
pub(crate) fn pieces(bytes: &[u8]) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
    let pieces: Vec<_> = bytes.chunks(48 << 10).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    futures_util::stream::iter(pieces)
}

/// Bytes that no compression makes smaller, the same for the same seed.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..length.div_ceil(8)).flat_map(|_| next()).collect();
    bytes.truncate(length);
    bytes
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
