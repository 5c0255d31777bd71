use browser_tests::browser::in_browser;
use browser_tests::wait_for;

use super::ground;

/// Where the server keeps its queue.
const STREAM: &str = "remote-agent:{queue}:events";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_shown_with_its_cause_and_can_be_tried_again() {
    in_browser("dead-letters", async |browser| {
        let ground = ground(true).await;
        let url = ground.app.redis.as_ref().unwrap().url();
        let mut redis = redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap();
        for garbage in ["{", "<img src=x onerror=__hit(1)>", "[]"] {
            let mut command = redis::cmd("XADD");
            command.arg(STREAM).arg("*").arg("event").arg(garbage);
            let _: String = command.query_async(&mut redis).await.unwrap();
        }
        let letters = async || ground.app.json("/api/dead-letters").await["items"].as_array().unwrap().len();
        wait_for("dead letters", async || letters().await == 3).await;
        ground.sign_in(browser, "/?view=dead-letters").await;
        browser.until("all('#dead-letters li[data-letter]').length === 3").await;
        browser.until_text("#dead-count", "3").await;
        browser.click("#dead-letters li[data-letter]:nth-of-type(2) summary").await;
        browser.until_text("#dead-letters", "<img src=x onerror=__hit(1)>").await;
        let first = browser.js("deep('#dead-letters li[data-letter]').dataset.letter").await;
        browser.click("#dead-letters li[data-letter] .replay").await;
        browser.until_text("#replay-result", "1 event put back").await;
        // It is still no event, so it comes back, as another letter.
        wait_for("its return", async || letters().await == 3).await;
        browser.reload().await;
        browser.until(&format!("all('#dead-letters li[data-letter]').length === 3 && deep('#dead-letters li[data-letter]').dataset.letter !== {first}")).await;
        browser.click("#replay-all").await;
        browser.element("dialog#confirm[open]").await;
        browser.press(thirtyfour::Key::Escape).await;
        browser.until("!deep('dialog#confirm[open]')").await;
        browser.click("#replay-all").await;
        browser.click("dialog#confirm[open] .primary").await;
        browser.until_text("#replay-result", "3 events put back").await;
    })
    .await;
}
