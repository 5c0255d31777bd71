//! The dialog with everything that changed.

use browser_tests::browser::{Browser, in_browser};
use browser_tests::faces::update;
use browser_tests::stub::{Stub, changelog, entry};
use serde_json::json;
use thirtyfour::Key;

use crate::{WIDGET_FACE, banner, widget};

/// The dialog that is open, wherever it is.
pub(crate) const OPEN: &str = "version-widget >> dialog[open]";

async fn opened(browser: &Browser, stub: &Stub) {
    browser.open(&stub.url).await;
    browser.until_text(WIDGET_FACE, "1.3.0").await;
    browser.tab_to(&widget("changelog")).await;
    browser.press(Key::Enter).await;
    browser.element(OPEN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_opens_with_all_notes_takes_the_focus_and_gives_it_back() {
    in_browser("dialog", async |browser| {
        let stub = Stub::start(update()).await;
        let mut fixed = entry("1.3.0", "<p>Mends <em>everything</em>.</p>");
        fixed["security"] = json!(true);
        fixed["breaking"] = json!(true);
        stub.change(|script| {
            script.changelog = vec![
                changelog(&[fixed, entry("1.2.9", "<p>Second page is next.</p>")], Some(2)),
                changelog(&[entry("1.2.8", "<p>The oldest.</p>")], None),
            ];
        });
        opened(browser, &stub).await;
        browser.until_text(OPEN, "Mends everything.").await;
        let text = browser.text(OPEN).await;
        for wanted in ["1.3.0", "1.2.9", "Breaking", "Security", "Second page is next."] {
            assert!(text.contains(wanted), "no {wanted:?} in {text:?}");
        }
        assert!(!text.contains("The oldest."));
        let inside = "deep('version-widget >> dialog[open]').contains(deep('version-widget').shadowRoot.activeElement)";
        assert_eq!(browser.js(inside).await, true, "the focus is on {}", browser.focused().await);
        browser.click(&format!("{OPEN} [part~=more]")).await;
        browser.until_text(OPEN, "The oldest.").await;
        assert!(browser.text(OPEN).await.contains("Mends everything."), "the first page is gone");
        browser.press(Key::Escape).await;
        browser.until(&format!("deep({}) === null", json!(OPEN))).await;
        assert!(browser.has_focus(&widget("changelog")).await, "the focus is on {}", browser.focused().await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_changelog_the_notes_of_the_latest_version_are_shown() {
    in_browser("no-changelog", async |browser| {
        let stub = Stub::start(update()).await;
        opened(browser, &stub).await;
        browser.until_text(OPEN, "Feature X").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_all_says_so_and_leads_to_the_rest() {
    in_browser("incomplete", async |browser| {
        let stub = Stub::start(update()).await;
        let mut page = changelog(&[entry("1.3.0", "<p>Newest.</p>")], None);
        page["complete"] = json!(false);
        stub.change(|script| script.changelog = vec![page]);
        opened(browser, &stub).await;
        browser.until_text(OPEN, "Newest.").await;
        let rest = "all('version-widget >> dialog[open] a').some((one) => one.href === 'https://github.com/yourorg/remote-agent/releases')";
        assert_eq!(browser.js(rest).await, true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_banner_opens_it_too_and_gets_the_focus_back() {
    in_browser("banner-dialog", async |browser| {
        let stub = Stub::start(update()).await;
        stub.change(|script| script.changelog = vec![changelog(&[entry("1.3.0", "<p>Newest.</p>")], None)]);
        browser.open(&stub.url).await;
        browser.click(&banner("changes")).await;
        browser.until_text("update-banner >> dialog[open]", "Newest.").await;
        browser.press(Key::Escape).await;
        browser.until("deep('update-banner >> dialog[open]') === null").await;
        assert!(browser.has_focus(&banner("changes")).await, "the focus is on {}", browser.focused().await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_keep_their_structure() {
    in_browser("structure", async |browser| {
        let stub = Stub::start(update()).await;
        let notes = "<h2>Fixed</h2><ul><li>one</li><li><code>two</code></li></ul><ol start=\"3\"><li>three</li></ol>\
             <table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>\
             <blockquote><p>said</p></blockquote><pre><code>x = 1 &lt; 2 &amp;&amp; \"y\"</code></pre>\
             <p><a href=\"https://example.org/?a=1&amp;b=2\">link</a> <del>gone</del> <strong>bold</strong> © 😀&nbsp;!</p>";
        stub.change(|script| script.changelog = vec![changelog(&[entry("1.3.0", notes)], None)]);
        opened(browser, &stub).await;
        browser.until_text(OPEN, "three").await;
        let count = |selector: &str| format!("all('version-widget >> dialog[open] [part~=notes] {selector}').length");
        for (selector, number) in [("li", 3), ("code", 2), ("ol[start=\"3\"]", 1), ("td", 1), ("blockquote", 1), ("del, s", 1), ("strong, b", 1)] {
            assert_eq!(browser.js(&count(selector)).await, number, "{selector}");
        }
        let text = browser.text(&format!("{OPEN} [part~=notes]")).await;
        assert!(text.contains("x = 1 < 2 && \"y\"") && text.contains("© 😀 !"), "{text}");
        let href = browser.js("deep('version-widget >> dialog[open] [part~=notes] a').href").await;
        assert_eq!(href, "https://example.org/?a=1&b=2");
        // Headings of the notes stand below those of the dialog.
        assert_eq!(browser.js(&count(":is(h1, h2)")).await.as_i64().unwrap_or(9), 0, "{}", browser.js(&count("*")).await);
    })
    .await;
}
