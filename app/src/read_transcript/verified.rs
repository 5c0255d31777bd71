//! Unpacks a blob and holds the last piece back until all that came before is known to be right.

use std::io;

use async_compression::tokio::bufread::GzipDecoder;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use tokio_util::io::{ReaderStream, StreamReader};

use super::{Body, ReadError};
use crate::transcript_blobs::BlobError;

/// Uncompressed bytes at a time: what a blob that became a bomb can cost.
const PIECE: usize = 64 << 10;

/// The bytes of `blob`, if they are `bytes` long and have this digest.
pub(super) fn verified(blob: BoxStream<'static, Result<Bytes, BlobError>>, bytes: u64, sha256: &str) -> Body {
    let packed = StreamReader::new(blob.map_err(io::Error::other));
    let pieces = ReaderStream::with_capacity(GzipDecoder::new(packed), PIECE).map_err(read_error).boxed();
    let check = Check {
        pieces,
        hash: Sha256::new(),
        left: bytes,
        sha256: sha256.to_owned(),
        held: None,
        ended: false,
    };
    futures_util::stream::try_unfold(check, next).boxed()
}

struct Check {
    pieces: Body,
    hash: Sha256,
    /// Bytes that must still come.
    left: u64,
    sha256: String,
    held: Option<Bytes>,
    ended: bool,
}

async fn next(mut check: Check) -> Result<Option<(Bytes, Check)>, ReadError> {
    while !check.ended {
        let Some(piece) = check.pieces.next().await else {
            check.ended = true;
            if check.left != 0 || hex::encode(check.hash.finalize_reset()) != check.sha256 {
                return Err(ReadError::Corrupt);
            }
            break;
        };
        let piece = piece?;
        // More than was uploaded: not read any further, whatever it would grow to.
        check.left = check.left.checked_sub(piece.len() as u64).ok_or(ReadError::Corrupt)?;
        check.hash.update(&piece);
        if let Some(before) = check.held.replace(piece) {
            return Ok(Some((before, check)));
        }
    }
    Ok(check.held.take().map(|last| (last, check)))
}

/// What came from the blobs is theirs; all else says that the blob is no gzip, or ends early.
fn read_error(error: io::Error) -> ReadError {
    match error.downcast::<BlobError>() {
        Ok(error) => error.into(),
        Err(_) => ReadError::Corrupt,
    }
}
