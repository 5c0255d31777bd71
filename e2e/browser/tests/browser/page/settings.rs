use std::time::Duration;

use browser_tests::browser::in_browser;
use browser_tests::real;
use fake_github::NewRelease;

use super::ground;
use crate::{BANNER_FRAME, WIDGET_FACE, banner, widget};

#[tokio::test(flavor = "multi_thread")]
async fn version_health_upgrade_and_clients_are_told() {
    in_browser("settings", async |browser| {
        let ground = ground(false).await;
        ground.sign_in(browser, "/settings").await;
        browser.until_text(WIDGET_FACE, "1.3.0").await;
        browser.until_text(BANNER_FRAME, "Update available: v1.3.0").await;
        browser.until("all('#health li[data-part][data-status]').length >= 3").await;
        assert!(browser.js("all('#health li[data-status=ok]').length").await.as_u64().unwrap() >= 1);
        browser.until_text("#build", "1.2.3").await;
        browser.until_text("#upgrade", "upgrade.sh").await;
        browser.until_text("#connect", "remote-agent hook claude-code install").await;
        browser.click(&widget("changelog")).await;
        browser.until_text("version-widget >> dialog[open]", "Feature X").await;
        browser.press(thirtyfour::Key::Escape).await;
        // Decisions reach the watcher through the server, which adds the token.
        browser.click(&banner("dismiss")).await;
        browser.until_gone(BANNER_FRAME).await;
        browser.reload().await;
        browser.until_text(WIDGET_FACE, "1.3.0").await;
        assert!(!browser.is_shown(BANNER_FRAME).await);
        let state = ground.app.json("/api/version").await;
        assert_eq!(state["skipped"], "1.3.0");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_theme_is_kept_and_the_components_follow_it() {
    in_browser("theme", async |browser| {
        let ground = ground(false).await;
        ground.sign_in(browser, "/settings").await;
        browser.until_text(WIDGET_FACE, "1.3.0").await;
        let dark = "(() => { const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/gu).map(Number); return r + g + b < 200; })()";
        assert_eq!(browser.js(dark).await, false);
        browser.js("void (deep('#theme').value = 'dark', deep('#theme').dispatchEvent(new Event('change', { bubbles: true })))").await;
        browser.until(dark).await;
        browser.reload().await;
        browser.until(dark).await;
        browser.until_text(WIDGET_FACE, "1.3.0").await;
        browser.assert_accessible("settings in dark, chosen").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_watcher_everything_else_works_and_the_page_says_so() {
    in_browser("no-watcher", async |browser| {
        let ground = ground(false).await;
        ground.sign_in(browser, "/settings").await;
        browser.until_text(WIDGET_FACE, "1.3.0").await;
        let fake = real::github().await;
        let address = ground.watcher.stop().await;
        browser.open(&format!("{}/settings", ground.app.running.url)).await;
        browser.until("deep('version-widget >> [data-face]').dataset.face === 'away'").await;
        assert!(!browser.is_shown(BANNER_FRAME).await);
        browser.until("all('#health li[data-part][data-status]').length >= 3").await;
        let watcher = real::watcher_at(&address.to_string(), &fake, &[]).await;
        browser.click(&widget("check")).await;
        browser.until_text(WIDGET_FACE, "1.3.0").await;
        watcher.stop().await;
        // A server that never heard of the components' script.
        let alone = real::app("http://127.0.0.1:9", false).await;
        browser.open(&format!("{}/settings", alone.running.url)).await;
        // The cookie is of this machine, whatever the port, and the key is the same.
        browser.until_text("version-widget", "the watcher is away").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_takes_longer_than_the_server_waits_ends_with_what_it_found() {
    in_browser("slow-check", async |browser| {
        let fake = real::github().await;
        let watcher = real::watcher(&fake, &[("CURRENT", "1.3.0")]).await;
        let app = real::app(&watcher.url, false).await;
        browser.open(&format!("{}/settings", app.running.url)).await;
        browser.fill("#key", real::KEY).await;
        browser.press(thirtyfour::Key::Enter).await;
        browser.until_text(WIDGET_FACE, "Up to date").await;
        fake.repo(real::REPO).release(NewRelease::new("v1.4.0").notes("### New"));
        fake.set_latency(Duration::from_millis(1200));
        browser.click(&widget("check")).await;
        browser.until_text(BANNER_FRAME, "Update available: v1.4.0").await;
        browser
            .until("deep('version-widget >> [part~=check]').getAttribute('aria-disabled') !== 'true'")
            .await;
        let said = browser.text(WIDGET_FACE).await.to_lowercase();
        assert!(!said.contains("up to date"), "{said}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn very_long_notes_reach_the_page() {
    in_browser("long-notes", async |browser| {
        let fake = real::github().await;
        let notes = "- one more line of what is new here\n".repeat(9000);
        fake.repo(real::REPO).release(NewRelease::new("v1.4.0").notes(&notes));
        let watcher = real::watcher(&fake, &[]).await;
        let app = real::app(&watcher.url, false).await;
        browser.open(&format!("{}/settings", app.running.url)).await;
        browser.fill("#key", real::KEY).await;
        browser.press(thirtyfour::Key::Enter).await;
        browser.until_text(BANNER_FRAME, "Update available: v1.4.0").await;
        browser.click(&widget("changelog")).await;
        browser.until_text("version-widget >> dialog[open]", "one more line").await;
    })
    .await;
}
