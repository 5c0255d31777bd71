//! Several targets from a TOML file, and which setting wins.

use std::collections::HashMap;

use contract::Targets;
use fake_github::{FakeGithub, NewCommit, NewRelease};

use crate::helpers::{TestApp, github, settings, spawn_with};
use crate::program::run;

const FILE: &str = r#"
cache_ttl = "2h"
channel = "prerelease"
current = "0.0.1"

[[target]]
repo = "octo/app"
current = "1.2.3"
channel = "stable"

[[target]]
repo = "octo/tool"
name = "my-tool"
current = "2.0.0"
upgrade_how = "railway"

[[target]]
repo = "octo/site"
track = "branch:main"
"#;

async fn world() -> FakeGithub {
    let fake = github(&["v1.2.3", "v1.3.0", "v1.4.0-rc.1"]).await;
    fake.repo("octo/tool").release(NewRelease::new("v2.0.0")).release(NewRelease::new("v3.0.0-rc.1"));
    fake.repo("octo/site").branch("main", &[NewCommit::new("one")]);
    fake
}

/// A watcher with this file, and the place of the file.
async fn with_file(fake: &FakeGithub, text: &str) -> (TestApp, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sidewatch.toml");
    std::fs::write(&file, text).unwrap();
    let mut environment = without(settings(fake), &["REPO", "CURRENT"]);
    environment.insert("SIDEWATCH_CONFIG".into(), file.to_str().unwrap().into());
    (spawn_with(environment).await, directory)
}

fn without(mut environment: HashMap<String, String>, keys: &[&str]) -> HashMap<String, String> {
    environment.retain(|name, _| !keys.iter().any(|key| *name == format!("SIDEWATCH_{key}")));
    environment
}

