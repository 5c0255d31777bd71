//! Files of one folder and no other, wherever links and `gitdir:` lines point.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A folder that nothing is read outside of.
#[derive(Debug)]
pub(super) struct Confined {
    root: PathBuf,
}

impl Confined {
    pub(super) fn to(root: &Path) -> Option<Self> {
        Some(Self { root: root.canonicalize().ok()? })
    }

    /// The real path of a folder within.
    pub(super) fn folder(&self, path: &Path) -> Option<PathBuf> {
        let real = path.canonicalize().ok()?;
        (real.starts_with(&self.root) && real.is_dir()).then_some(real)
    }

    /// A file within. Pipes and devices are none: opening one may wait for ever.
    pub(super) fn open(&self, path: &Path) -> Option<File> {
        let real = path.canonicalize().ok()?;
        let fits = real.starts_with(&self.root) && fs::metadata(&real).ok()?.is_file();
        if fits { File::open(real).ok() } else { None }
    }

    /// A file within, if it is no larger than this.
    pub(super) fn read(&self, path: &Path, limit: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.take(limit + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= limit).then_some(bytes)
    }

    /// A small text within, whatever its bytes.
    pub(super) fn text(&self, path: &Path, limit: u64) -> Option<String> {
        self.read(path, limit).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}
