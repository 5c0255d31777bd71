//! Where the bytes of transcripts are kept: any S3, or files. A blob counts only if a row of the database names it.
//!
//! This file moves compressed bytes under names; what they are and which of them count is not known here.

mod failure;
mod files;
mod s3;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::path::Path as Key;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

pub use failure::BlobError;
pub use s3::{Patience, S3Settings};

use failure::classify;
use files::Files;

/// The smallest part that S3 takes; also what an upload holds in memory.
const PART: usize = 5 << 20;
/// A look that takes longer tells that the blobs are away.
const PROBE: Duration = Duration::from_millis(800);

/// Blobs in S3 or in files.
#[derive(Clone, Debug)]
pub struct TranscriptBlobs {
    store: Arc<dyn ObjectStore>,
    probed: Probed,
}

/// How to see whether they are there.
#[derive(Clone, Debug)]
enum Probed {
    /// By a client that asks once.
    S3(Arc<dyn ObjectStore>),
    Files(Arc<Files>),
}

impl TranscriptBlobs {
    /// Blobs in a bucket. Nothing is asked yet: a store that is away does not stop the start.
    ///
    /// # Errors
    /// [`BlobError::Refused`] if no client can be built from the settings.
    pub fn in_s3(settings: &S3Settings) -> Result<Self, BlobError> {
        let store = Arc::new(settings.client(settings.patience)?);
        let prober = Arc::new(settings.client(Patience::once(PROBE))?);
        Ok(Self { store, probed: Probed::S3(prober) })
    }

    /// Blobs in files of this folder, which is made if it is not there.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn in_files(folder: &Path) -> Result<Self, BlobError> {
        let files = Files::open(folder)?;
        Ok(Self { store: files.store()?, probed: Probed::Files(Arc::new(files)) })
    }

    /// Takes away what uploads left in files when the process was killed. For the server alone, at its start: whoever
    /// works beside it would take away what it has in hand. S3 shows nobody what is unfinished.
    ///
    /// # Errors
    /// If the folder cannot be read or cleaned.
    pub fn remove_unfinished(&self) -> Result<(), BlobError> {
        match &self.probed {
            Probed::S3(_) => Ok(()),
            Probed::Files(files) => files.remove_unfinished(),
        }
    }

    /// Keeps a file's bytes under a key. After `Ok` they are durable; after an error, or if the future is dropped,
    /// at most parts without a name are left.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub async fn put(&self, key: &str, file: &Path) -> Result<u64, BlobError> {
        let mut file = File::open(file).await.map_err(BlobError::spool)?;
        let bytes = file.metadata().await.map_err(BlobError::spool)?.len();
        let key = Key::from(key);
        let first = next_part(&mut file).await?;
        if first.len() as u64 == bytes {
            self.store.put(&key, PutPayload::from(first)).await.map_err(classify)?;
            return Ok(bytes);
        }
        let upload = self.store.put_multipart(&key).await.map_err(classify)?;
        Parts::new(upload).send(first, &mut file).await?;
        Ok(bytes)
    }

    /// A blob's bytes as they come.
    ///
    /// # Errors
    /// See [`BlobError`]; also as an item of the stream.
    pub async fn get(&self, key: &str) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        let found = self.store.get(&Key::from(key)).await.map_err(classify)?;
        Ok(found.into_stream().map(|chunk| chunk.map_err(classify)).boxed())
    }

    /// A blob's size.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub async fn size(&self, key: &str) -> Result<u64, BlobError> {
        Ok(self.store.head(&Key::from(key)).await.map_err(classify)?.size)
    }

    /// Takes a blob away. One that is not there is no error.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        match self.store.delete(&Key::from(key)).await.map_err(classify) {
            Ok(()) | Err(BlobError::Missing(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether blobs can be kept now; answers within a second. Files are tried by writing one byte, S3 by asking
    /// for an object that is not there.
    ///
    /// # Errors
    /// See [`BlobError`].
    pub async fn probe(&self) -> Result<(), BlobError> {
        let look = async {
            match &self.probed {
                Probed::S3(store) => match store.get(&Key::from("transcripts/probe")).await.map_err(classify)
                {
                    Ok(_) | Err(BlobError::Missing(_)) => Ok(()),
                    Err(error) => Err(error),
                },
                Probed::Files(files) => Files::probe(Arc::clone(files)).await,
            }
        };
        let late = |elapsed| Err(BlobError::Unavailable(Box::new(elapsed)));
        tokio::time::timeout(PROBE, look).await.unwrap_or_else(late)
    }
}

/// An upload in parts. Dropped before its end it is aborted: S3 keeps, and bills, parts until then.
struct Parts(Option<Box<dyn MultipartUpload>>);

impl Parts {
    fn new(upload: Box<dyn MultipartUpload>) -> Self {
        Self(Some(upload))
    }

    async fn send(mut self, first: Bytes, file: &mut File) -> Result<(), BlobError> {
        let Some(upload) = self.0.as_mut() else { return Ok(()) };
        let mut part = first;
        while !part.is_empty() {
            upload.put_part(PutPayload::from(part)).await.map_err(classify)?;
            part = next_part(file).await?;
        }
        upload.complete().await.map_err(classify)?;
        self.0 = None;
        Ok(())
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        let (Some(mut upload), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        runtime.spawn(async move {
            if let Err(error) = upload.abort().await {
                tracing::debug!(%error, "an upload in parts could not be aborted");
            }
        });
    }
}

/// The file's next [`PART`] bytes, fewer at its end.
async fn next_part(file: &mut File) -> Result<Bytes, BlobError> {
    let mut part = Vec::new();
    file.take(PART as u64).read_to_end(&mut part).await.map_err(BlobError::spool)?;
    Ok(part.into())
}
