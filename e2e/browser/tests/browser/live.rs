//! The page follows by itself: what is published appears, what is away says so, what comes back recovers.

use browser_tests::browser::{Browser, in_browser};
use browser_tests::faces::{up_to_date, update, with};
use browser_tests::foreign::Foreign;
use browser_tests::real;
use browser_tests::stub::{Decisions, Reply, Stream, Stub};
use browser_tests::wait_for;
use fake_github::NewRelease;
use serde_json::json;

use crate::{BANNER_FRAME, WIDGET_FACE, banner};

/// Lets the page's timers run so many times as fast.
const HURRY: &str = "{ const later = window.setTimeout, again = window.setInterval; \
     window.setTimeout = (what, after = 0, ...rest) => later(what, after > 900 ? after / 200 : after, ...rest); \
     window.setInterval = (what, after = 0, ...rest) => again(what, after > 900 ? after / 200 : after, ...rest); }";

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_is_published_appears_in_the_open_page() {
    in_browser("live", async |browser| {
        let fake = real::github().await;
        let watcher = real::watcher(&fake, &[("CURRENT", "1.3.0"), ("SCHEDULE", "* * * * * *")]).await;
        let site = Foreign::start(&watcher.url, real::TOKEN);
        browser.open(&site.url).await;
        browser.until_text(WIDGET_FACE, "Up to date").await;
        browser.js("window.same = true").await;
        fake.repo(real::REPO).release(NewRelease::new("v1.4.0").notes("### New"));
        browser.until_text(&banner("title"), "Update available: v1.4.0").await;
        assert_eq!(browser.js("window.same").await, true, "the page was loaded again");
        drop(site);
        watcher.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_stream_is_refused_the_page_polls() {
    for status in [404, 503] {
        in_browser(&format!("poll-{status}"), async |browser| {
            let stub = Stub::start(up_to_date()).await;
            stub.change(|script| script.stream = Stream::Status(status));
            browser.before_every_page(HURRY).await;
            browser.open(&stub.url).await;
            browser.until_text(WIDGET_FACE, "Up to date").await;
            stub.tell(update());
            browser.until_text(BANNER_FRAME, "Update available").await;
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_goes_away_is_said_to_be_away_and_recovers() {
    in_browser("recovers", async |browser| {
        let stub = Stub::start(update()).await;
        browser.before_every_page(HURRY).await;
        browser.open(&stub.url).await;
        browser.until_text(BANNER_FRAME, "Update available").await;
        stub.change(|script| {
            script.version = Reply::Status(502);
            script.stream = Stream::Status(502);
        });
        browser.until("deep('version-widget >> [data-face]').dataset.face === 'away'").await;
        stub.change(|script| {
            script.version = Reply::Fine;
            script.stream = Stream::Live;
            script.state = up_to_date();
        });
        browser.until_text(WIDGET_FACE, "Up to date").await;
        assert!(!browser.is_shown(BANNER_FRAME).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_components_share_one_stream_and_a_page_without_them_keeps_none() {
    in_browser("shared", async |browser| {
        let stub = Stub::start(update()).await;
        let widgets = "<version-widget src=\"/api/version\"></version-widget>".repeat(8);
        stub.show("en", &format!("<update-banner src=\"/api/version\"></update-banner>{widgets}"));
        browser.open(&stub.url).await;
        browser
            .until("all('version-widget').every((one) => one.shadowRoot.textContent.includes('1.3.0'))")
            .await;
        wait_for("a stream", async || stub.count("GET /api/version/stream") > 0).await;
        assert_eq!(stub.count("GET /api/version/stream"), 1);
        assert!(stub.count("GET /api/version") <= 1, "{:?}", stub.asked());
        browser.js("all('update-banner, version-widget').forEach((one) => one.remove())").await;
        stub.tell(up_to_date());
        browser.js("document.body.append(document.createElement('version-widget'))").await;
        browser.js("void (deep('version-widget').setAttribute('src', '/api/version'))").await;
        browser.until_text(WIDGET_FACE, "Up to date").await;
    })
    .await;
}

/// Says to the page that its tab is hidden, or seen again.
async fn hide(browser: &Browser, hidden: bool) {
    let state = if hidden { "hidden" } else { "visible" };
    let told = format!(
        "void (Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }}), \
         Object.defineProperty(document, 'visibilityState', {{ value: '{state}', configurable: true }}), \
         document.dispatchEvent(new Event('visibilitychange')))"
    );
    browser.js(&told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_nobody_sees_keeps_no_connection_and_catches_up_when_it_is_seen() {
    in_browser("hidden", async |browser| {
        let stub = Stub::start(up_to_date()).await;
        browser.open(&stub.url).await;
        browser.until_text(WIDGET_FACE, "Up to date").await;
        wait_for("a stream", async || stub.open_streams() == 1).await;
        hide(browser, true).await;
        // The stub notices with its next word that nobody listens.
        let silent = async || {
            stub.change(|_| {});
            stub.open_streams() == 0
        };
        wait_for("the stream's end", silent).await;
        stub.tell(update());
        hide(browser, false).await;
        browser.until_text(BANNER_FRAME, "Update available").await;
        wait_for("another stream", async || stub.open_streams() == 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_target_has_its_own_state_and_its_own_decisions() {
    in_browser("targets-apart", async |browser| {
        let stub = Stub::start(up_to_date()).await;
        let newer = with(&update(), json!({ "latest": "2.0.0" }));
        stub.change(|script| {
            script.targets.insert("one".to_owned(), update());
            script.targets.insert("two".to_owned(), newer);
            script.decisions = Decisions::Status(403);
        });
        stub.show(
            "en",
            "<update-banner id=\"one\" src=\"/api/version?target=one\"></update-banner>\
             <update-banner id=\"two\" src=\"/api/version?target=two\"></update-banner>",
        );
        browser.open(&stub.url).await;
        browser.until_text("#one >> [part~=banner]", "v1.3.0").await;
        browser.until_text("#two >> [part~=banner]", "v2.0.0").await;
        browser.click("#one >> [part~=dismiss]").await;
        browser.until_gone("#one >> [part~=banner]").await;
        browser.reload().await;
        browser.until_text("#two >> [part~=banner]", "v2.0.0").await;
        assert!(!browser.is_shown("#one >> [part~=banner]").await);
        assert_eq!(stub.count("POST /api/version/skip?target=one"), 1);
    })
    .await;
}