async fn settled(app: &TestApp) {
    for name in ["app", "my-tool", "site"] {
        assert_eq!(app.get(&format!("/api/version?target={name}")).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn every_target_is_told_in_the_order_of_the_file() {
    let fake = world().await;
    let (app, _directory) = with_file(&fake, FILE).await;
    settled(&app).await;
    let told: Targets = serde_json::from_value(app.get("/api/targets").await.json()).unwrap();
    let seen: Vec<_> =
        told.targets.iter().map(|state| (state.name.as_str(), state.latest.as_deref())).collect();
    let head = fake.repo("octo/site").head("main").unwrap();
    assert_eq!(seen, [("app", Some("1.3.0")), ("my-tool", Some("3.0.0-rc.1")), ("site", Some(&head))]);
}

#[tokio::test]
async fn a_target_is_asked_for_by_its_name_and_the_first_is_the_default() {
    let fake = world().await;
    let (app, _directory) = with_file(&fake, FILE).await;
    settled(&app).await;
    assert_eq!(app.version().await.name, "app");
    let tool = app.get("/api/version?target=my-tool").await.json();
    assert_eq!((&tool["name"], &tool["upgrade"]["how"]), (&"my-tool".into(), &"railway".into()));
    for path in ["/feed.atom", "/badge.svg", "/badge.json", "/api/changelog"] {
        let answer = app.get(&format!("{path}?target=my-tool")).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text.contains("my-tool"), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn an_unknown_target_is_404_everywhere() {
    let fake = world().await;
    let (app, _directory) = with_file(&fake, FILE).await;
    settled(&app).await;
    for path in ["/api/version", "/api/changelog", "/api/stream", "/feed.atom", "/badge.svg", "/badge.json"] {
        for name in ["other", "App", "octo/app", "%3Cscript%3E"] {
            let answer = app.get(&format!("{path}?target={name}")).await;
            assert_eq!(answer.status, 404, "{path} {name:?}");
            assert!(!answer.text.contains("script"), "{}", answer.text);
        }
    }
    let body = Some(r#"{"version":"1.3.0"}"#);
    assert_eq!(app.decide(reqwest::Method::POST, "/api/skip?target=other", body).await.status, 404);
}

#[tokio::test]
async fn a_target_has_what_its_table_says_else_what_the_file_says_for_all() {
    let fake = world().await;
    let (app, _directory) = with_file(&fake, FILE).await;
    settled(&app).await;
    let told: Targets = serde_json::from_value(app.get("/api/targets").await.json()).unwrap();
    assert_eq!(
        (told.targets[0].channel.as_str(), told.targets[1].channel.as_str()),
        ("stable", "prerelease")
    );
    // What runs is each target's own: the file's `current` is not that of a target without one.
    assert_eq!(told.targets[2].current, None);
}

#[tokio::test]
async fn a_decision_is_of_one_target() {
    let fake = world().await;
    let (app, _directory) = with_file(&fake, FILE).await;
    settled(&app).await;
    let body = Some(r#"{"version":"3.0.0-rc.1"}"#);
    let answer = app.decide(reqwest::Method::POST, "/api/skip?target=my-tool", body).await;
    assert_eq!(answer.json()["skipped"], "3.0.0-rc.1");
    assert_eq!(app.version().await.skipped, None);
}

#[tokio::test]
async fn a_target_that_fails_leaves_the_others_alone() {
    let fake = world().await;
    fake.repo("octo/tool").delete();
    let (app, _directory) = with_file(&fake, FILE).await;
    settled(&app).await;
    let told: Targets = serde_json::from_value(app.get("/api/targets").await.json()).unwrap();
    assert_eq!(told.targets[0].latest.as_deref(), Some("1.3.0"));
    assert_eq!(told.targets[1].error.as_ref().unwrap().code, contract::ErrorCode::NotFound);
    assert_eq!(told.targets[1].update_available, None);
}

#[tokio::test]
async fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let fake = world().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sidewatch.toml");
    std::fs::write(
        &file,
        "repo = \"octo/app\"\nname = \"file\"\ncurrent = \"1.2.3\"\nchannel = \"prerelease\"\n",
    )
    .unwrap();
    let mut environment = without(settings(&fake), &["REPO", "CURRENT", "LISTEN"]);
    environment.insert("SIDEWATCH_CONFIG".into(), file.to_str().unwrap().into());
    let told = async |environment: &HashMap<String, String>, arguments: &[&str]| {
        let arguments: Vec<&str> = ["check", "--json"].into_iter().chain(arguments.iter().copied()).collect();
        let ended = run(&arguments, &environment.clone().into_iter().collect()).await.json();
        [&ended["name"], &ended["channel"], &ended["track"]].map(|value| value.as_str().unwrap().to_owned())
    };
    assert_eq!(told(&environment, &[]).await, ["file", "prerelease", "releases"]);
    environment.insert("SIDEWATCH_NAME".into(), "environment".into());
    assert_eq!(told(&environment, &[]).await, ["environment", "prerelease", "releases"]);
    assert_eq!(told(&environment, &["--name", "flag"]).await, ["flag", "prerelease", "releases"]);
    assert_eq!(told(&environment, &["--channel", "stable"]).await, ["environment", "stable", "releases"]);
}

#[tokio::test]
async fn the_file_may_be_named_by_a_flag() {
    let fake = world().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sidewatch.toml");
    std::fs::write(&file, "repo = \"octo/app\"\nname = \"by-flag\"\ncurrent = \"1.2.3\"\n").unwrap();
    let mut environment = without(settings(&fake), &["REPO", "CURRENT"]);
    let arguments = ["check", "--json", "--config", file.to_str().unwrap()];
    let ended = run(&arguments, &environment.clone().into_iter().collect()).await;
    assert_eq!((ended.code, &ended.json()["name"]), (0, &"by-flag".into()));
    // The flag beats the variable here too.
    environment.insert("SIDEWATCH_CONFIG".into(), "/nowhere/sidewatch.toml".into());
    let ended = run(&arguments, &environment.into_iter().collect()).await;
    assert_eq!((ended.code, &ended.json()["name"]), (0, &"by-flag".into()));
}

#[tokio::test]
async fn an_empty_target_is_the_first_and_several_are_400_everywhere() {
    let fake = world().await;
    let (app, _directory) = with_file(&fake, FILE).await;
    settled(&app).await;
    for path in ["/api/version", "/api/changelog", "/feed.atom", "/badge.svg", "/badge.json"] {
        assert_eq!(app.get(&format!("{path}?target=")).await.text, app.get(path).await.text, "{path}");
    }
    for path in ["/api/version", "/api/changelog", "/api/stream", "/feed.atom", "/badge.svg", "/badge.json"] {
        let answer = app.get(&format!("{path}?target=app&target=my-tool")).await;
        assert_eq!(answer.status, 400, "{path}");
    }
    let body = Some(r#"{"version":"1.3.0"}"#);
    let answer = app.decide(reqwest::Method::POST, "/api/skip?target=app&target=app", body).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn all_targets_together_have_an_etag_that_changes_with_any_of_them() {
    let fake = world().await;
    let (app, _directory) = with_file(&fake, FILE).await;
    settled(&app).await;
    let tag = app.get("/api/targets").await.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.len() > 2, "{tag}");
    let again = app.get_with("/api/targets", &[("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", tag.as_str()));
    let body = Some(r#"{"version":"3.0.0-rc.1"}"#);
    app.decide(reqwest::Method::POST, "/api/skip?target=my-tool", body).await;
    let changed = app.get_with("/api/targets", &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
}
