use std::time::{Duration, Instant};

use browser_tests::browser::in_browser;
use browser_tests::history::{self, session_id};
use serde_json::json;
use thirtyfour::Key;

use super::ground;

const LINES: usize = 100_000;
const SHOWN: &str = "all('#transcript-lines [data-line]').length";

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_lines_are_there_soon_and_few_of_them_at_a_time() {
    in_browser("transcript", async |browser| {
        let ground = ground(false).await;
        ground.app.send(&history::sessions(1)).await;
        ground.app.upload(&session_id(0), "text/plain; charset=utf-8", history::transcript(LINES)).await;
        ground.sign_in(browser, "/").await;
        browser.element("#sessions tr[data-session]").await;
        let started = Instant::now();
        browser.open(&ground.at(&format!("/?session={}&tab=transcript", session_id(0)))).await;
        browser.until("!!deep('#transcript-lines [data-line=\"1\"]')").await;
        let first = started.elapsed();
        assert!(first < Duration::from_secs(3), "the first line came after {first:?}");
        browser.until_text("#transcript-status", "100,000 lines").await;
        println!(
            "transcript of {LINES} lines: first line after {first:?}, all after {:?}",
            started.elapsed()
        );
        assert!(browser.js(SHOWN).await.as_u64().unwrap() < 1000);
        assert!(browser.js("document.querySelectorAll('*').length").await.as_u64().unwrap() < 3000);
        // A line near the end is found by its text, and shown.
        browser.fill("#find", "the needle").await;
        browser.until("/^1 /u.test(deep('#find-count').textContent)").await;
        browser.press(Key::Enter).await;
        browser
            .until("deep('#transcript-lines [data-line=\"99990\"]')?.getBoundingClientRect().height > 0")
            .await;
        browser.until("!!deep('#transcript-lines [data-line=\"99990\"] mark')").await;
        assert!(browser.js(SHOWN).await.as_u64().unwrap() < 1000);
        // What is in it is text.
        let needle = browser.text("#transcript-lines [data-line=\"99990\"]").await;
        assert!(needle.contains("<img src=x onerror=__hit(1)>"), "{needle}");
        browser.click("#to-start").await;
        browser.until("!!deep('#transcript-lines [data-line=\"1\"]')").await;
        browser.click("#to-end").await;
        browser.until("!!deep('#transcript-lines [data-line=\"100000\"]')").await;
        browser.click("#wrap").await;
        browser.until("deep('#wrap').getAttribute('aria-pressed') === 'true'").await;
        assert!(browser.js(SHOWN).await.as_u64().unwrap() < 1000);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_wrote_can_be_read_and_seen_raw() {
    in_browser("messages", async |browser| {
        let ground = ground(false).await;
        ground.app.send(&history::sessions(1)).await;
        ground.app.upload(&session_id(0), "application/jsonl", history::agent_transcript(50)).await;
        ground.sign_in(browser, &format!("/?session={}&tab=transcript", session_id(0))).await;
        browser.until_text("#transcript-lines", "Answer 0: because <b>of this</b>.").await;
        assert!(browser.text("#transcript-lines").await.contains("Bash"), "the tool is named");
        assert_eq!(browser.js("all('#transcript-lines b').length").await, 0);
        browser.click("#readable").await;
        browser.until_text("#transcript-lines", "\"type\":\"assistant\"").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_megabytes_stays_one_message_and_what_is_no_text_says_so() {
    in_browser("odd-transcripts", async |browser| {
        let ground = ground(false).await;
        ground.app.send(&history::sessions(3)).await;
        let long = "A".repeat(1_500_000);
        let picture = json!({ "type": "user", "message": { "role": "user", "content": [
            { "type": "text", "text": "Look at this" }, { "type": "image", "source": { "data": long } },
        ] } });
        let reply = json!({ "type": "assistant", "message": { "role": "assistant", "content": "I see it" } });
        ground.app.upload(&session_id(0), "application/jsonl", format!("{picture}\n{reply}\n")).await;
        ground
            .app
            .upload(&session_id(1), "application/octet-stream", "\u{0}\u{1}\u{2}\u{fffd}".repeat(4000))
            .await;
        ground.app.upload(&session_id(2), "text/plain", "\n".to_owned()).await;
        let at = |number| format!("/?session={}&tab=transcript", session_id(number));
        ground.sign_in(browser, &at(0)).await;
        browser.until_text("#transcript-lines", "I see it").await;
        assert_eq!(browser.js("all('#transcript-lines [data-line]').length").await, 2);
        browser.open(&ground.at(&at(1))).await;
        browser.until_text("#transcript", "does not look like text").await;
        browser.open(&ground.at(&at(2))).await;
        browser.until_text("#transcript-status", "1 line").await;
    })
    .await;
}
