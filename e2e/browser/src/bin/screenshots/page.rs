//! The page of Remote Agent's server, filled with some weeks of work.

use browser_tests::browser::{Browser, Look, in_browser};
use browser_tests::history::{self, session_id};
use browser_tests::real::{self, KEY};

use crate::Album;

pub(crate) async fn take(album: &Album) {
    in_browser("screenshots-page", async |browser| views(browser, album).await).await;
}

async fn views(browser: &Browser, album: &Album) {
    let fake = real::github().await;
    let watcher = real::watcher(&fake, &[]).await;
    let app = real::app(&watcher.url, false).await;
    let at = |path: &str| format!("{}{path}", app.running.url);
    browser.look(Look { height: 560, ..Look::default() }).await;
    browser.open(&at("/")).await;
    browser.element("#key").await;
    browser.picture("", 0.0, &album.any("page-sign-in-light")).await;
    browser.fill("#key", KEY).await;
    browser.press(thirtyfour::Key::Enter).await;
    browser.until_text("#view", "No sessions yet").await;
    browser.until_text("update-banner >> [part~=banner]", "Update available").await;
    browser.picture("", 0.0, &album.any("page-empty-light")).await;
    app.send(&history::sessions(90)).await;
    app.upload(&session_id(1), "application/jsonl", history::agent_transcript(40)).await;
    app.upload(&session_id(2), "text/plain", history::transcript(100_000)).await;
    let looks = [
        ("light", Look { height: 760, ..Look::default() }),
        ("dark", Look { height: 760, ..Look::dark() }),
        ("narrow", Look { height: 700, ..Look::narrow() }),
    ];
    for (look_name, look) in looks {
        browser.look(look).await;
        for (name, path, ready) in all() {
            browser.open(&at(&path)).await;
            browser.until(ready).await;
            browser.until_text("update-banner >> [part~=banner]", "Update available").await;
            let path = match best(name, look_name) {
                Some(file) => album.best(file),
                None => album.any(&format!("page-{name}-{look_name}")),
            };
            browser.picture("", 0.0, &path).await;
        }
    }
}

/// What the best pictures are called.
fn best(view: &str, look: &str) -> Option<&'static str> {
    match (view, look) {
        ("sessions", "light") => Some("page-sessions-light"),
        ("session", "dark") => Some("page-session-dark"),
        ("settings", "light") => Some("page-settings-light"),
        ("sessions", "narrow") => Some("page-narrow"),
        _ => None,
    }
}

/// Name, address, and what must be there.
fn all() -> Vec<(&'static str, String, &'static str)> {
    let session = |number: usize, tab: &str| format!("/?session={}{tab}", session_id(number));
    vec![
        ("sessions", "/".to_owned(), "all('#sessions tr[data-session]').length > 5"),
        ("session", session(1, ""), "all('#timeline li[data-event]').length > 5"),
        ("messages", session(1, "&tab=transcript"), "!!deep('#transcript-lines [data-line]')"),
        (
            "transcript",
            session(2, "&tab=transcript"),
            "deep('#transcript-status').textContent.includes('100,000')",
        ),
        (
            "activity",
            "/?view=activity".to_owned(),
            "!!deep('#activity li[data-activity]') && !!deep('#chart')",
        ),
        (
            "dead-letters",
            "/?view=dead-letters".to_owned(),
            "deep('#view').textContent.includes('No dead letters')",
        ),
        (
            "settings",
            "/settings".to_owned(),
            "!!deep('#health li') && deep('version-widget').shadowRoot?.textContent.includes('1.3.0')",
        ),
    ]
}
