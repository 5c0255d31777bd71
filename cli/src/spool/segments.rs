//! The segments: numbered files to whose end entries are written.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use uuid::Uuid;

use super::{Place, SpoolError, folder, line};

/// What a segment's name ends with.
const SUFFIX: &str = ".events";

/// A segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// Its place in the order.
    pub(super) number: u64,
    /// The file's name: the number, and something that no other has.
    pub(super) name: String,
    /// Its length when it was looked at.
    pub(super) bytes: u64,
}

/// All segments in their order.
pub(super) fn list(folder: &Path) -> Result<Vec<Segment>, SpoolError> {
    let told = || SpoolError::io("read", folder);
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder).map_err(told())? {
        let entry = entry.map_err(told())?;
        let name = entry.file_name();
        let Some((name, number)) = name.to_str().and_then(|name| Some((name, number(name)?))) else {
            continue;
        };
        // The sender may have removed it meanwhile.
        if let Ok(found) = entry.metadata()
            && found.is_file()
        {
            segments.push(Segment { number, name: name.to_owned(), bytes: found.len() });
        }
    }
    segments.sort_by(|one, other| (one.number, &one.name).cmp(&(other.number, &other.name)));
    Ok(segments)
}

fn number(name: &str) -> Option<u64> {
    name.strip_suffix(SUFFIX)?.split_once('-')?.0.parse().ok()
}

/// Writes lines to the end of the last segment, or of a new one; all of them or none. The caller holds the lock. They
/// are durable once the file is synced.
pub(super) fn append(
    folder: &Path,
    segments: &[Segment],
    segment_bytes: u64,
    lines: &[u8],
) -> Result<(File, Place), SpoolError> {
    let last = segments.last().filter(|last| last.bytes < segment_bytes);
    if last.is_none() {
        // What was cut off at the end of the one before is cut away as long as it is the last.
        mend_last(folder)?;
    }
    let name = last.map_or_else(|| next_name(segments), |last| last.name.clone());
    let path = folder.join(&name);
    let told = || SpoolError::io("write", &path);
    let mut file = folder::open_to_append(&path)?;
    if last.is_none() {
        // Others write to it as soon as the lock is free, and rely on its name.
        folder::sync(folder)?;
    }
    let offset = mend(&mut file).map_err(told())?;
    if let Err(error) = file.write_all(lines) {
        // What was written is cut off again; if that fails too, the next one to write does it.
        drop(file.set_len(offset));
        return Err(told()(error));
    }
    Ok((file, Place { segment: name, offset: offset + lines.len() as u64 }))
}

fn next_name(segments: &[Segment]) -> String {
    let number = segments.last().map_or(1, |last| last.number.saturating_add(1));
    let own = Uuid::new_v4().simple().to_string();
    format!("{number:012}-{}{SUFFIX}", own.get(..8).unwrap_or_default())
}

/// Does to the last segment what is done before each write to it. The caller holds the lock.
pub(super) fn mend_last(folder: &Path) -> Result<(), SpoolError> {
    let Some(last) = list(folder)?.pop().filter(|last| last.bytes > 0) else { return Ok(()) };
    let path = folder.join(&last.name);
    let mut file = folder::open_to_append(&path)?;
    mend(&mut file).map(drop).map_err(SpoolError::io("write", &path))
}

/// Cuts off the end of a write that was cut off, which was never acknowledged; gives the length. An entry that only
/// lost its newline is kept.
fn mend(file: &mut File) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    if length == 0 || last_bytes(file, length, 1)? == b"\n" {
        return Ok(length);
    }
    let mut reach = (64 << 10).min(length);
    loop {
        let tail = last_bytes(file, length, reach)?;
        match tail.iter().rposition(|byte| *byte == b'\n') {
            None if reach < length => reach = (reach * 4).min(length),
            newline => {
                let begin = newline.map_or(0, |newline| newline + 1);
                if line::lacks_only_newline(&tail[begin..]) {
                    file.write_all(b"\n")?;
                    return Ok(length + 1);
                }
                let kept = length - (tail.len() - begin) as u64;
                file.set_len(kept)?;
                return Ok(kept);
            }
        }
    }
}

fn last_bytes(file: &mut File, length: u64, reach: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(length - reach))?;
    let mut bytes = Vec::new();
    file.take(reach).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The bytes of a segment from `offset` on, `most` at most; none where the sender removed it.
pub(super) fn read(folder: &Path, name: &str, offset: u64, most: u64) -> Result<Vec<u8>, SpoolError> {
    let path = folder.join(name);
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(&path)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(SpoolError::io("read", &path)),
    }
}
