//! What went wrong with a transcript, as an answer.

use crate::error::ApiError;
use crate::read_transcript::ReadError;
use crate::save_transcript::SaveError;
use crate::transcript_blobs::BlobError;
use crate::transcript_spool::SpoolError;

/// Seconds after which what is only busy may be asked again.
const SOON: u64 = 5;
/// Seconds after which somebody may have done something.
const LATER: u64 = 60;

impl From<SaveError> for ApiError {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::TooLarge(_) => Self::TooLarge(error.to_string()),
            SaveError::TooSlow => Self::BodyTimeout,
            SaveError::CutOff => Self::BadRequest(error.to_string()),
            SaveError::Digest => Self::Contradiction(error.to_string()),
            SaveError::Spool(SpoolError::Busy) => {
                Self::Unavailable("too many uploads are under way; try again".into(), SOON)
            }
            SaveError::Spool(error @ SpoolError::Full(_)) => {
                tracing::error!(error = ?format!("{:#}", anyhow::Error::new(error)), "a transcript was not kept");
                Self::Unavailable("there is no room for transcripts".into(), LATER)
            }
            SaveError::Spool(error) => Self::Internal(anyhow::Error::new(error)),
            SaveError::Blobs(error) => error.into(),
            SaveError::Store(error) => error.into(),
            SaveError::Broken(_) => Self::Internal(anyhow::Error::new(error)),
        }
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Missing | ReadError::Corrupt => {
                Self::BadGateway("the transcript that was kept is damaged or gone; upload it again".into())
            }
            ReadError::Blobs(error) => error.into(),
            ReadError::Store(error) => error.into(),
        }
    }
}

impl From<BlobError> for ApiError {
    fn from(error: BlobError) -> Self {
        let (text, seconds) = match &error {
            BlobError::Unavailable(_) => ("the store of transcripts does not answer; try again", SOON),
            BlobError::Full(_) => ("there is no room for transcripts", LATER),
            BlobError::Refused { .. } => ("the store of transcripts refuses; /api/health says why", LATER),
            BlobError::Missing(_) => return Self::Internal(anyhow::Error::new(error)),
        };
        tracing::warn!(error = ?format!("{:#}", anyhow::Error::new(error)), "the store of transcripts does not do its work");
        Self::Unavailable(text.into(), seconds)
    }
}
