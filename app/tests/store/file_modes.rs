//! Nobody else on the host reads what is kept (S-37).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use app::event_store::EventStore;
use app::event_store::sqlite::{SqliteOptions, SqliteStore};
use app::migrate::{self, Database};
use serde_json::json;

use crate::home::event;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_database_and_its_folder_are_only_for_their_owner() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let path = folder.join("app.db");
    migrate::run(&Database::Sqlite(path.clone()), |_| ()).await.unwrap();
    let store = SqliteStore::open(&path, &SqliteOptions::default());
    store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap();
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    for beside in ["app.db", "app.db-wal", "app.db-shm"] {
        assert!(files.contains(&folder.join(beside)), "{files:?}");
    }
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_a_database_that_exist_keep_their_modes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    migrate::run(&Database::Sqlite(path.clone()), |_| ()).await.unwrap();
    assert_eq!((mode(folder.path()), mode(&path)), (0o755, 0o640));
}
