//! Release notes as an attacker would write them: nothing runs, nothing is fetched, every link is plain.

use browser_tests::browser::{Browser, in_browser};
use browser_tests::corpus::{self, Note};
use browser_tests::faces::{update, with};
use browser_tests::stub::{Stub, changelog, entry};
use serde_json::{Value, json};

use crate::changelog::OPEN;
use crate::{WIDGET_FACE, widget};

/// Notes on one page of the dialog.
const BATCH: usize = 90;
const POLICIES: [&str; 2] = ["default-src 'self'; require-trusted-types-for 'script'", "default-src *"];

/// What of the notes may be in the page: elements and attributes, no more.
const ELEMENTS: &str = "a abbr b bdi blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q s \
     samp section small span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr";
const ATTRIBUTES: &str = "href rel target start part dir lang class colspan rowspan scope align tabindex";

/// Does to every element of the notes what a curious person could, and tells what is there that must not be.
const PROBE: &str = include_str!("probe.js");

async fn show(browser: &Browser, stub: &Stub, count: usize) {
    browser.open(&stub.url).await;
    browser.until_text(WIDGET_FACE, "1.3.0").await;
    browser.click(&widget("changelog")).await;
    browser.until(&format!("all('version-widget >> dialog[open] [part~=entry]').length === {count}")).await;
}

/// A moment for what loads by itself; that it is long enough is what the control below shows.
async fn settle(browser: &Browser) {
    browser.js("void (window.settled = false, setTimeout(() => { window.settled = true; }, 150))").await;
    browser.until("window.settled").await;
}

/// How many notes are looked at, and how many elements are in them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    notes: u64,
    elements: u64,
}

/// Tries everything on the notes that are open.
async fn probe(browser: &Browser, what: &str) -> Seen {
    let told = browser.js_with(PROBE, &[json!(ELEMENTS), json!(ATTRIBUTES)]).await;
    assert_eq!(told["found"], json!([]), "{what}");
    let misdeeds = browser.misdeeds().await;
    assert!(misdeeds.is_empty(), "{what}: {misdeeds:#?}");
    let number = |key: &str| told[key].as_u64().unwrap_or_default();
    Seen { notes: number("roots"), elements: number("elements") }
}

async fn assert_harmless(
    browser: &Browser,
    stub: &Stub,
    notes: &[Note],
    html: impl Fn(&Note) -> String,
) -> Seen {
    let mut all = Seen::default();
    for (number, batch) in notes.chunks(BATCH).enumerate() {
        let what = format!("batch {number}");
        let entries: Vec<Value> =
            batch.iter().map(|note| entry(&format!("1.{}.0", note.id), &html(note))).collect();
        stub.change(|script| script.changelog = vec![changelog(&entries, None)]);
        show(browser, stub, batch.len()).await;
        let seen = probe(browser, &what).await;
        settle(browser).await;
        let misdeeds = browser.misdeeds().await;
        assert!(misdeeds.is_empty(), "{what}: {misdeeds:#?}");
        assert_eq!(stub.strays(), Vec::<String>::new(), "{what}");
        assert!(browser.js("location.pathname").await == "/", "the page went elsewhere");
        all.notes += seen.notes;
        all.elements += seen.elements;
    }
    all
}

