//! × hides an update: for everybody where the server keeps it, else in this browser.

use browser_tests::browser::{Browser, in_browser};
use browser_tests::faces::{self, with};
use browser_tests::stub::{Decisions, Stub};
use serde_json::{Value, json};

use crate::{BANNER_FRAME, banner, widget};

async fn open_and_see(browser: &Browser, stub: &Stub) {
    browser.open(&stub.url).await;
    browser.until_text(BANNER_FRAME, "available").await;
}

/// Waits until the page knows the state, and tells whether the banner is there then.
async fn is_there_after_load(browser: &Browser, stub: &Stub) -> bool {
    browser.open(&stub.url).await;
    browser.until_text(&widget("card"), "1.3").await;
    browser.is_shown(BANNER_FRAME).await
}

async fn dismiss(browser: &Browser) {
    browser.click(&banner("dismiss")).await;
    browser.until_gone(BANNER_FRAME).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dismissed_is_skipped_on_the_server_and_gone_in_every_browser() {
    in_browser("dismissed", async |browser| {
        let stub = Stub::start(faces::update()).await;
        open_and_see(browser, &stub).await;
        dismiss(browser).await;
        let asked = stub.asked();
        let skip: Vec<_> = asked.iter().filter(|one| one.line == "POST /api/version/skip").collect();
        assert_eq!(skip.len(), 1, "{asked:?}");
        let body: Value = serde_json::from_str(&skip[0].body).unwrap();
        assert_eq!(body, json!({ "version": "1.3.0" }));
        assert!(!is_there_after_load(browser, &stub).await, "back after a reload");
        in_browser("dismissed-second", async |second| {
            assert!(!is_there_after_load(second, &stub).await, "there in a second browser");
        })
        .await;
        // Nothing is left behind in the first browser that would hide it once the server's skip is taken back.
        stub.tell(faces::update());
        browser.until_text(BANNER_FRAME, "Update available").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_server_refuses_this_browser_alone_remembers() {
    for status in [401, 403, 404, 405, 500, 503] {
        in_browser(&format!("refused-{status}"), async |browser| {
            let stub = Stub::start(faces::update()).await;
            stub.change(|script| script.decisions = Decisions::Status(status));
            open_and_see(browser, &stub).await;
            dismiss(browser).await;
            assert!(!is_there_after_load(browser, &stub).await, "{status}: back after a reload");
            if status == 403 {
                in_browser("refused-second", async |second| {
                    assert!(is_there_after_load(second, &stub).await, "a second browser does not know");
                })
                .await;
                stub.tell(with(&faces::update(), json!({ "latest": "1.3.1" })));
                browser.until_text(BANNER_FRAME, "Update available: v1.3.1").await;
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_does_not_keep_the_banner_open() {
    in_browser("gone", async |browser| {
        let stub = Stub::start(faces::update()).await;
        open_and_see(browser, &stub).await;
        let address = stub.stop().await;
        dismiss(browser).await;
        let stub = Stub::start_at(address, faces::update()).await;
        assert!(!is_there_after_load(browser, &stub).await, "forgotten");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_that_throws_does_not_keep_the_banner_open() {
    in_browser("no-storage", async |browser| {
        browser
            .before_every_page(
                "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });",
            )
            .await;
        let stub = Stub::start(faces::update()).await;
        stub.change(|script| script.decisions = Decisions::Status(403));
        open_and_see(browser, &stub).await;
        dismiss(browser).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_shows_the_banner_again() {
    in_browser("re-armed", async |browser| {
        let stub = Stub::start(faces::update()).await;
        open_and_see(browser, &stub).await;
        dismiss(browser).await;
        stub.tell(with(&faces::update(), json!({ "latest": "1.3.1" })));
        browser.until_text(BANNER_FRAME, "Update available: v1.3.1").await;
    })
    .await;
}

/// Lets the page believe that it is so many hours later.
async fn later(browser: &Browser, hours: u32) {
    browser
        .before_every_page(&format!(
            "{{ const Real = Date, ahead = {hours} * 3600e3; window.Date = class extends Real {{ constructor(...given) \
             {{ if (given.length) super(...given); else super(Real.now() + ahead); }} \
             static now() {{ return Real.now() + ahead; }} }}; }}"
        ))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_security_fix_is_shown_though_skipped_and_comes_back_the_next_day() {
    for decisions in [Decisions::Kept, Decisions::Status(403)] {
        in_browser(&format!("security-{decisions:?}"), async |browser| {
            let stub = Stub::start(with(&faces::security(), json!({ "skipped": "1.2.9" }))).await;
            stub.change(|script| script.decisions = decisions);
            open_and_see(browser, &stub).await;
            dismiss(browser).await;
            assert_eq!(stub.count("POST /api/version/skip"), 0, "a skip does not hold a security fix");
            assert!(!is_there_after_load(browser, &stub).await, "back at once");
            later(browser, 20).await;
            assert!(!is_there_after_load(browser, &stub).await, "back before a day is over");
            later(browser, 5).await;
            browser.open(&stub.url).await;
            browser.until_text(BANNER_FRAME, "Security update available").await;
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn skipping_in_the_widget_hides_the_banner_and_can_be_taken_back() {
    in_browser("skip", async |browser| {
        let stub = Stub::start(faces::update()).await;
        open_and_see(browser, &stub).await;
        browser.click(&widget("skip")).await;
        browser.until_gone(BANNER_FRAME).await;
        browser.until_text(&widget("skip"), "Skipped").await;
        browser.click(&widget("skip")).await;
        browser.until_text(BANNER_FRAME, "Update available").await;
        assert_eq!(stub.count("DELETE /api/version/skip"), 1);
        browser.click(&widget("snooze")).await;
        browser.until_gone(BANNER_FRAME).await;
        assert_eq!(stub.count("POST /api/version/snooze"), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_dismissing_the_focus_goes_on_to_what_comes_next() {
    in_browser("dismiss-focus", async |browser| {
        let stub = Stub::start(faces::update()).await;
        open_and_see(browser, &stub).await;
        browser.tab_to(&banner("dismiss")).await;
        browser.press(thirtyfour::Key::Enter).await;
        browser.until_gone(BANNER_FRAME).await;
        let focused = browser.focused().await;
        assert!(!focused.is_empty(), "nothing has the focus");
        browser.press(thirtyfour::Key::Tab).await;
        assert!(!browser.focused().await.starts_with("body"), "{}", browser.focused().await);
    })
    .await;
}
