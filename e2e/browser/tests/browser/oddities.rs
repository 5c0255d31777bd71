//! What no watcher of today sends and one of yesterday or tomorrow may; clocks, languages and connections that misbehave.

use browser_tests::browser::in_browser;
use browser_tests::faces::{self, ago, security, up_to_date, update, with};
use browser_tests::stub::{Stub, changelog, entry};
use serde_json::{Value, json};

use crate::changelog::OPEN;
use crate::{BANNER_FRAME, WIDGET_FACE, widget};

#[tokio::test(flavor = "multi_thread")]
async fn seven_keys_are_enough() {
    in_browser("seven-keys", async |browser| {
        let stub = Stub::start(json!({
            "current": "1.3.0", "latest": "1.3.0", "updateAvailable": false, "releaseUrl": null,
            "releaseNotes": null, "lastChecked": ago(120),
        }))
        .await;
        browser.open(&stub.url).await;
        browser.until_text(WIDGET_FACE, "Up to date").await;
        stub.tell(json!({
            "current": "1.2.3", "latest": "1.3.0", "updateAvailable": true, "lastChecked": ago(120),
            "releaseUrl": "https://github.com/yourorg/remote-agent/releases/tag/v1.3.0", "releaseNotes": "### New",
        }));
        browser.until_text(BANNER_FRAME, "Update available: v1.3.0").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_null_or_of_another_kind_break_nothing() {
    in_browser("null-parts", async |browser| {
        let stub = Stub::start(update()).await;
        stub.change(|script| {
            script.changelog =
                vec![changelog(&[Value::Null, json!(7), entry("1.3.0", "<p>Notes.</p>")], None)];
        });
        let odd =
            json!({ "affected": true, "severity": 3, "latestAffected": null, "advisories": [null, 7, {}] });
        for security in [odd, Value::Null, json!("x")] {
            stub.tell(with(
                &update(),
                json!({ "severity": "security", "security": security, "behind": null, "upgrade": null }),
            ));
            browser.open(&stub.url).await;
            browser.until_text(BANNER_FRAME, "v1.3.0").await;
            browser.click(&widget("changelog")).await;
            browser.until_text(OPEN, "Notes.").await;
            assert_eq!(browser.misdeeds().await, Vec::<String>::new());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snooze_does_not_hold_a_security_fix() {
    in_browser("snoozed-fix", async |browser| {
        // The watcher says no snooze beside a fix; an older one may.
        let stub = Stub::start(with(&security(), json!({ "snoozedUntil": ago(-60 * 24 * 7) }))).await;
        browser.open(&stub.url).await;
        browser.until_text(BANNER_FRAME, "Security update available").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_words_in_the_language_of_the_page_it_speaks_english() {
    in_browser("no-words", async |browser| {
        let stub = Stub::start(update()).await;
        stub.change(|script| {
            script.has_words = false;
            script.language = "de".to_owned();
        });
        browser.open(&stub.url).await;
        browser.until_text(BANNER_FRAME, "Update available").await;
        browser.until_text(WIDGET_FACE, "Check Now").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_put_back_does_not_stop_a_check() {
    in_browser("clock-back", async |browser| {
        let stub = Stub::start(up_to_date()).await;
        browser.open(&stub.url).await;
        browser.until_text(WIDGET_FACE, "Up to date").await;
        browser
            .js("void (() => { const now = Date.now.bind(Date); Date.now = () => now() - 3600e3; })()")
            .await;
        let checked = with(&update(), json!({ "lastChecked": ago(0), "lastAttempt": ago(0) }));
        stub.change(|script| {
            script.forced = browser_tests::stub::Forced::Done(std::time::Duration::ZERO, Some(checked));
        });
        browser.click(&widget("check")).await;
        browser.until_text(BANNER_FRAME, "Update available").await;
        browser
            .until("deep('version-widget >> [part~=check]').getAttribute('aria-disabled') !== 'true'")
            .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_sources_than_a_browser_has_connections_load_and_load_again() {
    in_browser("seven-sources", async |browser| {
        let stub = Stub::start(update()).await;
        let targets: Vec<String> = (0..9).map(|number| format!("target-{number}")).collect();
        stub.change(|script| {
            script.targets = targets.iter().map(|name| (name.clone(), faces::update())).collect();
        });
        let one = |name: &String| format!("<version-widget src=\"/api/version?target={name}\"></version-widget>");
        stub.show("en", &targets.iter().map(one).collect::<String>());
        let ready = "all('version-widget').length === 9 && all('version-widget').every((one) => one.shadowRoot.textContent.includes('1.3.0'))";
        browser.open(&stub.url).await;
        browser.until(ready).await;
        for _ in 0..3 {
            browser.reload().await;
            browser.until(ready).await;
        }
    })
    .await;
}
