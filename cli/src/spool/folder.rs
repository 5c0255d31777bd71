//! The folder and small files in it: for their owner alone, and there after a crash.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::SpoolError;

/// Who writes needs a few milliseconds; one that holds the lock for this long is stopped.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// Between two looks whether a lock is free.
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);

/// What a small file is called until it is whole.
const NEW: &str = "new";

/// Makes the folder and those above it where they are missing, each of them durable before the next.
pub(super) fn make(folder: &Path) -> Result<(), SpoolError> {
    let told = SpoolError::io("make", folder);
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => {
            refuse_anothers(folder, &found)?;
            if found.permissions().mode() & 0o077 != 0 {
                fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(told)?;
            }
            Ok(())
        }
        Ok(_) => Err(told(io::Error::from(io::ErrorKind::NotADirectory))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
            match above.map(fs::metadata) {
                Some(Ok(found)) => refuse_anothers(folder, &found)?,
                Some(Err(_)) => above.map_or(Ok(()), make)?,
                None => {}
            }
            match DirBuilder::new().mode(0o700).create(folder) {
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made.map_err(told)?,
            }
            above.map_or(Ok(()), sync)
        }
        Err(error) => Err(told(error)),
    }
}

/// Root in the home of somebody else (`sudo git commit`) makes nothing there: its owner could not use it.
fn refuse_anothers(folder: &Path, found: &Metadata) -> Result<(), SpoolError> {
    let is_root = rustix::process::geteuid().is_root();
    if is_root && found.uid() != 0 { Err(SpoolError::AnotherUsers(folder.to_owned())) } else { Ok(()) }
}

/// Makes the names in a folder durable.
pub(super) fn sync(folder: &Path) -> Result<(), SpoolError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(SpoolError::io("write", folder))
}

/// Opens a file of the spool to read it and write to its end; makes it if it is not there.
pub(super) fn open_to_append(path: &Path) -> Result<File, SpoolError> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(SpoolError::io("write", path))
}

/// The lock of this name, once it is free. The kernel lets go of it when the file is closed, so also when its holder is
/// killed; children do not inherit it.
pub(super) fn lock(folder: &Path, name: &str) -> Result<File, SpoolError> {
    let path = folder.join(name);
    let file = open_to_append(&path)?;
    let until = Instant::now() + LONGEST_WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(BETWEEN_LOOKS),
            Err(TryLockError::WouldBlock) => return Err(SpoolError::Busy(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(SpoolError::io("lock", &path)(error)),
        }
    }
}

/// The same lock if it is free now.
pub(super) fn try_lock(folder: &Path, name: &str) -> Result<Option<File>, SpoolError> {
    let path = folder.join(name);
    let file = open_to_append(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(SpoolError::io("lock", &path)(error)),
    }
}

/// A small file's content; none if it is not there, cannot be read, or is large: nothing depends on one.
pub(super) fn read_small(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(64 << 10).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Puts a small file in the place of the one before, at once. It may be lost in a power cut, and is never half there
/// otherwise.
pub(super) fn write_small(path: &Path, text: &str) -> io::Result<()> {
    // Two processes may do this at once.
    let beside = path.with_extension(format!("{}.{NEW}", std::process::id()));
    let write = || {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&beside, path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&beside)))
}

/// Removes small files that a killed process did not put in their place. One that is being written now is lost, which
/// [`write_small`] allows.
pub(super) fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|extension| extension == NEW) {
            drop(fs::remove_file(path));
        }
    }
}
