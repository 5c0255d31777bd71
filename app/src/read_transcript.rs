//! Reads a transcript back, and notices what rotted: nothing wrong is ever sent as if it were whole.

mod verified;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};

use crate::event_store::{StoreError, TranscriptRow};
use crate::metrics::TranscriptStep;
use crate::transcript_blobs::BlobError;
use crate::transcripts::Transcripts;

/// Up to this size all is checked before the first byte is sent.
const CHECKED_FIRST: u64 = 256 << 10;

/// A transcript's bytes, uncompressed. It ends in an error, and short of its last piece, if they are not those that
/// were uploaded.
pub type Body = BoxStream<'static, Result<Bytes, ReadError>>;

/// Why a transcript cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Its row names a blob that is not there.
    #[error("the transcript's blob is missing")]
    Missing,
    /// Its blob does not hold the bytes that were uploaded.
    #[error("the transcript's blob is damaged")]
    Corrupt,
    /// The blobs do not answer or refuse.
    #[error(transparent)]
    Blobs(BlobError),
    /// The database does not answer or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<BlobError> for ReadError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::Missing(_) => Self::Missing,
            _ => Self::Blobs(error),
        }
    }
}

impl Transcripts {
    /// A session's row, if it has a transcript.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find(&self, session_id: &str) -> Result<Option<TranscriptRow>, StoreError> {
        self.store.transcript(session_id).await
    }

    /// The bytes that a row names.
    ///
    /// # Errors
    /// See [`ReadError`]; also as an item of the stream.
    pub async fn read(self: &std::sync::Arc<Self>, row: &TranscriptRow) -> Result<Body, ReadError> {
        let body = self.checked(row).await.inspect_err(|error| self.note(row, error))?;
        self.metrics.transcript(TranscriptStep::Read);
        if row.transcript.bytes <= CHECKED_FIRST {
            let whole = body.try_fold(Vec::new(), |mut whole, chunk| async move {
                whole.extend_from_slice(&chunk);
                Ok(whole)
            });
            let whole = whole.await.inspect_err(|error| self.note(row, error))?;
            return Ok(futures_util::stream::once(async { Ok(whole.into()) }).boxed());
        }
        let (this, row) = (std::sync::Arc::clone(self), row.clone());
        Ok(body.inspect_err(move |error| this.note(&row, error)).boxed())
    }

    /// Reads all of it and keeps nothing.
    pub(crate) async fn verify(&self, row: &TranscriptRow) -> Result<(), ReadError> {
        let read = async { self.checked(row).await?.try_for_each(|_| async { Ok(()) }).await };
        read.await.inspect_err(|error| self.note(row, error))
    }

    /// Takes a session's transcript away; the sweeper takes the blob later. `false` if there was none.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn delete(&self, session_id: &str) -> Result<bool, StoreError> {
        self.store.delete_transcript(session_id).await
    }

    async fn checked(&self, row: &TranscriptRow) -> Result<Body, ReadError> {
        let blob = self.blobs.get(&row.blob_key).await?;
        Ok(verified::verified(blob, row.transcript.bytes, &row.transcript.sha256))
    }

    fn note(&self, row: &TranscriptRow, error: &ReadError) {
        match error {
            ReadError::Missing => self.metrics.transcript(TranscriptStep::Missing),
            ReadError::Corrupt => self.metrics.transcript(TranscriptStep::Corrupt),
            ReadError::Blobs(_) | ReadError::Store(_) => return,
        }
        tracing::error!(session.id = row.session_id, blob.key = row.blob_key, "{error}; upload it again");
    }
}
