//! Takes an upload in: counts, times, hashes, compresses, and never holds more than a piece of it.

use std::io::{self, Write};
use std::pin::pin;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};

use super::SaveError;
use crate::transcript_spool::{SpoolError, SpoolFile};
use crate::transcripts::Limits;

/// So much is collected before a thread that may block is asked to compress it.
const BATCH: u64 = 256 << 10;

/// An upload that came whole.
#[derive(Debug)]
pub(super) struct Received {
    /// Compressed.
    pub(super) file: SpoolFile,
    /// How many bytes came.
    pub(super) bytes: u64,
    /// Of the bytes that came.
    pub(super) sha256: [u8; 32],
}

/// Reads the body to its end.
pub(super) async fn receive<S, E>(
    file: SpoolFile,
    body: S,
    announced: Option<u64>,
    limits: Limits,
) -> Result<Received, SaveError>
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let too_large = || SaveError::TooLarge(limits.max_bytes);
    if announced.is_some_and(|bytes| bytes > limits.max_bytes) {
        return Err(too_large());
    }
    let mut press = Press { gzip: GzEncoder::new(file, Compression::default()), hash: Sha256::new() };
    let (mut body, mut batch) = (pin!(body), Vec::new());
    let (started, mut bytes, mut pressed) = (Instant::now(), 0_u64, 0_u64);
    loop {
        let next = timeout_at(deadline(started, bytes, limits), body.next()).await;
        let Some(chunk) = next.map_err(|_| SaveError::TooSlow)? else { break };
        let chunk = chunk.map_err(|_| SaveError::CutOff)?;
        bytes += chunk.len() as u64;
        if bytes > limits.max_bytes {
            return Err(too_large());
        }
        batch.push(chunk);
        if bytes - pressed >= BATCH {
            press = press.feed(std::mem::take(&mut batch)).await?;
            pressed = bytes;
        }
    }
    if announced.is_some_and(|announced| announced != bytes) {
        return Err(SaveError::CutOff);
    }
    let (file, sha256) = press.feed(batch).await?.finish().await?;
    Ok(Received { file, bytes, sha256 })
}

/// When the next byte must be there: each byte that came buys time.
fn deadline(started: Instant, bytes: u64, limits: Limits) -> Instant {
    let bought = std::time::Duration::from_secs(bytes / limits.slowest_bytes_per_second.max(1));
    started + (limits.grace + bought).min(limits.longest)
}

/// Moved to a thread that may block and back, piece by piece. Dropped anywhere, it takes its file away.
struct Press {
    gzip: GzEncoder<SpoolFile>,
    hash: Sha256,
}

impl Press {
    async fn feed(mut self, batch: Vec<Bytes>) -> Result<Self, SpoolError> {
        blocking(move || {
            for chunk in batch {
                self.hash.update(&chunk);
                self.gzip.write_all(&chunk)?;
            }
            Ok(self)
        })
        .await
    }

    async fn finish(self) -> Result<(SpoolFile, [u8; 32]), SpoolError> {
        blocking(move || Ok((self.gzip.finish()?, self.hash.finalize().into()))).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, SpoolError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(error) => Err(SpoolError::Disk(io::Error::other(error))),
    }
}
