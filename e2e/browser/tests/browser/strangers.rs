//! A page of a stranger, opened in the browser of somebody who is signed in: it may knock, and nothing comes of it.

use browser_tests::browser::{Browser, in_browser};
use browser_tests::faces::update;
use browser_tests::real;
use browser_tests::stub::Stub;
use browser_tests::wait_for;

use crate::page::ground;

/// Everything that a page may do to another site without being allowed to: pictures, forms, scripts, beacons.
const KNOCK: &str = include_str!("knock.js");
/// Shows another page in a frame.
const FRAME: &str = "void ((address) => { window.framed = false; \
     document.querySelector('#trap')?.remove(); const at = document.createElement('iframe'); at.id = 'trap'; \
     at.onload = () => { window.framed = true; }; at.src = address; document.body.append(at); })(...arguments)";

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_a_strangers_page_cannot_spend_the_budget_and_its_forms_decide_nothing() {
    in_browser("stranger-watcher", async |browser| {
        let fake = real::github().await;
        let watcher = real::watcher(&fake, &[("FORCE_INTERVAL", "60s"), ("HOURLY_BUDGET", "40")]).await;
        wait_for("the first check", async || fake.count_all() > 0).await;
        let stranger = Stub::start(update()).await;
        stranger.change(|script| script.policy = "default-src *".to_owned());
        stranger.show("en", "<h1>Win a prize</h1>");
        browser.open(&stranger.url.replace("127.0.0.1", "localhost")).await;
        let before = fake.count_all();
        browser.js_with(KNOCK, &[watcher.url.clone().into()]).await;
        browser.until("!!window.knocked").await;
        assert_eq!(browser.js("window.knocked.read").await, "refused", "another site may read");
        assert!(fake.count_all() - before <= before, "{before} before, {} after", fake.count_all());
        let state: serde_json::Value =
            reqwest::get(format!("{}/api/version", watcher.url)).await.unwrap().json().await.unwrap();
        assert!(state["skipped"].is_null() && state["snoozedUntil"].is_null(), "{state}");
        forget_refusals(browser).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_of_the_page_does_nothing_for_a_strangers_page() {
    in_browser("stranger-app", async |browser| {
        let ground = ground(false).await;
        ground.sign_in(browser, "/settings").await;
        browser.until_text(crate::WIDGET_FACE, "1.3.0").await;
        let stranger = Stub::start(update()).await;
        stranger.change(|script| script.policy = "default-src *".to_owned());
        stranger.show("en", "<h1>Win a prize</h1>");
        // Another name for this machine is another site.
        browser.open(&stranger.url.replace("127.0.0.1", "localhost")).await;
        browser.js_with(KNOCK, &[ground.app.running.url.clone().into()]).await;
        browser.until("!!window.knocked").await;
        assert_eq!(browser.js("window.knocked.read").await, "refused", "another site may read");
        let state = ground.app.json("/api/version").await;
        assert!(state["skipped"].is_null() && state["snoozedUntil"].is_null(), "{state}");
        // The same from another port of the same machine, which browsers take for the same site.
        browser.open(&stranger.url).await;
        browser.js_with(KNOCK, &[ground.app.running.url.clone().into()]).await;
        browser.until("!!window.knocked").await;
        assert_eq!(browser.js("window.knocked.read").await, "refused", "another origin may read");
        let state = ground.app.json("/api/version").await;
        assert!(state["skipped"].is_null() && state["snoozedUntil"].is_null(), "{state}");
        // Nobody was signed out by it either.
        browser.open(&ground.at("/settings")).await;
        browser.until_text(crate::WIDGET_FACE, "1.3.0").await;
        // And a stranger may not show the page in a frame of theirs.
        browser.open(&stranger.url).await;
        for (address, whose) in [(stranger.url.clone(), "Win a prize"), (ground.at("/"), "")] {
            browser.js_with(FRAME, &[address.into()]).await;
            browser.until("window.framed").await;
            let text = browser.text_of_frame("#trap").await;
            // Its own page can be shown there, so what is looked for can be found.
            assert!(text.contains(whose), "{text}");
            assert!(!whose.is_empty() || !text.contains("Remote Agent"), "the page can be framed: {text}");
        }
        forget_refusals(browser).await;
    })
    .await;
}

/// The browser itself notes in the console what it refused the stranger.
async fn forget_refusals(browser: &Browser) {
    drop(browser.console().await);
}
