//! The folders of `WORKSPACES_DIR`, and what their git repositories tell of themselves.
//!
//! Whatever lies there was written by others. So git is never run (a repository's own settings make it run programs),
//! only a few small files are read, none outside the folder, and what cannot be read is `null`.

mod commit;
mod confined;
mod packs;
mod remote;
mod repository;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use contract::WorkspaceFolder;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::domain::text;
use confined::Confined;

/// Most folders that are told.
const MOST: usize = 500;
/// Most entries that are looked at to find them.
const LOOKED_AT: usize = 10_000;
/// As old may an answer be.
const FRESH: Duration = Duration::from_secs(5);
/// Nobody waits longer for a disk; who comes then is told what was known before.
const PATIENCE: Duration = Duration::from_secs(1);

/// Folders by name.
type Folders = BTreeMap<String, WorkspaceFolder>;

/// The folders, looked at again when somebody asks and the last look is a few seconds old.
#[derive(Debug)]
pub struct WorkspaceFolders {
    root: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    folders: Folders,
    looked_at: Option<Instant>,
    /// A look that takes longer than anybody waits. There is never a second one beside it.
    looking: Option<JoinHandle<Folders>>,
}

impl WorkspaceFolders {
    /// Those of this folder. It need not be there yet.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), known: Mutex::default() }
    }

    /// The folders by name, at most 500.
    pub async fn list(&self) -> BTreeMap<String, WorkspaceFolder> {
        let mut known = self.known.lock().await;
        if known.looked_at.is_none_or(|at| at.elapsed() >= FRESH) {
            known.look(&self.root).await;
        }
        known.folders.clone()
    }
}

impl Known {
    async fn look(&mut self, root: &Path) {
        let looking = self.looking.get_or_insert_with(|| {
            let root = root.to_owned();
            tokio::task::spawn_blocking(move || scan(&root))
        });
        match tokio::time::timeout(PATIENCE, looking).await {
            Ok(Ok(folders)) => (self.folders, self.looking) = (folders, None),
            Ok(Err(error)) => {
                tracing::warn!(%error, "looking at the workspaces' folders broke down");
                self.looking = None;
            }
            Err(_) => tracing::debug!("the workspaces' folders are slow to look at"),
        }
        self.looked_at = Some(Instant::now());
    }
}

fn scan(root: &Path) -> Folders {
    let mut folders = Folders::new();
    let (Some(confined), Ok(entries)) = (Confined::to(root), fs::read_dir(root)) else { return folders };
    for entry in entries.flatten().take(LOOKED_AT) {
        let name = entry.file_name().into_string().ok();
        let name = name.filter(|name| !name.starts_with('.') && text::name(name).is_ok());
        let folder = confined.folder(&entry.path());
        if let (Some(name), Some(folder)) = (name, folder)
            && fs::read_dir(&folder).is_ok()
        {
            folders.insert(name, repository::read(&confined, &folder).unwrap_or_default());
        }
        if folders.len() == MOST {
            break;
        }
    }
    folders
}
