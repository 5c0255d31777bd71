use browser_tests::browser::in_browser;
use browser_tests::history::{self, session_id};

use super::ground;

#[tokio::test(flavor = "multi_thread")]
async fn one_session_shows_its_facts_events_and_commits() {
    in_browser("session", async |browser| {
        let ground = ground(false).await;
        let events = history::sessions(4);
        let of_this = events.iter().filter(|event| event["sessionId"] == session_id(3)).count();
        ground.app.send(&events).await;
        ground.sign_in(browser, "/").await;
        browser.click(&format!("#sessions tr[data-session={}] a", session_id(3))).await;
        browser.until(&format!("all('#timeline li[data-event]').length === {of_this}")).await;
        let facts = browser.text("#facts").await;
        for wanted in ["claude-opus-4-5", "laptop", "$0."] {
            assert!(facts.contains(wanted), "no {wanted:?} in {facts:?}");
        }
        // Data is shown on demand.
        browser.click("#timeline li[data-event] summary").await;
        browser.until_text("#timeline", "/home/me/weather-station").await;
        browser.click(".tabs a[data-tab=commits]").await;
        browser.until_text("#commits", "Refuse a ledger whose sums differ").await;
        browser.click(".tabs a[data-tab=transcript]").await;
        browser.until_text("#view", "No transcript").await;
        browser.open(&ground.at("/?session=nobody-knows-it")).await;
        browser.until_text("#view", "No event names this session").await;
    })
    .await;
}
