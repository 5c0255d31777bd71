use browser_tests::browser::in_browser;
use browser_tests::history::{self, session_id};

use super::ground;

#[tokio::test(flavor = "multi_thread")]
async fn back_forward_reload_and_a_copied_address_lead_to_the_same_view() {
    in_browser("places", async |browser| {
        let ground = ground(false).await;
        ground.app.send(&history::sessions(5)).await;
        ground.sign_in(browser, "/").await;
        browser.click(&format!("#sessions tr[data-session={}] a", session_id(2))).await;
        browser.until("deep('#view').dataset.view === 'session' && !!deep('#timeline li')").await;
        browser.click(".tabs a[data-tab=commits]").await;
        browser.until("!!deep('#commits')").await;
        browser.click("#nav a[data-view=activity]").await;
        browser.until("deep('#view').dataset.view === 'activity'").await;
        browser.click("#nav a[data-view=settings]").await;
        browser.until("deep('#view').dataset.view === 'settings'").await;
        assert_eq!(browser.js("deep('#nav a[aria-current]').dataset.view").await, "settings");
        browser.reload().await;
        browser.until("deep('#view').dataset.view === 'settings'").await;
        browser.back().await;
        browser.until("deep('#view').dataset.view === 'activity'").await;
        browser.back().await;
        browser.until("deep('#view').dataset.view === 'session' && !!deep('#commits')").await;
        let copied = browser.js("location.href").await;
        browser.back().await;
        browser.until("!!deep('#timeline li')").await;
        browser.forward().await;
        browser.until("!!deep('#commits')").await;
        browser.open("about:blank").await;
        browser.open(copied.as_str().unwrap()).await;
        browser.until("!!deep('#commits')").await;
        browser.open(&ground.at("/?view=no-such-view")).await;
        browser.until_text("#view", "Not found").await;
    })
    .await;
}
