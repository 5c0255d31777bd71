//! The page's language, with its plurals and its direction, and nothing that does not fit.

use std::collections::HashSet;

use browser_tests::browser::{Browser, Look, in_browser};
use browser_tests::faces::{self, ago, with};
use browser_tests::module::LANGUAGES;
use browser_tests::stub::Stub;
use serde_json::json;

use crate::{BANNER_FRAME, WIDGET_FACE, banner, widget};

/// Shows the page in this language and waits until the components speak it.
async fn speak(browser: &Browser, stub: &Stub, language: &str) {
    stub.change(|script| language.clone_into(&mut script.language));
    browser.open(&stub.url).await;
    browser.until_text(BANNER_FRAME, "1.3.0").await;
    if !language.starts_with("en") {
        browser.until("!deep('version-widget >> [part~=check]').innerText.includes('Check Now')").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_at_least_eight_and_no_two_say_the_same() {
    in_browser("languages", async |browser| {
        let stub = Stub::start(faces::update()).await;
        let mut said = HashSet::new();
        for language in LANGUAGES.iter().chain(&["en"]) {
            speak(browser, &stub, language).await;
            let mut words = String::new();
            for path in [widget("check"), widget("changelog"), banner("link")] {
                words += &browser.text(&path).await;
            }
            assert!(said.insert(words.clone()), "{language} says what another one says: {words}");
        }
        assert!(said.len() >= 8, "{said:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_closest_lang_counts_regions_fall_back_and_unknown_ones_are_english() {
    in_browser("closest", async |browser| {
        let stub = Stub::start(faces::update()).await;
        speak(browser, &stub, "pt-BR").await;
        let portuguese = browser.text(&widget("check")).await;
        speak(browser, &stub, "pt").await;
        assert_eq!(browser.text(&widget("check")).await, portuguese);
        stub.show("de", "<update-banner src=\"/api/version\"></update-banner><div lang=\"fr\"><version-widget src=\"/api/version\"></version-widget></div>");
        browser.open(&stub.url).await;
        browser.until("!deep('update-banner >> [part~=banner]').innerText.includes('Update available')").await;
        browser.until("!deep('version-widget >> [part~=check]').innerText.includes('Check Now')").await;
        let french = browser.text(&widget("check")).await;
        assert!(french.to_lowercase().contains("vérifier"), "{french}");
        stub.show("tlh", browser_tests::stub::both());
        browser.open(&stub.url).await;
        browser.until_text(BANNER_FRAME, "Update available").await;
        browser.js("document.documentElement.lang = 'es'").await;
        browser.until("!deep('version-widget >> [part~=check]').innerText.includes('Check Now')").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_take_the_plural_forms_of_the_language() {
    in_browser("plurals", async |browser| {
        let stub = Stub::start(faces::update()).await;
        for (language, counts, forms) in [
            ("en", [1, 2, 5], 2),
            ("de", [1, 2, 5], 2),
            ("pl", [1, 2, 5], 3),
            ("ru", [1, 2, 5], 3),
            ("ar", [2, 3, 11], 3),
        ] {
            let mut seen = HashSet::new();
            for count in counts {
                stub.tell(with(
                    &faces::update(),
                    json!({ "behind": { "releases": count, "commits": null, "days": null } }),
                ));
                speak(browser, &stub, language).await;
                let text = browser.text(&banner("behind")).await;
                let letters: String = text.chars().filter(|one| one.is_alphabetic()).collect();
                assert!(!text.is_empty(), "{language} {count}");
                seen.insert(letters);
            }
            assert_eq!(seen.len(), forms, "{language}: {seen:#?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relative_times_are_in_the_language_of_the_page() {
    in_browser("times", async |browser| {
        let stub = Stub::start(with(&faces::update(), json!({ "lastChecked": ago(125) }))).await;
        for (language, wanted) in
            [("de", "vor 2 Stunden"), ("fr", "il y a 2 heures"), ("ja", "2 時間前"), ("ru", "2 часа назад")]
        {
            speak(browser, &stub, language).await;
            browser.until_text(WIDGET_FACE, wanted).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn arabic_and_hebrew_run_from_right_to_left() {
    in_browser("rtl", async |browser| {
        let stub = Stub::start(faces::update()).await;
        for (language, direction) in [("ar", ""), ("he", ""), ("he", "rtl")] {
            stub.change(|script| direction.clone_into(&mut script.direction));
            speak(browser, &stub, language).await;
            for frame in [BANNER_FRAME, WIDGET_FACE] {
                assert_eq!(
                    browser.js(&format!("getComputedStyle(deep('{frame}')).direction")).await,
                    "rtl",
                    "{language} {frame}"
                );
            }
            let side = "deep('update-banner >> [part~=dismiss]').getBoundingClientRect().x < innerWidth / 2";
            assert_eq!(browser.js(side).await, true, "× stands on the wrong side in {language}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_320_pixels_nothing_reaches_out_in_any_language() {
    in_browser("narrow", async |browser| {
        let stub = Stub::start(faces::update()).await;
        browser.look(Look::narrow()).await;
        for state in [faces::security(), faces::update()] {
            stub.tell(state);
            for language in LANGUAGES.iter().chain(&["en"]) {
                speak(browser, &stub, language).await;
                assert!(browser.sideways().await <= 0, "{language} scrolls sideways");
                assert_eq!(browser.reaching_out().await, Vec::<String>::new(), "{language}");
            }
        }
    })
    .await;
}
