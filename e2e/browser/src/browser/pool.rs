//! Browsers that are done with a test serve another one: to start one takes longer than most tests. What a test could
//! have left behind is taken away in between.

use std::path::Path;
use std::sync::Mutex;

use serde_json::json;
use tempfile::TempDir;

use super::{Browser, Look, artefacts};

static IDLE: Mutex<Vec<Browser>> = Mutex::new(Vec::new());

pub(super) async fn take(name: &str) -> Browser {
    let idle = IDLE.lock().unwrap().pop();
    match idle {
        Some(mut browser) => {
            name.clone_into(&mut browser.name);
            browser
        }
        None => Browser::start(name).await,
    }
}

pub(super) async fn give_back(browser: Browser) {
    browser.forget().await;
    IDLE.lock().unwrap().push(browser);
}

impl Browser {
    /// As if it had just been started.
    async fn forget(&self) {
        let scripts = std::mem::take(&mut *self.scripts.lock().unwrap());
        for script in scripts {
            self.cdp("Page.removeScriptToEvaluateOnNewDocument", script).await;
        }
        self.js("(() => { try { localStorage.clear(); sessionStorage.clear(); } catch { return null; } })()")
            .await;
        self.open("about:blank").await;
        self.cdp("Network.clearBrowserCookies", json!({})).await;
        self.cdp("Network.clearBrowserCache", json!({})).await;
        self.look(Look::default()).await;
        drop(self.console().await);
        self.forbidden.forget();
    }
}

/// A folder for a browser's profile. Those of processes that are gone are deleted first: browsers that wait in here end
/// with the process, and nobody is left to tidy up after them.
pub(super) fn profile() -> TempDir {
    let folder = artefacts();
    let prefix = "profile-";
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(prefix).and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner).exists()) {
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
    let prefix = format!("{prefix}{}-", std::process::id());
    tempfile::Builder::new().prefix(&prefix).tempdir_in(folder).unwrap()
}