fn through_the_sanitiser(note: &Note) -> String {
    releases::notes::to_html(&note.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_and_nothing_is_fetched_through_the_real_sanitiser() {
    in_browser("hostile-sanitised", async |browser| {
        let stub = Stub::start(update()).await;
        let seen = assert_harmless(browser, &stub, &corpus::all(), through_the_sanitiser).await;
        assert!(seen.notes > 300 && seen.elements > 300, "{seen:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_and_nothing_is_fetched_with_the_sanitiser_switched_off() {
    in_browser("hostile-raw", async |browser| {
        let stub = Stub::start(update()).await;
        for policy in POLICIES {
            stub.change(|script| policy.clone_into(&mut script.policy));
            let seen = assert_harmless(browser, &stub, &corpus::all(), |note| note.text.clone()).await;
            assert!(seen.notes > 500 && seen.elements > 200, "{seen:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_notes_of_the_state_itself_are_shown_as_harmlessly() {
    in_browser("hostile-state", async |browser| {
        let stub = Stub::start(update()).await;
        stub.change(|script| script.policy = "default-src *".to_owned());
        for note in corpus::all().iter().filter(|note| note.id % 37 == 0) {
            stub.tell(with(&update(), json!({ "releaseNotesHtml": note.text, "releaseNotes": note.text })));
            show(browser, &stub, 1).await;
            let seen = probe(browser, &format!("{note:?}")).await;
            assert_eq!(seen.notes, 1, "{note:?}");
        }
        settle(browser).await;
        assert_eq!(stub.strays(), Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_text_of_the_state_is_text_and_its_addresses_are_checked() {
    in_browser("hostile-texts", async |browser| {
        let evil = "<img src=x onerror=__hit(1)>\u{202e}\u{0}\u{1b}[31m";
        let address = "javascript:__hit(2)";
        let stub = Stub::start(update()).await;
        let advisory = json!({ "id": evil, "cve": evil, "severity": evil, "summary": evil, "url": address, "fixedIn": evil });
        let state = with(&update(), json!({
            "name": evil, "releaseUrl": address, "severity": "security",
            "security": { "affected": true, "severity": evil, "latestAffected": false, "advisories": [advisory] },
            "nextHop": { "version": evil, "releaseUrl": address, "reason": evil },
            "upgrade": { "how": "compose", "command": evil }, "movedTo": evil,
            "pending": { "version": evil, "reason": "image_missing", "since": "never", "detail": evil },
            "withdrawn": { "version": evil, "since": "never" }, "lastChecked": "never",
            "error": { "code": "dns", "message": evil, "since": "never", "retryAt": "never" }, "status": "stale",
        }));
        let mut odd = entry("1.3.0", "<p>notes</p>");
        odd["url"] = json!(address);
        odd["title"] = json!(evil);
        odd["publishedAt"] = json!("never");
        let mut page = changelog(&[odd], None);
        page["url"] = json!(address);
        page["complete"] = json!(false);
        stub.change(|script| (script.state, script.changelog, script.policy) = (state, vec![page], "default-src *".to_owned()));
        browser.open(&stub.url).await;
        browser.click(&widget("changelog")).await;
        browser.until_text(OPEN, "notes").await;
        let bad = "[...all('update-banner >> *'), ...all('version-widget >> *')].filter((one) => one.localName === 'img' || \
             /^(?!https?:|mailto:)/iu.test(one.getAttribute('href') ?? 'https:')).map((one) => one.outerHTML)";
        assert_eq!(browser.js(bad).await, json!([]));
        let text = browser.js("deep('version-widget').shadowRoot.textContent + deep('update-banner').shadowRoot.textContent").await;
        let text = text.as_str().unwrap();
        assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'), "control characters are shown: {text}");
        // Shapes that no watcher sends.
        for state in [json!([]), json!("x"), json!(null), json!({}), json!({ "latest": {}, "current": [], "updateAvailable": "yes", "security": 7, "behind": [], "upgrade": null })] {
            stub.tell(state);
            browser.open(&stub.url).await;
            browser.until("deep('version-widget >> [data-face]').dataset.face !== 'loading'").await;
            assert!(!browser.is_shown(crate::BANNER_FRAME).await);
        }
    })
    .await;
}

/// What shows that the tests above can fail: the same notes put into a page as they are.
#[tokio::test(flavor = "multi_thread")]
async fn put_into_a_page_as_they_are_the_same_notes_do_run_and_fetch() {
    let browser = Browser::start("hostile-control").await;
    let stub = Stub::start(update()).await;
    stub.change(|script| script.policy = "default-src * 'unsafe-inline'".to_owned());
    stub.show("en", "<main></main>");
    let mut ran = 0;
    for batch in corpus::all().chunks(BATCH) {
        browser.open(&stub.url).await;
        for note in batch {
            // Some of these take the page elsewhere or write over it.
            if note.text.contains("http-equiv") || note.text.contains("<base") {
                continue;
            }
            browser.js_with("void (() => { const at = document.createElement('div'); at.innerHTML = arguments[0]; document.body.append(at); })(...arguments)", &[json!(note.text)]).await;
        }
        settle(&browser).await;
        ran += browser.js("new Set(__watch.seen.hits).size").await.as_u64().unwrap();
    }
    let fetched = browser.visits().len();
    browser.quit().await;
    assert!(ran >= 60, "{ran} ran");
    assert!(fetched >= 20, "{fetched} were fetched");
}
