//! Where uploads wait until they are whole: files in a folder, so many and so large and no more.
//!
//! A spooled file is gone with its handle, and those of a process that was killed are gone at the next start: what
//! lies here counts for nothing.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// Why nothing was spooled.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// As many uploads are under way as may be, or they take as much room as they may, or the server stops.
    #[error("too many uploads are under way")]
    Busy,
    /// The disk is full.
    #[error("the spool's disk is full")]
    Full(#[source] io::Error),
    /// The disk does not do what it should.
    #[error("the spool cannot be written")]
    Disk(#[source] io::Error),
}

impl From<io::Error> for SpoolError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(error),
            _ if error.get_ref().is_some_and(|inner| inner.is::<NoRoom>()) => Self::Busy,
            _ => Self::Disk(error),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the spool holds as much as it may")]
struct NoRoom;

/// The folder and what may be in it.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    places: Arc<Semaphore>,
    uploads: u32,
    room: Arc<Room>,
    /// Held as long as this process may spool here.
    _lock: File,
}

/// In the folder, and never an upload.
const LOCK: &str = "lock";

#[derive(Debug)]
struct Room {
    used: AtomicU64,
    limit: u64,
}

impl Spool {
    /// Makes the folder if it is not there, and empties it, unless another server is at work in it.
    ///
    /// # Errors
    /// If the folder cannot be made or emptied.
    pub fn open(folder: &Path, uploads: u32, bytes: u64) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(folder.join(LOCK))?;
        // A file system without locks is emptied: it has one process like any other.
        if !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
            empty(folder)?;
        }
        // Shared from now on: a third process must not empty it while any is left.
        drop(lock.lock_shared());
        Ok(Self {
            folder: folder.to_owned(),
            places: Arc::new(Semaphore::new(uploads as usize)),
            uploads,
            room: Arc::new(Room { used: AtomicU64::new(0), limit: bytes }),
            _lock: lock,
        })
    }

    /// An empty file.
    ///
    /// # Errors
    /// See [`SpoolError`].
    pub fn begin(&self) -> Result<SpoolFile, SpoolError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| SpoolError::Busy)?;
        let path = self.folder.join(Uuid::new_v4().to_string());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(SpoolFile { file, path, bytes: 0, room: Arc::clone(&self.room), _place: place })
    }

    /// Uploads under way.
    #[must_use]
    pub fn uploads(&self) -> u32 {
        let free = u32::try_from(self.places.available_permits()).unwrap_or(u32::MAX);
        self.uploads.saturating_sub(free)
    }

    /// Bytes that they take on the disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.room.used.load(Ordering::Relaxed)
    }

    /// Begins no more uploads, and returns once those under way have ended.
    pub async fn close(&self) {
        // Fails only where it was closed before.
        drop(self.places.acquire_many(self.uploads).await);
        self.places.close();
    }
}

fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name() != LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A file of one upload. Dropping it takes it away.
#[derive(Debug)]
pub struct SpoolFile {
    file: File,
    path: PathBuf,
    bytes: u64,
    room: Arc<Room>,
    _place: OwnedSemaphorePermit,
}

impl SpoolFile {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Write for SpoolFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let wanted = bytes.len() as u64;
        // Counted first: two uploads must not both find the last of the room.
        let used = self.room.used.fetch_add(wanted, Ordering::Relaxed);
        self.bytes += wanted;
        if used.saturating_add(wanted) > self.room.limit {
            return Err(io::Error::other(NoRoom));
        }
        self.file.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for SpoolFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "a spooled upload could not be removed; the next start does it");
        }
        self.room.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
