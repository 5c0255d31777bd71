//! The components on a page of somebody else, served by another program, in front of the real watcher.

use browser_tests::browser::in_browser;
use browser_tests::foreign::Foreign;
use browser_tests::real;

use crate::changelog::OPEN;
use crate::{BANNER_FRAME, WIDGET_FACE, banner, widget};

#[tokio::test(flavor = "multi_thread")]
async fn two_elements_and_two_passed_on_paths_are_all_it_needs() {
    in_browser("foreign", async |browser| {
        let fake = real::github().await;
        let watcher = real::watcher(&fake, &[]).await;
        let site = Foreign::start(&watcher.url, real::TOKEN);
        browser.open(&site.url).await;
        browser.until_text(BANNER_FRAME, "Update available: v1.3.0").await;
        browser.until_text(WIDGET_FACE, "1.2.3").await;
        // The changelog is not passed on there: the notes of the latest version stand in.
        browser.click(&widget("changelog")).await;
        browser.until_text(OPEN, "Feature X").await;
        browser.click(&format!("{OPEN} [part~=close]")).await;
        browser.click(&widget("check")).await;
        browser.until("deep('version-widget >> [part~=outcome]').textContent.trim() !== ''").await;
        browser.click(&banner("dismiss")).await;
        browser.until_gone(BANNER_FRAME).await;
        browser.reload().await;
        browser.until_text(WIDGET_FACE, "1.3.0").await;
        assert!(!browser.is_shown(BANNER_FRAME).await, "the skip did not reach the watcher");
        browser.click(&widget("skip")).await;
        browser.until_text(BANNER_FRAME, "Update available").await;
    })
    .await;
}
