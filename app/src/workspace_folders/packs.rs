//! A commit in a pack, found by the pack's index. After a clone all commits lie there.
//!
//! A commit that is kept as its difference from another one is not read: that is rare, and never the newest.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::commit::inflate;
use super::confined::Confined;

/// Most packs that are searched.
const MOST: usize = 200;
/// What an index of version 2 begins with.
const MAGIC: &[u8; 8] = b"\xfftOc\0\0\0\x02";
/// Where the ids begin: after the beginning and 256 counts.
const IDS: u64 = 8 + 256 * 4;
/// The kind of an object that is a commit, whole.
const COMMIT: u8 = 1;

/// The beginning of the commit, if a pack holds it whole.
pub(super) fn commit(confined: &Confined, objects: &Path, id: &str) -> Option<Vec<u8>> {
    let id = hex::decode(id).ok()?;
    let folder = confined.folder(&objects.join("pack"))?;
    let files = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let indexes = files.filter(|path| path.extension().is_some_and(|ending| ending == "idx"));
    indexes.take(MOST).find_map(|index| {
        let offset = find(&confined.open(&index)?, &id)?;
        read(confined.open(&index.with_extension("pack"))?, offset)
    })
}

/// Where the pack holds the object with this id.
fn find(index: &File, id: &[u8]) -> Option<u64> {
    if bytes::<8>(index, 0)? != *MAGIC {
        return None;
    }
    let count = |first: u8| Some(u64::from(number(index, 8 + u64::from(first) * 4)?));
    let first = *id.first()?;
    let (mut low, mut high) = (if first == 0 { 0 } else { count(first - 1)? }, count(first)?);
    let length = id.len() as u64;
    let mut found = vec![0; id.len()];
    while low < high {
        let middle = low + (high - low) / 2;
        index.read_exact_at(&mut found, IDS + middle * length).ok()?;
        match found.as_slice().cmp(id) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return offset(index, middle, count(255)?, length),
        }
    }
    None
}

/// Ids, then checksums, then places of four bytes, then places of eight for what lies beyond two gigabytes.
fn offset(index: &File, place: u64, count: u64, length: u64) -> Option<u64> {
    let places = IDS + count * (length + 4);
    let near = number(index, places + place * 4)?;
    if near < 1 << 31 {
        return Some(near.into());
    }
    let far = places + count * 4 + u64::from(near & !(1 << 31)) * 8;
    Some(u64::from_be_bytes(bytes(index, far)?))
}

fn read(mut pack: File, offset: u64) -> Option<Vec<u8>> {
    let mut at = offset;
    let mut byte = bytes::<1>(&pack, at)?[0];
    if (byte >> 4) & 7 != COMMIT {
        return None;
    }
    // The size goes on while the highest bit is set; it is not needed.
    while byte & 0x80 != 0 && at - offset < 10 {
        at += 1;
        byte = bytes::<1>(&pack, at)?[0];
    }
    pack.seek(SeekFrom::Start(at.checked_add(1)?)).ok()?;
    inflate(pack)
}

fn number(file: &File, at: u64) -> Option<u32> {
    bytes(file, at).map(u32::from_be_bytes)
}

fn bytes<const N: usize>(file: &File, at: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact_at(&mut bytes, at).ok()?;
    Some(bytes)
}
