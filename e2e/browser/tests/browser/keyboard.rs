//! Everything by keyboard: each button can be reached, used and left, and one sees where one is.

use browser_tests::browser::in_browser;
use browser_tests::faces::{up_to_date, update};
use browser_tests::stub::{Stub, changelog, entry};
use serde_json::json;
use thirtyfour::Key;

use crate::changelog::OPEN;
use crate::{BANNER_FRAME, banner, widget};

#[tokio::test(flavor = "multi_thread")]
async fn tab_goes_through_everything_once_shows_where_it_is_and_comes_out() {
    in_browser("tab", async |browser| {
        let stub = Stub::start(update()).await;
        browser.open(&stub.url).await;
        browser.until_text(BANNER_FRAME, "Update available").await;
        let mut visited = Vec::new();
        for _ in 0..40 {
            browser.press(Key::Tab).await;
            let at = browser.focused().await;
            assert!(browser.focus_is_visible().await, "one cannot see that the focus is on {at}");
            visited.push(at.clone());
            if browser.has_focus("#after").await {
                break;
            }
        }
        assert!(visited.last().unwrap().contains("after"), "trapped: {visited:#?}");
        for wanted in ["copy", "link", "changes", "dismiss", "check", "changelog", "skip", "snooze"] {
            assert!(visited.iter().any(|at| at.contains(wanted)), "{wanted} was not reached: {visited:#?}");
        }
        let before = visited[visited.len() - 2].clone();
        browser.press_back().await;
        assert_eq!(browser.focused().await, before, "back leads elsewhere");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way_from_the_banner_to_the_dismissal_needs_no_mouse() {
    in_browser("no-mouse", async |browser| {
        let stub = Stub::start(update()).await;
        stub.change(|script| script.changelog = vec![changelog(&[entry("1.3.0", "<p>Newest. <a href=\"https://example.org\">read</a></p>")], None)]);
        browser.open(&stub.url).await;
        browser.tab_to(&banner("changes")).await;
        browser.press(Key::Enter).await;
        browser.until_text("update-banner >> dialog[open]", "Newest.").await;
        for _ in 0..12 {
            browser.press(Key::Tab).await;
            let inside = "document.activeElement === document.body || deep('update-banner >> dialog[open]').contains(deep('update-banner').shadowRoot.activeElement)";
            assert_eq!(browser.js(inside).await, true, "behind the dialog: {}", browser.focused().await);
        }
        browser.press(Key::Escape).await;
        browser.until("deep('update-banner >> dialog[open]') === null").await;
        browser.tab_to(&widget("check")).await;
        browser.press(Key::Space).await;
        browser.until("deep('version-widget >> [part~=outcome]').textContent.trim() !== ''").await;
        browser.tab_to(&widget("changelog")).await;
        browser.press(Key::Space).await;
        browser.until_text(OPEN, "Newest.").await;
        browser.tab_to(&format!("{OPEN} [part~=close]")).await;
        browser.press(Key::Enter).await;
        browser.until(&format!("deep({}) === null", json!(OPEN))).await;
        browser.js("document.activeElement.blur()").await;
        browser.tab_to(&banner("dismiss")).await;
        browser.press(Key::Space).await;
        browser.until_gone(BANNER_FRAME).await;
        assert_eq!(stub.count("POST /api/version/skip"), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_target_is_large_enough_to_be_hit() {
    in_browser("targets", async |browser| {
        let stub = Stub::start(update()).await;
        browser.open(&stub.url).await;
        browser.until_text(BANNER_FRAME, "Update available").await;
        let small = "[...all('update-banner >> button'), ...all('version-widget >> button')].filter((one) => one.getClientRects().length)\
             .filter((one) => { const box = one.getBoundingClientRect(); return box.width < 24 || box.height < 24; }).map((one) => one.outerHTML)";
        assert_eq!(browser.js(small).await, json!([]));
        stub.tell(up_to_date());
    })
    .await;
}
