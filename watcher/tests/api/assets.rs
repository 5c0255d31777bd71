//! The web components' module and its languages, as bytes; what they do in a browser is tested in one.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::Method;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use serde_json::Value;
use watcher::components;

use crate::helpers::{TestApp, github, spawn};

const MODULE: &str = "/update-banner.js";
const LARGEST_MODULE: usize = 10 * 1024;

/// What `new Intl.PluralRules(language).resolvedOptions().pluralCategories` says of each language.
const CATEGORIES: [(&str, &[&str]); 11] = [
    ("ar", &["few", "many", "one", "other", "two", "zero"]),
    ("de", &["one", "other"]),
    ("es", &["many", "one", "other"]),
    ("fr", &["many", "one", "other"]),
    ("he", &["one", "other", "two"]),
    ("it", &["many", "one", "other"]),
    ("ja", &["other"]),
    ("pl", &["few", "many", "one", "other"]),
    ("pt", &["many", "one", "other"]),
    ("ru", &["few", "many", "one", "other"]),
    ("zh", &["other"]),
];

async fn app() -> (fake_github::FakeGithub, TestApp) {
    let fake = github(&["v1.2.3"]).await;
    let app = spawn(&fake, &[]).await;
    (fake, app)
}

/// The bytes as they travel, and their encoding.
async fn raw(app: &TestApp, path: &str, accepted: &str) -> (Vec<u8>, Option<String>, String) {
    let client = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let request = client.get(format!("{}{path}", app.url)).header(ACCEPT_ENCODING, accepted);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["vary"], "Accept-Encoding");
    let encoding = response.headers().get(CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned());
    let tag = response.headers()["etag"].to_str().unwrap().to_owned();
    (response.bytes().await.unwrap().to_vec(), encoding, tag)
}

fn unpacked(gzip: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(gzip).read_to_string(&mut text).unwrap();
    text
}

fn words(language: &str) -> BTreeMap<String, Value> {
    serde_json::from_str(&components::words(language).unwrap().text().unwrap()).unwrap()
}

fn english() -> BTreeMap<String, Value> {
    let source = include_str!("../../components/english.js");
    let object = source.split_once("english = ").unwrap().1.trim_end().trim_end_matches(';');
    serde_json::from_str(object).expect("english.js is one JSON object")
}

#[tokio::test]
async fn the_module_is_javascript_that_may_be_kept_for_a_while_and_is_small() {
    let (_fake, app) = app().await;
    let answer = app.get(MODULE).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/javascript; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.text.contains("update-banner") && answer.text.contains("version-widget"));
    let (bytes, encoding, _) = raw(&app, MODULE, "gzip, deflate, br").await;
    assert_eq!(encoding.as_deref(), Some("gzip"));
    assert!(bytes.len() < LARGEST_MODULE, "{} bytes", bytes.len());
    assert_eq!(unpacked(&bytes), answer.text);
}

#[tokio::test]
async fn who_takes_no_gzip_gets_the_same_text_under_another_tag() {
    let (_fake, app) = app().await;
    let (_, _, packed_tag) = raw(&app, MODULE, "gzip").await;
    for accepted in ["GZip;q=0.5", "br,gzip", "br;q=1.0, gzip; q=0.1"] {
        assert_eq!(raw(&app, MODULE, accepted).await.1.as_deref(), Some("gzip"), "{accepted}");
    }
    for accepted in ["identity", "br", "gzip;q=0", "br, gzip; q=0.0", "gzip;Q=0", "xgzip", ""] {
        let (bytes, encoding, tag) = raw(&app, MODULE, accepted).await;
        assert_eq!(encoding, None, "{accepted}");
        assert_eq!(String::from_utf8(bytes).unwrap(), components::module().text().unwrap());
        assert_ne!(tag, packed_tag);
    }
}

#[tokio::test]
async fn an_unchanged_module_is_a_304_and_head_tells_what_get_would() {
    let (_fake, app) = app().await;
    for path in [MODULE.to_owned(), format!("{MODULE}?lang=de")] {
        let answer = app.get(&path).await;
        let again = app.get_with(&path, &[("if-none-match", answer.header("etag"))]).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""));
        assert_eq!(again.header("etag"), answer.header("etag"));
        let head = app.request(Method::HEAD, &path, &[], None).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
        assert_eq!(head.header("content-type"), answer.header("content-type"));
        assert_eq!(app.request(Method::POST, &path, &[], Some("{}")).await.status, 405);
    }
}

