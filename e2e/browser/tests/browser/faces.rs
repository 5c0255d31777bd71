//! Every state has a face of its own, and nothing looks like what it is not.

use std::collections::HashMap;
use std::time::Duration;

use browser_tests::browser::{Browser, Look, in_browser};
use browser_tests::faces;
use browser_tests::stub::{Forced, Reply, Stub};

use crate::{BANNER_FRAME, WIDGET_FACE, widget};

/// Waits until the widget shows this state, which it does once it says what it did not say before.
async fn shown(browser: &Browser) -> (String, String) {
    browser.until("deep('version-widget >> [data-face]').dataset.face !== 'loading'").await;
    let face = browser.js("deep('version-widget >> [data-face]').dataset.face").await;
    let text = browser.text(WIDGET_FACE).await.to_lowercase();
    (face.as_str().unwrap_or_default().to_owned(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_has_words_of_its_own_and_the_banner_is_shown_only_where_an_update_can_be_installed() {
    in_browser("faces", async |browser| {
        let stub = Stub::start(faces::up_to_date()).await;
        let mut words: HashMap<String, &str> = HashMap::new();
        for face in faces::all() {
            stub.tell(face.state);
            browser.open(&stub.url).await;
            let (_, text) = shown(browser).await;
            for wanted in face.says {
                assert!(text.contains(wanted), "{}: no {wanted:?} in {text:?}", face.name);
            }
            assert_eq!(browser.is_shown(BANNER_FRAME).await, face.banner, "banner of {}: {text}", face.name);
            let status = browser.text(&widget("status")).await;
            assert!(!status.is_empty(), "{} has no words", face.name);
            let same = [
                "skipped",
                "snoozed",
                "withdrawn",
                "moved",
                "next-hop",
                "railway",
                "update",
                "up-to-date",
                "unknown-current",
            ];
            if !same.contains(&face.name) {
                let before = words.insert(status.clone(), face.name);
                assert_eq!(before, None, "{} says the same: {status}", face.name);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_never_worded_as_up_to_date() {
    in_browser("unknown", async |browser| {
        let stub = Stub::start(faces::unknown()).await;
        let unsure =
            ["unknown", "unknown-current", "disabled", "watcher-away", "stale", "exposed", "diverged"];
        for face in faces::all().into_iter().filter(|face| unsure.contains(&face.name)) {
            stub.tell(face.state);
            browser.open(&stub.url).await;
            let (_, text) = shown(browser).await;
            assert!(!text.contains("up to date"), "{}: {text}", face.name);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reasons_why_a_version_is_held_back_are_told_apart() {
    in_browser("pending", async |browser| {
        let stub = Stub::start(faces::unknown()).await;
        let mut told = Vec::new();
        for reason in ["image_missing", "platform_missing", "registry_private", "cooling_down"] {
            stub.tell(faces::pending(reason, "details"));
            browser.open(&stub.url).await;
            let (face, text) = shown(browser).await;
            assert_eq!(face, "pending", "{text}");
            told.push(browser.text(&widget("status")).await);
        }
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 4, "{told:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_answer_nothing_is_claimed() {
    in_browser("loading", async |browser| {
        let stub = Stub::start(faces::update()).await;
        stub.change(|script| script.version = Reply::Never);
        browser.open(&stub.url).await;
        browser.until("deep('version-widget >> [data-face]').dataset.face === 'loading'").await;
        let text = browser.text(WIDGET_FACE).await.to_lowercase();
        assert!(!text.contains("up to date") && !text.contains("unknown"), "{text}");
        assert!(!browser.is_shown(BANNER_FRAME).await);
        assert_eq!(browser.js("deep('update-banner').getBoundingClientRect().height").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_or_answers_something_else_is_the_watcher_being_away() {
    in_browser("away", async |browser| {
        let stub = Stub::start(faces::update()).await;
        for reply in [Reply::Status(500), Reply::Status(404), Reply::Status(502), Reply::Garbage] {
            stub.change(|script| script.version = reply);
            browser.open(&stub.url).await;
            let (face, text) = shown(browser).await;
            assert_eq!(face, "away", "{reply:?}: {text}");
            assert!(!browser.is_shown(BANNER_FRAME).await);
        }
        stub.change(|script| script.version = Reply::Status(401));
        browser.open(&stub.url).await;
        assert_eq!(shown(browser).await.0, "signin");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_banner_says_what_to_type_how_far_behind_and_where_to_read() {
    in_browser("banner", async |browser| {
        let stub = Stub::start(faces::update()).await;
        browser.open(&stub.url).await;
        browser.until_text(BANNER_FRAME, "Update available: v1.3.0").await;
        let text = browser.text(BANNER_FRAME).await;
        for wanted in ["./upgrade.sh", "2 releases behind", "12 days", "View Release"] {
            assert!(text.contains(wanted), "no {wanted:?} in {text:?}");
        }
        let link = browser
            .js("(({ href, target, rel }) => [href, target, rel])(deep('update-banner >> a[part~=link]'))")
            .await;
        assert_eq!(link[0], "https://github.com/yourorg/remote-agent/releases/tag/v1.3.0");
        assert_eq!(link[1], "_blank");
        assert!(link[2].as_str().unwrap().contains("noopener"), "{link}");
        stub.tell(faces::security());
        browser.until_text(BANNER_FRAME, "Security update available: v1.3.0").await;
        assert!(browser.text(BANNER_FRAME).await.contains("high"), "the severity is told");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_widget_names_current_latest_and_last_checked() {
    in_browser("widget", async |browser| {
        let stub = Stub::start(faces::update()).await;
        browser.open(&stub.url).await;
        browser.until_text(WIDGET_FACE, "1.3.0").await;
        let text = browser.text(WIDGET_FACE).await;
        let buttons = ["Check Now", "View Changelog", "Skip"];
        for wanted in ["Current", "Latest", "Last checked", "2 hours ago"].iter().chain(&buttons) {
            assert!(text.contains(wanted), "no {wanted:?} in {text:?}");
        }
        let time = browser.js("deep('version-widget >> time').dateTime").await;
        assert!(time.as_str().unwrap().starts_with("20"), "{time}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faces_hold_in_dark_narrow_forced_colours_and_with_less_motion() {
    in_browser("looks", async |browser| {
        let stub = Stub::start(faces::update()).await;
        stub.change(|script| script.forced = Forced::Done(Duration::from_secs(60), None));
        let looks = [
            Look::dark(),
            Look::narrow(),
            Look { forced_colors: true, ..Look::default() },
            Look { reduced_motion: true, ..Look::default() },
        ];
        for look in looks {
            browser.look(look).await;
            browser.open(&stub.url).await;
            browser.until_text(BANNER_FRAME, "Update available").await;
            assert!(browser.sideways().await <= 0, "{look:?} scrolls sideways");
            assert_eq!(browser.reaching_out().await, Vec::<String>::new(), "{look:?}");
            browser.click(&widget("check")).await;
            let moving = "document.getAnimations().concat(deep('version-widget').shadowRoot.getAnimations())\
                 .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().duration > 1).length";
            if look.reduced_motion {
                assert_eq!(browser.js(moving).await, 0, "something moves");
            }
        }
    })
    .await;
}
