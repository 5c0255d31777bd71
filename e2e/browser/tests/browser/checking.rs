//! Check Now: progress, outcome, patience.

use std::time::Duration;

use browser_tests::browser::in_browser;
use browser_tests::faces::{up_to_date, update};
use browser_tests::real;
use browser_tests::stub::{Forced, Reply, Stub};
use fake_github::Door;

use crate::{WIDGET_FACE, banner, widget};

const FORCED: &str = "GET /api/version?force=true";

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_shown_the_focus_stays_and_the_outcome_is_said() {
    in_browser("check", async |browser| {
        let stub = Stub::start(up_to_date()).await;
        stub.change(|script| script.forced = Forced::Done(Duration::from_millis(800), Some(update())));
        browser.open(&stub.url).await;
        browser.until_text(WIDGET_FACE, "Up to date").await;
        let button = widget("check");
        browser.tab_to(&button).await;
        browser.press(thirtyfour::Key::Enter).await;
        browser.until("deep('version-widget >> [part~=check]').getAttribute('aria-disabled') === 'true'").await;
        assert!(browser.has_focus(&button).await, "the focus went to {}", browser.focused().await);
        browser.until_text(&banner("title"), "Update available: v1.3.0").await;
        browser.until("deep('version-widget >> [part~=check]').getAttribute('aria-disabled') !== 'true'").await;
        assert!(browser.has_focus(&button).await, "the focus went to {}", browser.focused().await);
        let live = "all('version-widget >> :is([role=status], [aria-live])').map((one) => one.textContent).join(' ')";
        browser.until(&format!("{live}.includes('1.3.0')")).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_clicks_are_one_request() {
    in_browser("clicks", async |browser| {
        let stub = Stub::start(update()).await;
        stub.change(|script| script.forced = Forced::Done(Duration::from_secs(1), Some(up_to_date())));
        browser.open(&stub.url).await;
        browser.until_text(WIDGET_FACE, "1.3.0").await;
        let button = "deep('version-widget >> [part~=check]')";
        browser.js(&format!("void Array.from({{ length: 10 }}, () => {button}.click())")).await;
        browser.until_text(WIDGET_FACE, "Up to date").await;
        assert_eq!(stub.count(FORCED), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_budget_is_spent_it_says_how_long_to_wait() {
    in_browser("wait", async |browser| {
        let stub = Stub::start(update()).await;
        stub.change(|script| script.forced = Forced::Refused(240));
        browser.open(&stub.url).await;
        browser.click(&widget("check")).await;
        browser.until_text(WIDGET_FACE, "4 minutes").await;
        browser.js("deep('version-widget >> [part~=check]').click()").await;
        stub.change(|script| script.forced = Forced::Refused(2));
        browser.open(&stub.url).await;
        browser.click(&widget("check")).await;
        browser.until_text(WIDGET_FACE, "second").await;
        let before = stub.count(FORCED);
        // The button comes back by itself.
        browser
            .until("deep('version-widget >> [part~=check]').getAttribute('aria-disabled') !== 'true'")
            .await;
        browser.click(&widget("check")).await;
        browser
            .until("deep('version-widget >> [part~=check]').getAttribute('aria-disabled') === 'true'")
            .await;
        assert_eq!((before, stub.count(FORCED)), (2, 3));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_fails_says_so_and_the_button_can_be_used_again() {
    in_browser("check-fails", async |browser| {
        let stub = Stub::start(update()).await;
        browser.open(&stub.url).await;
        browser.until_text(WIDGET_FACE, "1.3.0").await;
        stub.change(|script| script.version = Reply::Status(500));
        browser.click(&widget("check")).await;
        browser.until("deep('version-widget >> [part~=outcome]').textContent.trim() !== ''").await;
        browser
            .until("deep('version-widget >> [part~=check]').getAttribute('aria-disabled') !== 'true'")
            .await;
        stub.change(|script| script.version = Reply::Fine);
        browser.click(&widget("check")).await;
        browser.until_text(WIDGET_FACE, "1.3.0").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hammering_the_button_spends_no_more_of_the_real_budget_than_its_floor_allows() {
    in_browser("budget", async |browser| {
        let fake = real::github().await;
        let watcher = real::watcher(&fake, &[("FORCE_INTERVAL", "60s"), ("HOURLY_BUDGET", "40")]).await;
        let site = browser_tests::foreign::Foreign::start(&watcher.url, real::TOKEN);
        browser.open(&site.url).await;
        browser.until_text(&banner("title"), "v1.3.0").await;
        let before = fake.count_all();
        for _ in 0..10 {
            browser.js("deep('version-widget >> [part~=check]').click()").await;
        }
        browser.until("deep('version-widget >> [part~=check]').getAttribute('aria-disabled') !== 'true' || \
             /minute|second/u.test(deep('version-widget >> [part~=outcome]').textContent)").await;
        // Whatever the page does, the watcher's own floor holds: scripts of the page ask as often as they like.
        let answers = "Promise.all(Array.from({ length: 30 }, () => fetch('/api/version?force=true').then((one) => one.json())))\
             .then((all) => { window.forced = all.filter((one) => one.forced).length; window.refused = all.length - window.forced; })";
        browser.js(&format!("void {answers}")).await;
        browser.until("window.refused >= 0 && window.forced + window.refused === 30").await;
        let per_check = before.max(1);
        assert!(fake.count_all() - before <= per_check, "{} then {}", before, fake.count_all());
        assert!(fake.count(Door::Api) <= 40);
    })
    .await;
}