#[tokio::test]
async fn languages_are_json_under_the_same_path_and_other_parameters_change_nothing() {
    let (_fake, app) = app().await;
    let module = app.get(MODULE).await.text;
    for (language, _) in CATEGORIES {
        let answer = app.get(&format!("{MODULE}?lang={language}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert!(answer.json()["update"].as_str().unwrap().contains("{}"), "{language}");
    }
    for unknown in ["en", "xx", "", "de.json", "../de", "DE"] {
        assert_eq!(app.get(&format!("{MODULE}?lang={unknown}")).await.status, 404, "{unknown}");
    }
    for other in ["?v=1.2.3", "?", "?%", "?target=x"] {
        assert_eq!(app.get(&format!("{MODULE}{other}")).await.text, module, "{other}");
    }
}

#[tokio::test]
async fn the_module_is_described() {
    let (_fake, app) = app().await;
    let document = app.get("/openapi.json").await.json();
    assert!(document["paths"][MODULE]["get"].is_object());
}

#[tokio::test]
async fn decisions_and_the_stream_have_a_second_name_below_the_version() {
    let (_fake, app) = app().await;
    app.version().await;
    let skipped = app.decide(Method::POST, "/api/version/skip", Some("{\"version\":\"1.3.0\"}")).await;
    assert_eq!(skipped.status, 200, "{}", skipped.text);
    assert_eq!(app.decide(Method::DELETE, "/api/version/skip", None).await.status, 200);
    assert_eq!(app.decide(Method::DELETE, "/api/version/snooze", None).await.status, 200);
    let unsigned = app.request(Method::DELETE, "/api/version/skip", &[], None).await;
    assert_eq!(unsigned.status, 401);
    let stream = app.open("/api/version/stream").await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
}

#[test]
fn the_module_loads_nothing_compiles_no_text_and_parses_no_markup() {
    let module = components::module().text().unwrap();
    for bad in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "DOMParser",
        "document.write",
        "eval(",
        "Function(",
        "createPolicy",
        "import(",
        "import {",
        "http://",
        "https://",
        "console.",
        "style=",
    ] {
        assert!(!module.contains(bad), "{bad}");
    }
}

#[test]
fn the_module_offers_the_languages_that_there_are() {
    let module = components::module().text().unwrap().replace('`', "\"");
    let offered: Vec<String> = CATEGORIES.iter().map(|(language, _)| format!("\"{language}\"")).collect();
    assert!(module.contains(&format!("[{}]", offered.join(","))));
    assert!(components::languages().eq(CATEGORIES.iter().map(|(language, _)| *language)));
}

#[test]
fn every_language_says_everything_that_english_says() {
    let wanted: BTreeSet<String> = english().into_keys().collect();
    for (language, _) in CATEGORIES {
        assert_eq!(words(language).into_keys().collect::<BTreeSet<_>>(), wanted, "{language}");
    }
}

#[test]
fn plurals_have_every_form_that_the_language_needs() {
    for (language, categories) in CATEGORIES.into_iter().chain([("en", ["one", "other"].as_slice())]) {
        let words = if language == "en" { english() } else { words(language) };
        let plurals = words.iter().filter_map(|(key, value)| Some((key, value.as_object()?)));
        let plurals: Vec<_> = plurals.collect();
        assert_eq!(plurals.len(), 2, "{language}: releases and commits");
        for (key, forms) in plurals {
            assert!(forms.keys().map(String::as_str).eq(categories.iter().copied()), "{language} {key}");
            assert!(forms["other"].as_str().unwrap().contains("{}"), "{language} {key}");
        }
    }
}

#[test]
fn messages_are_plain_text_with_a_value_where_english_has_one() {
    let english = english();
    for (language, _) in CATEGORIES {
        for (key, value) in words(language) {
            let Some(text) = value.as_str() else { continue };
            let original = english.get(&key).and_then(Value::as_str).unwrap_or_default();
            assert_eq!(
                text.matches("{}").count(),
                original.matches("{}").count(),
                "{language} {key}: {text}"
            );
            assert!(!text.is_empty() && text.trim() == text, "{language} {key}");
            let rest = text.replace("{}", "");
            assert!(!rest.contains(['<', '>', '&', '{', '}', '\\']), "{language} {key}: {text}");
        }
    }
}
