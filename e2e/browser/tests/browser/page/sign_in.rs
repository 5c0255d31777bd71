use browser_tests::browser::in_browser;
use browser_tests::history;
use browser_tests::real::KEY;
use thirtyfour::Key;

use super::ground;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_said_to_be_wrong_and_the_right_one_leads_to_the_view_that_was_asked_for() {
    in_browser("sign-in", async |browser| {
        let ground = ground(false).await;
        ground.app.send(&history::sessions(3)).await;
        browser.open(&ground.at("/?view=activity")).await;
        browser.element("#key").await;
        assert_eq!(browser.js("deep('#key').type").await, "password");
        assert_eq!(browser.js("document.querySelectorAll('update-banner').length").await, 0);
        browser.fill("#key", "not-the-key-not-the-key").await;
        browser.press(Key::Enter).await;
        browser.until_text("#sign-in-message", "not the key").await;
        assert!(browser.has_focus("#key").await);
        browser.fill("#key", KEY).await;
        browser.press(Key::Enter).await;
        browser.until("deep('#view').dataset.view === 'activity' && !!deep('#activity li')").await;
        let kept = "[...Object.values(localStorage), ...Object.values(sessionStorage), document.cookie, location.href].join(' ')";
        assert!(!browser.js(kept).await.as_str().unwrap().contains(KEY), "the key is kept");
        browser.open(&ground.at("/settings")).await;
        browser.click("#sign-out").await;
        browser.element("#key").await;
        browser.reload().await;
        browser.element("#key").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_too_many_wrong_keys_it_says_how_long_to_wait_and_the_right_one_still_passes() {
    in_browser("sign-in-429", async |browser| {
        let ground = ground(false).await;
        browser.open(&ground.at("/")).await;
        browser.element("#key").await;
        let guess = "Promise.all(Array.from({ length: 25 }, () => fetch('/sign-in', { method: 'POST', headers: { 'content-type': 'application/json' }, \
             body: JSON.stringify({ key: 'wrong' }) }))).then((all) => { window.last = all.at(-1).status; })";
        browser.js(&format!("void {guess}")).await;
        browser.until("window.last > 0").await;
        browser.fill("#key", "wrong-wrong-wrong-wrong").await;
        browser.press(Key::Enter).await;
        browser.until_text("#sign-in-message", "wait").await;
        browser.fill("#key", KEY).await;
        browser.press(Key::Enter).await;
        browser.until("!deep('#key')").await;
    })
    .await;
}
