//! The page of Remote Agent's server, in front of the real server and the real watcher.

mod activity;
mod dead_letters;
mod hostile_data;
mod looks;
mod places;
mod session;
mod sessions;
mod settings;
mod sign_in;
mod transcript;

use browser_tests::browser::Browser;
use browser_tests::real::{self, App, KEY, Running};
use fake_github::FakeGithub;

/// What the page stands on.
pub(crate) struct Ground {
    pub(crate) app: App,
    pub(crate) watcher: Running,
    pub(crate) _fake: FakeGithub,
}

/// A server with a watcher; with a real Redis as its queue if wanted.
pub(crate) async fn ground(with_queue: bool) -> Ground {
    let fake = real::github().await;
    let watcher = real::watcher(&fake, &[]).await;
    let app = real::app(&watcher.url, with_queue).await;
    Ground { app, watcher, _fake: fake }
}

impl Ground {
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.app.running.url)
    }

    /// Opens a view and signs in there.
    pub(crate) async fn sign_in(&self, browser: &Browser, path: &str) {
        browser.open(&self.at(path)).await;
        browser.fill("#key", KEY).await;
        browser.press(thirtyfour::Key::Enter).await;
        browser.until("!deep('#key') && deep('#nav').getClientRects().length > 0").await;
    }
}
