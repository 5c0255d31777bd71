//! Blobs as files: durable once named, and only whole ones have a name.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;

use super::failure::{BlobError, classify};

/// The folder.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    /// Held by a server as long as it may write here.
    lock: OnceLock<File>,
}

/// In the folder, and never a blob: no key is like it.
const LOCK: &str = "lock";

impl Files {
    /// Makes the folder if it is not there; what is in it stays.
    pub(super) fn open(folder: &Path) -> Result<Self, BlobError> {
        fs::create_dir_all(folder).map_err(BlobError::spool)?;
        Ok(Self { folder: folder.to_owned(), lock: OnceLock::new() })
    }

    /// Takes away what was being written when the process was killed, unless another one is at work in the folder.
    pub(super) fn remove_unfinished(&self) -> Result<(), BlobError> {
        let remove = || {
            let path = self.folder.join(LOCK);
            let lock = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
            // A file system without locks is cleaned: it has one process like any other.
            if !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
                remove_unnamed(&self.folder, 3)?;
            }
            // Shared from now on: a third process must not clean while any is left.
            drop(lock.lock_shared());
            Ok(lock)
        };
        let lock = remove().map_err(BlobError::spool)?;
        drop(self.lock.set(lock));
        Ok(())
    }

    /// A store that syncs file and folder before it says that a blob is kept.
    pub(super) fn store(&self) -> Result<Arc<dyn ObjectStore>, BlobError> {
        let files = LocalFileSystem::new_with_prefix(&self.folder).map_err(classify)?;
        Ok(Arc::new(files.with_fsync(true).with_automatic_cleanup(true)))
    }

    /// Writes a byte: a full disk, a folder of someone else's and one that is gone are seen by nothing less.
    pub(super) async fn probe(files: Arc<Self>) -> Result<(), BlobError> {
        let write = move || {
            let mut file = tempfile::Builder::new().prefix("probe#").tempfile_in(&files.folder)?;
            file.write_all(b"1")
        };
        match tokio::task::spawn_blocking(write).await {
            Ok(written) => written.map_err(BlobError::spool),
            Err(error) => Err(BlobError::Unavailable(Box::new(error))),
        }
    }
}

/// `LocalFileSystem` writes to `NAME#1` and renames; nobody else writes here, and this process has just begun.
fn remove_unnamed(folder: &Path, depth: u32) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && depth > 0 {
            remove_unnamed(&entry.path(), depth - 1)?;
        } else if kind.is_file() && entry.file_name().as_encoded_bytes().contains(&b'#') {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
