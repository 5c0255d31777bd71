//! Compressed bodies: ordinary ones, and one that is far larger once decoded.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::read::GzDecoder;
use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};

use crate::payload::Step;

/// Decoded size of one block of the bomb.
const BLOCK: usize = 1 << 20;
/// A gzip header without name or time.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// An empty, final deflate block.
const END: [u8; 2] = [0x03, 0x00];

/// The body compressed; `None` should that fail.
pub(crate) fn compressed(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// What a client compressed; `None` if it did not.
pub(crate) fn decompressed(body: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    GzDecoder::new(body).take(1 << 20).read_to_end(&mut decoded).ok()?;
    Some(decoded)
}

/// A body that decodes to `[` and blanks, `decoded_bytes` in all, and is about a thousand times smaller.
pub(crate) fn bomb(decoded_bytes: u64) -> Vec<Step> {
    let mut crc = Crc::new();
    let mut steps = vec![Step::Data(Bytes::from_static(&HEADER))];
    let mut left = decoded_bytes;
    if left > 0 {
        crc.update(b"[");
        left -= 1;
        steps.extend(block(b"[").map(Step::Data));
    }
    let blanks = vec![b' '; BLOCK];
    let mut block_crc = Crc::new();
    block_crc.update(&blanks);
    if let Some(packed) = block(&blanks) {
        let whole = left / BLOCK as u64;
        for _ in 0..whole {
            crc.combine(&block_crc);
        }
        steps.push(Step::Repeat { left: whole * packed.len() as u64, chunk: packed });
        left %= BLOCK as u64;
    }
    let rest = &blanks[..usize::try_from(left).unwrap_or(0)];
    crc.update(rest);
    steps.extend(block(rest).map(Step::Data));
    let mut end = END.to_vec();
    end.extend_from_slice(&crc.sum().to_le_bytes());
    end.extend_from_slice(&crc.amount().to_le_bytes());
    steps.push(Step::Data(end.into()));
    steps
}

/// A deflate block that stands by itself and is not the last.
fn block(data: &[u8]) -> Option<Bytes> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).ok()?;
    encoder.flush().ok()?;
    Some(Bytes::from(encoder.get_ref().clone()))
}

#[cfg(test)]
mod tests {
    use super::{Step, bomb};
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[test]
    fn the_bomb_is_valid_gzip_of_the_size_asked_for() {
        for size in [0_u64, 1, 5, 3 * (1 << 20) + 77] {
            let mut packed = Vec::new();
            for step in bomb(size) {
                match step {
                    Step::Data(data) => packed.extend_from_slice(&data),
                    Step::Repeat { chunk, left } => {
                        packed.extend_from_slice(&chunk.repeat(usize::try_from(left).unwrap() / chunk.len()));
                    }
                    other => panic!("{other:?}"),
                }
            }
            let mut decoded = Vec::new();
            GzDecoder::new(packed.as_slice()).read_to_end(&mut decoded).unwrap();
            assert_eq!(decoded.len() as u64, size);
        }
    }
}
