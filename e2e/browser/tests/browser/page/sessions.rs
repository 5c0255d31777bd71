use browser_tests::browser::in_browser;
use browser_tests::history::{self, event, session_id};
use serde_json::json;

use super::ground;

const ROWS: &str = "all('#sessions tr[data-session]').length";

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_paged_filtered_and_live_without_jumping() {
    in_browser("sessions", async |browser| {
        let ground = ground(false).await;
        ground.app.send(&history::sessions(230)).await;
        ground.sign_in(browser, "/").await;
        browser.until(&format!("{ROWS} >= 50")).await;
        browser.js("window.same = true").await;
        assert!(browser.text(&format!("#sessions tr[data-session={}]", session_id(0))).await.contains("running"));
        // To the end, page by page.
        browser.until(&format!("(scrollTo(0, document.body.scrollHeight), {ROWS} === 230)")).await;
        browser.js("scrollTo(0, 600)").await;
        let link = format!("#sessions tr[data-session={}] a", session_id(9));
        browser.js(&format!("deep('{link}').focus({{ preventScroll: true }})")).await;
        // A new one appears by itself; focus and place stay.
        let new = event("session.start", "brand-new", "garden", chrono::Utc::now(), &json!({ "model": "m" }));
        ground.app.send(&[new]).await;
        browser.until("!!deep('#sessions tr[data-session=brand-new]')").await;
        assert!(browser.has_focus(&link).await, "the focus is on {}", browser.focused().await);
        // Filters stand in the address and narrow.
        browser.fill("#filter-workspace", "thesis").await;
        browser.until(&format!("{ROWS} === 46")).await;
        assert!(browser.js("location.search").await.as_str().unwrap().contains("workspace=thesis"));
        browser.reload().await;
        browser.until(&format!("{ROWS} === 46")).await;
        browser.fill("#filter-workspace", "no such workspace").await;
        browser.until_text("#view", "No session fits").await;
        browser.click("#clear-filters").await;
        browser.until(&format!("{ROWS} >= 50")).await;
        browser.js("void (deep('#filter-from').value = '2031-01-01', deep('#filter-from').dispatchEvent(new Event('change', { bubbles: true })))").await;
        browser.until_text("#view", "No session fits").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_server_says_what_to_do_next() {
    in_browser("empty", async |browser| {
        let ground = ground(false).await;
        ground.sign_in(browser, "/").await;
        browser.until_text("#view", "No sessions yet").await;
        assert!(browser.text("#view").await.contains("remote-agent hook"));
        browser.click("#nav a[data-view=activity]").await;
        browser.until_text("#view", "No git activity yet").await;
        browser.click("#nav a[data-view=dead-letters]").await;
        browser.until_text("#view", "No dead letters").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_said_to_be_away_and_the_list_goes_on_when_it_is_back() {
    in_browser("offline", async |browser| {
        let ground = ground(false).await;
        ground.app.send(&history::sessions(3)).await;
        ground.sign_in(browser, "/").await;
        browser.until(&format!("{ROWS} === 3")).await;
        browser
            .cdp(
                "Network.emulateNetworkConditions",
                json!({ "offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 }),
            )
            .await;
        browser.until("deep('#offline').getClientRects().length > 0").await;
        assert_eq!(browser.js(ROWS).await, 3, "what was there is gone");
        browser
            .cdp(
                "Network.emulateNetworkConditions",
                json!({ "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 }),
            )
            .await;
        browser.until("deep('#offline').getClientRects().length === 0").await;
    })
    .await;
}
