//! What a person sees while it runs.

use contract::{Severity, VersionState};
use releases::notes::one_line;
use service::screen::{complain, print};
use watcher::checker::Checker;

use crate::demo;
use crate::parts::ApiKey;

/// A line on stderr.
pub(crate) fn talk(text: &str) {
    complain("sidewatch", text);
}

/// What is told at the start.
pub(crate) struct Welcome<'a> {
    /// What is watched.
    pub(crate) repo: &'a str,
    /// The watcher's port.
    pub(crate) watcher: u16,
    /// Remote Agent's port.
    pub(crate) app: u16,
    /// What opens its API.
    pub(crate) key: &'a ApiKey,
    /// Whether this is the demo.
    pub(crate) demo: bool,
}

/// What runs, and where to look.
pub(crate) fn welcome(welcome: &Welcome<'_>) {
    let (app, watcher) = (welcome.app, welcome.watcher);
    print("\nRemote Agent");
    print(&format!("  the page       http://localhost:{app}"));
    print(&format!("  all routes     http://localhost:{app}/docs"));
    match welcome.key {
        ApiKey::Configured => print("  the API key    the one that you configured"),
        ApiKey::Made(key) => print(&format!("  the API key    {key}   (shown only now)")),
        ApiKey::Kept(file) => print(&format!("  the API key    in {file}")),
    }
    print(&format!("\nSidewatch, watching {}", welcome.repo));
    print(&format!("  the state      http://localhost:{watcher}/api/version"));
    print(&format!("  what changed   http://localhost:{watcher}/api/changelog"));
    print(&format!("  all routes     http://localhost:{watcher}/docs\n"));
    if welcome.demo {
        let seconds = demo::PUBLISHED_AFTER.as_secs();
        print(&format!(
            "This is the demo: a stand-in plays GitHub and publishes v1.3.0 in {seconds} seconds.\n\
             Open the page and sign in with the key to see it appear."
        ));
    }
    print("Ctrl-C ends it.\n");
}

/// Prints every change of the first target's state.
pub(crate) async fn follow(checker: &Checker) {
    let Some(watched) = checker.targets().first() else { return };
    let mut changes = watched.changes();
    let mut settled = watched.settled();
    drop(settled.wait_for(|settled| *settled).await);
    let mut last = String::new();
    loop {
        let told = sentence(&watched.state());
        if told != last {
            print(&told);
            last = told;
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

fn sentence(state: &VersionState) -> String {
    let shown = |text: &Option<String>| {
        text.as_deref().map_or_else(|| "unknown".to_owned(), |text| one_line(text, 60))
    };
    let (current, latest) = (shown(&state.current), shown(&state.latest));
    let verdict = match (state.update_available, state.severity) {
        (Some(true), Some(Severity::Security)) => format!("security update available: {current} → {latest}"),
        (Some(true), _) => format!("update available: {current} → {latest}"),
        (Some(false), _) => format!("up to date: {current}"),
        (None, _) => format!("cannot tell: running {current}, latest {latest}"),
    };
    match &state.error {
        Some(error) => format!("{verdict} ({})", one_line(&error.message, 300)),
        None => verdict,
    }
}
