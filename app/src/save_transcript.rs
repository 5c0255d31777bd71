//! Saves a transcript: spooled until it is whole, then the blob, then the row. The row is the truth.

mod receive;

use std::sync::Arc;

use bytes::Bytes;
use chrono::{SubsecRound, Utc};
use contract::Transcript;
use futures_util::Stream;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::event_store::{StoreError, TranscriptRow};
use crate::metrics::TranscriptStep;
use crate::read_transcript::ReadError;
use crate::transcript_blobs::BlobError;
use crate::transcript_spool::SpoolError;
use crate::transcripts::Transcripts;
use receive::Received;

/// What a client sends.
#[derive(Debug)]
pub struct Upload<S> {
    /// Of which session; checked with `domain::text::session_id`.
    pub session_id: String,
    /// What the client says it is.
    pub content_type: String,
    /// How many bytes the client says will come.
    pub announced: Option<u64>,
    /// The digests that the client says the bytes have; all must be right.
    pub expected: Vec<[u8; 32]>,
    /// The bytes.
    pub body: S,
}

/// A transcript that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// As it is told from now on.
    pub transcript: Transcript,
    /// Whether the session had none before.
    pub is_first: bool,
}

/// Why a transcript was not saved. Nothing is kept then that counts.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// More bytes than the limit, which is named.
    #[error("a transcript holds at most {0} bytes")]
    TooLarge(u64),
    /// They came too slowly.
    #[error("the transcript came too slowly")]
    TooSlow,
    /// They stopped coming.
    #[error("the upload was cut off")]
    CutOff,
    /// Other bytes came than the client says it sent.
    #[error("the bytes that came do not have the digest that was sent with them")]
    Digest,
    /// Too much at once, or no room.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The blob was not kept.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The row was not kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The task that saves broke down.
    #[error("saving broke down")]
    Broken(#[source] tokio::task::JoinError),
}

impl Transcripts {
    /// Saves a session's transcript in the place of the one before. `Ok` means durable.
    ///
    /// Once all has come it goes on even if the caller is dropped: between blob and row nothing is to be undone.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub async fn save<S, E>(self: &Arc<Self>, upload: Upload<S>) -> Result<Saved, SaveError>
    where
        S: Stream<Item = Result<Bytes, E>>,
    {
        let saved = self.save_uncounted(upload).await;
        if saved.is_err() {
            self.metrics.transcript(TranscriptStep::Refused);
        }
        saved
    }

    async fn save_uncounted<S, E>(self: &Arc<Self>, upload: Upload<S>) -> Result<Saved, SaveError>
    where
        S: Stream<Item = Result<Bytes, E>>,
    {
        let file = self.spool.begin()?;
        let received = receive::receive(file, upload.body, upload.announced, self.limits).await?;
        if upload.expected.iter().any(|expected| *expected != received.sha256) {
            return Err(SaveError::Digest);
        }
        let (this, id, content_type) = (Arc::clone(self), upload.session_id, upload.content_type);
        let keeping = tokio::spawn(async move { this.keep(&id, content_type, &received).await });
        keeping.await.map_err(SaveError::Broken)?
    }

    async fn keep(&self, id: &str, content_type: String, received: &Received) -> Result<Saved, SaveError> {
        let before = self.store.transcript(id).await?;
        let sha256 = hex::encode(received.sha256);
        let uploaded_at = Utc::now().trunc_subsecs(6);
        let transcript = Transcript { sha256, bytes: received.bytes, content_type, uploaded_at };
        let is_first = before.is_none();
        if let Some(row) = before
            && row.transcript.sha256 == transcript.sha256
            && self.is_whole(&row).await?
        {
            return self.keep_blob(row, transcript).await;
        }
        let blob_key = key(id, &transcript.sha256);
        let stored_bytes = self.blobs.put(&blob_key, received.file.path()).await?;
        let row = TranscriptRow { session_id: id.to_owned(), transcript, blob_key, stored_bytes };
        self.put_row(&row).await?;
        self.metrics.transcript(TranscriptStep::Saved);
        Ok(Saved { transcript: row.transcript, is_first })
    }

    /// The same bytes again: the blob stays, and what is told of it changes at most.
    async fn keep_blob(&self, row: TranscriptRow, transcript: Transcript) -> Result<Saved, SaveError> {
        self.metrics.transcript(TranscriptStep::Unchanged);
        if row.transcript.content_type == transcript.content_type {
            return Ok(Saved { transcript: row.transcript, is_first: false });
        }
        self.store.put_transcript(&TranscriptRow { transcript: transcript.clone(), ..row }).await?;
        Ok(Saved { transcript, is_first: false })
    }

    /// Whether a row's blob is there and says what was uploaded. An upload heals what rotted.
    async fn is_whole(&self, row: &TranscriptRow) -> Result<bool, SaveError> {
        match self.verify(row).await {
            Ok(()) => Ok(true),
            Err(ReadError::Missing | ReadError::Corrupt) => Ok(false),
            Err(ReadError::Blobs(error)) => Err(error.into()),
            Err(ReadError::Store(error)) => Err(error.into()),
        }
    }

    async fn put_row(&self, row: &TranscriptRow) -> Result<(), SaveError> {
        let Err(error) = self.store.put_transcript(row).await else { return Ok(()) };
        if error.is_temporary() {
            // It may have been stored all the same, so the blob must stay.
            tracing::warn!(blob.key = row.blob_key, "a transcript's row may be missing; its blob is kept");
        } else if let Err(error) = self.blobs.delete(&row.blob_key).await {
            tracing::warn!(blob.key = row.blob_key, %error, "a blob that no row names could not be deleted");
        }
        Err(error.into())
    }
}

/// Names a blob by hashes and an id of its own, so no upload ever writes where another one is being deleted.
fn key(session_id: &str, sha256: &str) -> String {
    let session = hex::encode(Sha256::digest(session_id));
    // Halves are enough to find a blob by hand; some stores put names into names and have room for 255 bytes.
    format!("transcripts/{}/{}-{}.gz", &session[..32], &sha256[..32], Uuid::new_v4().simple())
}
