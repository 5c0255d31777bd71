//! Transcripts that wait: a link to each, so that it is still there when its agent has cleaned up.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use contract::terminal::one_line;
use uuid::Uuid;

use super::{Kept, SpoolError, folder as spool_folder};
use crate::event::is_session_id;

/// Holds the links.
const FOLDER: &str = "transcripts";
/// A link whose entry is not written yet.
const PREPARED: &str = "part";
/// Who prepares one needs seconds; what is older was left behind by a process that was killed.
const LONGEST_PREPARATION: TimeDelta = TimeDelta::hours(1);

/// A transcript whose link is there under a name that does not count yet.
pub(super) struct Pending {
    kept: Kept,
    prepared: Option<PathBuf>,
}

/// Where the links are.
pub(super) fn folder(spool: &Path) -> PathBuf {
    spool.join(FOLDER)
}

/// Links a transcript into the spool, or copies it where the disk is another one. A transcript that is not there is no
/// failure: its entry tells why, and the events around it are kept.
pub(super) fn prepare(
    spool: &Path,
    session_id: String,
    path: &Path,
    content_type: String,
) -> Result<Pending, SpoolError> {
    let links = folder(spool);
    spool_folder::make(&links)?;
    let prepared = links.join(Uuid::now_v7().simple().to_string()).with_extension(PREPARED);
    let linked = if is_session_id(&session_id) {
        link(path, &prepared).map_err(|error| error.to_string())
    } else {
        Err("its session has no valid id".to_owned())
    };
    let plain = content_type.len() <= 100 && content_type.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let content_type = if plain { content_type } else { "application/octet-stream".to_owned() };
    let from = one_line(&path.to_string_lossy(), 500);
    let trouble = linked.as_ref().err().cloned();
    let kept = Kept { session_id, content_type, from, file: None, trouble, added_at: Utc::now() };
    Ok(Pending { kept, prepared: linked.is_ok().then_some(prepared) })
}

fn link(path: &Path, to: &Path) -> io::Result<()> {
    // A link to a link would keep nothing.
    let path = path.canonicalize()?;
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if fs::hard_link(&path, to).is_ok() {
        return Ok(());
    }
    let mut copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut File::open(&path)?, &mut copy)
        .and_then(|_| copy.sync_all())
        .inspect_err(|_| drop(fs::remove_file(to)))
}

impl Pending {
    /// Lets the link count; the caller holds the lock.
    pub(super) fn settle(mut self, most: usize) -> Kept {
        let mut kept = self.kept.clone();
        let Some(prepared) = self.prepared.take() else { return kept };
        let linked = prepared.with_extension("");
        let waiting = prepared.parent().map_or(0, count);
        let settled = if waiting >= most {
            Err(format!("{waiting} transcripts wait already, and no more are kept"))
        } else {
            fs::rename(&prepared, &linked).map_err(|error| error.to_string())
        };
        match settled {
            Ok(()) => kept.file = linked.file_name().map(|name| name.to_string_lossy().into_owned()),
            Err(trouble) => {
                drop(fs::remove_file(&prepared));
                kept.trouble = Some(trouble);
            }
        }
        kept
    }
}

/// What is given up before it counted leaves nothing.
impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(prepared) = &self.prepared {
            drop(fs::remove_file(prepared));
        }
    }
}

/// Links that count.
fn count(links: &Path) -> usize {
    let Ok(entries) = fs::read_dir(links) else { return 0 };
    entries.flatten().filter(|entry| Path::new(&entry.file_name()).extension().is_none()).count()
}

impl Kept {
    /// The link, if there is one. Its name must be one that was made here.
    pub(super) fn path(&self, spool: &Path) -> Option<PathBuf> {
        let name = self.file.as_deref()?;
        Uuid::parse_str(name).ok()?;
        Some(folder(spool).join(name))
    }
}

/// Removes what no entry refers to any more: everything, when nothing waits. The caller holds the lock.
pub(super) fn sweep(spool: &Path) {
    let Ok(entries) = fs::read_dir(folder(spool)) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_none() || was_left_behind(&path) {
            drop(fs::remove_file(path));
        }
    }
}

fn was_left_behind(prepared: &Path) -> bool {
    let made = || {
        let id = Uuid::parse_str(prepared.file_stem()?.to_str()?).ok()?;
        let (seconds, _) = id.get_timestamp()?.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)
    };
    made().is_none_or(|made| (Utc::now() - made).abs() > LONGEST_PREPARATION)
}
