//! The verbs of the real program, by exit code and output.

use std::collections::BTreeMap;
use std::time::Duration;

use fake_github::{FakeGithub, NewAdvisory, NewRelease};
use serde_json::Value;

use crate::helpers::{REPO, TestApp, github, settings};
use crate::program::{Ended, Serving, run};

/// Towards this stand-in, and nothing else.
fn towards(fake: &FakeGithub) -> BTreeMap<String, String> {
    let kept = ["GITHUB_API_URL", "GITHUB_WEB_URL", "REGISTRY_URL"].map(|key| format!("SIDEWATCH_{key}"));
    settings(fake).into_iter().filter(|(key, _)| kept.contains(key)).collect()
}

fn with(mut environment: BTreeMap<String, String>, changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    environment.extend(changes.iter().map(|(key, value)| (format!("SIDEWATCH_{key}"), (*value).to_owned())));
    environment
}

fn nothing() -> BTreeMap<String, String> {
    BTreeMap::new()
}

async fn check(fake: &FakeGithub, arguments: &[&str]) -> Ended {
    let arguments: Vec<&str> = ["check", REPO].into_iter().chain(arguments.iter().copied()).collect();
    run(&arguments, &towards(fake)).await
}

#[tokio::test]
async fn the_version_is_one_line() {
    for flag in ["--version", "-V"] {
        let ended = run(&[flag], &nothing()).await;
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{flag}");
        let words: Vec<&str> = ended.stdout.trim_end().split(' ').collect();
        assert_eq!(words[0], "sidewatch");
        // With a release version or without one.
        let [commit, date] = words[words.len() - 2..] else { panic!("{words:?}") };
        assert!((3..=4).contains(&words.len()) && ended.stdout.lines().count() == 1, "{}", ended.stdout);
        let is_commit = commit.len() == 7 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(is_commit || matches!(commit, "dev" | "unknown"), "{commit}");
        let date = date.strip_prefix('(').and_then(|date| date.strip_suffix(')')).expect("(DATE)");
        assert!(date == "unknown" || chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok(), "{date}");
    }
}

#[tokio::test]
async fn help_has_examples() {
    for arguments in [&["--help"][..], &["serve", "--help"], &["check", "--help"], &["doctor", "--help"]] {
        let ended = run(arguments, &nothing()).await;
        assert_eq!(ended.code, 0, "{arguments:?}");
        assert!(ended.stdout.contains("Example"), "{arguments:?}: {}", ended.stdout);
        assert!(ended.stdout.contains("sidewatch "), "{arguments:?}");
        assert!(!ended.stdout.contains('\u{1b}'), "no colour where nobody sees it");
    }
}

#[tokio::test]
async fn wrong_usage_is_exit_2() {
    let wrong: [&[&str]; 5] =
        [&[], &["fly"], &["serve", "--no-such-flag"], &["check", "--current"], &["check", "a/b", "c/d"]];
    for arguments in wrong {
        let ended = run(arguments, &nothing()).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
    }
}

#[tokio::test]
async fn a_bad_configuration_is_exit_64_and_names_all_mistakes_but_no_secret() {
    let environment = with(
        nothing(),
        &[
            ("REPO", "not a repository"),
            ("TRACK", "branches"),
            ("CACHE_TTL", "soon"),
            ("SCHEDULE", "whenever"),
            ("GITHUB_TOKEN", "ghp_my secret"),
            ("NOTIFY_WEBHOOK_URL", "hooks.example.org/T0/secretpath"),
            ("API_TOKEN_FILE", "/nowhere/to/be/found"),
            ("LOG_FORMAT", "xml"),
        ],
    );
    for verb in ["serve", "doctor"] {
        let ended = run(&[verb], &environment).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (64, ""), "{verb}: {}", ended.stderr);
        for name in environment.keys() {
            assert!(ended.stderr.contains(name), "{verb}: {name} is not named in {}", ended.stderr);
        }
        for secret in ["ghp_my", "secretpath"] {
            assert!(!ended.stderr.contains(secret), "{verb}: {}", ended.stderr);
        }
    }
}

#[tokio::test]
async fn check_says_that_an_update_is_available_with_exit_0() {
    let fake = github(&["v1.2.3"]).await;
    fake.repo(REPO)
        .release(NewRelease::new("v1.3.0").notes("### New\n- \u{1b}[31mred\u{1b}[0m\n- Feature X"));
    let ended = check(&fake, &["--current", "1.2.3"]).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{}", ended.stdout);
    for part in ["update available", "1.2.3", "1.3.0", "Feature X", "/releases/tag/v1.3.0"] {
        assert!(ended.stdout.contains(part), "{part} in {}", ended.stdout);
    }
    assert!(!ended.stdout.contains('\u{1b}'), "{:?}", ended.stdout);
    let ended = check(&fake, &["--current", "1.2.3", "--json"]).await;
    let state: contract::VersionState = serde_json::from_value(ended.json()).expect("the contract's shape");
    assert_eq!((ended.code, state.latest.as_deref()), (0, Some("1.3.0")));
}

#[tokio::test]
async fn check_names_the_advisory_that_the_update_closes() {
    let fake = github(&["v1.2.3", "v1.2.4"]).await;
    fake.repo(REPO).advisory(NewAdvisory::new("GHSA-2cfg-hjmp-qrvw").range("< 1.2.4").patched("1.2.4"));
    let ended = check(&fake, &["--current", "1.2.3"]).await;
    assert_eq!(ended.code, 0);
    assert!(ended.stdout.contains("security update available"), "{}", ended.stdout);
    assert!(ended.stdout.contains("GHSA-2cfg-hjmp-qrvw"), "{}", ended.stdout);
}

#[tokio::test]
async fn check_says_up_to_date_with_exit_10() {
    let fake = github(&["v1.2.3"]).await;
    for current in ["1.2.3", "1.3.0"] {
        let ended = check(&fake, &["--current", current]).await;
        assert_eq!((ended.code, ended.stderr.as_str()), (10, ""), "{current}");
        assert!(ended.stdout.contains("up to date"), "{}", ended.stdout);
        let ended = check(&fake, &["--current", current, "--json"]).await;
        assert_eq!((ended.code, &ended.json()["updateAvailable"]), (10, &Value::from(false)), "{current}");
    }
}

#[tokio::test]
async fn check_says_why_it_cannot_tell_with_exit_20() {
    let fake = github(&["v1.2.3"]).await;
    for (arguments, reason) in [(&["--current", "dev"][..], "dev"), (&[], "--current")] {
        let ended = check(&fake, arguments).await;
        assert_eq!(ended.code, 20, "{arguments:?}");
        assert!(ended.stderr.contains(reason), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stdout.contains("1.2.3"), "the latest is told all the same: {}", ended.stdout);
    }
    fake.repo(REPO).delete();
    let ended = check(&fake, &["--current", "1.2.3", "--json"]).await;
    assert_eq!((ended.code, &ended.json()["updateAvailable"]), (20, &Value::Null));
    assert!(ended.stderr.contains("does not exist"), "{}", ended.stderr);
}

#[tokio::test]
async fn check_tells_each_reason_apart() {
    let fake = github(&["v2.0.0-rc.1"]).await;
    fake.repo("octo/web").branch("main", &[fake_github::NewCommit::new("one")]);
    let sha = "f".repeat(40);
    for (arguments, reason) in [
        (&["check", REPO, "--current", "1.2.3"][..], "SIDEWATCH_CHANNEL=prerelease would follow them"),
        (
            &["check", REPO, "--channel", "prerelease", "--line", "^9"],
            "nothing matches SIDEWATCH_LINE=^9; the highest is 2.0.0-rc.1",
        ),
        (&["check", "octo/web", "--track", "branch:main", "--current", "dev"], "`dev` is no commit"),
        (&["check", "octo/web", "--track", "branch:main", "--current", &sha], "cannot be compared with main"),
        (&["check", "octo/web", "--track", "branch:main"], "give --current"),
    ] {
        let ended = run(arguments, &towards(&fake)).await;
        assert_eq!(ended.code, 20, "{arguments:?}");
        assert!(ended.stderr.contains(reason), "{reason}: {}", ended.stderr);
    }
    let off = with(towards(&fake), &[("DISABLE_UPDATE_CHECK", "true")]);
    let ended = run(&["check", REPO, "--current", "1.2.3"], &off).await;
    assert_eq!(ended.code, 20);
    assert!(ended.stderr.contains("SIDEWATCH_DISABLE_UPDATE_CHECK"), "{}", ended.stderr);
}

#[tokio::test]
async fn healthcheck_is_0_where_it_lives_and_1_where_it_does_not() {
    let fake = github(&["v1.2.3"]).await;
    let environment = with(towards(&fake), &[("REPO", REPO), ("LISTEN", "127.0.0.1:0")]);
    let serving = Serving::start(&environment).await;
    let address = serving.url.strip_prefix("http://").unwrap().to_owned();
    let by_flag = run(&["healthcheck", "--listen", &address], &nothing()).await;
    assert_eq!(by_flag.code, 0, "{}", by_flag.stderr);
    let by_variable = run(&["healthcheck"], &with(nothing(), &[("LISTEN", &address)])).await;
    assert_eq!(by_variable.code, 0, "{}", by_variable.stderr);
    // By the file that the sidecar was given, whatever else is wrong in it.
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sidewatch.toml");
    std::fs::write(&file, format!("listen = \"{address}\"\ncache_ttl = \"soon\"\n")).unwrap();
    let file = file.to_str().unwrap();
    let by_file = run(&["healthcheck"], &with(nothing(), &[("CONFIG", file)])).await;
    assert_eq!(by_file.code, 0, "{}", by_file.stderr);
    let by_named_file = run(&["healthcheck", "--config", file], &nothing()).await;
    assert_eq!(by_named_file.code, 0, "{}", by_named_file.stderr);
    assert_eq!(run(&["healthcheck", "--listen", "nowhere"], &nothing()).await.code, 64);
    drop(serving);
    let gone = run(&["healthcheck", "--listen", &address], &nothing()).await;
    assert_eq!(gone.code, 1);
    assert!(gone.stderr.contains(&address), "{}", gone.stderr);
}

#[tokio::test]
async fn sigterm_ends_it_within_eight_seconds_with_exit_0() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let environment =
        with(towards(&fake), &[("REPO", REPO), ("CURRENT", "1.2.3"), ("LISTEN", "127.0.0.1:0")]);
    let serving = Serving::start(&environment).await;
    let app = TestApp::at(serving.url.clone());
    assert_eq!(app.version().await.latest.as_deref(), Some("1.3.0"));
    // A reader that follows the stream keeps nobody up.
    let stream = app.open("/api/stream").await;
    let (status, took) = serving.terminate().await;
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(8), "{took:?}");
    drop(stream);
}

#[tokio::test]
async fn a_closed_terminal_ends_it_gracefully_too() {
    let fake = github(&["v1.2.3"]).await;
    let environment = with(towards(&fake), &[("REPO", REPO), ("LISTEN", "127.0.0.1:0")]);
    let (status, took) = Serving::start(&environment).await.signal("HUP").await;
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[tokio::test]
async fn sigterm_ends_it_also_while_upstream_hangs() {
    let fake = github(&["v1.2.3"]).await;
    fake.fault(fake_github::Door::Api, fake_github::Fault::Hang);
    let environment = with(towards(&fake), &[("REPO", REPO), ("LISTEN", "127.0.0.1:0")]);
    let serving = Serving::start(&environment).await;
    fake.wait_for_calls(fake_github::Door::Api, 1).await;
    let app = TestApp::at(serving.url.clone());
    let waiting = tokio::spawn(async move { app.open("/api/version").await });
    let (status, took) = serving.terminate().await;
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(8), "{took:?}");
    waiting.abort();
}

#[tokio::test]
async fn a_taken_address_is_exit_1_and_named() {
    let fake = github(&["v1.2.3"]).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(&["serve"], &with(towards(&fake), &[("REPO", REPO), ("LISTEN", &address)])).await;
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains(&address) && ended.stderr.contains("SIDEWATCH_LISTEN"), "{}", ended.stderr);
}

#[tokio::test]
async fn switched_off_means_no_call_and_one_line() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let changes =
        [("REPO", REPO), ("CURRENT", "1.2.3"), ("LISTEN", "127.0.0.1:0"), ("DISABLE_UPDATE_CHECK", "true")];
    let serving = Serving::start(&with(towards(&fake), &changes)).await;
    let app = TestApp::at(serving.url.clone());
    for path in
        ["/api/version", "/api/version?force=true", "/metrics", "/badge.json", "/feed.atom", "/readyz"]
    {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    let told = app.get("/api/version").await.json();
    assert_eq!((&told["status"], &told["updateAvailable"]), (&"disabled".into(), &Value::Null));
    assert_eq!(
        (&told["current"], &told["error"], &told["nextCheck"]),
        (&"1.2.3".into(), &Value::Null, &Value::Null)
    );
    let log = serving.log();
    assert_eq!(log.len(), 1, "{log:#?}");
    assert!(log[0].contains("SIDEWATCH_DISABLE_UPDATE_CHECK"), "{log:#?}");
    let (status, _) = serving.terminate().await;
    assert_eq!(status.code(), Some(0));
    assert_eq!(fake.count_all(), 0);
}

#[tokio::test]
async fn a_json_log_is_one_object_a_line() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let changes = [
        ("REPO", REPO),
        ("CURRENT", "1.2.3"),
        ("LISTEN", "127.0.0.1:0"),
        ("LOG_FORMAT", "json"),
        ("CACHE_TLT", "4h"),
        ("GITHUB_TOKEN", "ghp_wrong"),
    ];
    let serving = Serving::start(&with(towards(&fake), &changes)).await;
    let app = TestApp::at(serving.url.clone());
    assert_eq!(app.version().await.latest.as_deref(), Some("1.3.0"));
    let log = serving.log();
    assert!(log.len() >= 3, "{log:#?}");
    for line in &log {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(entry["level"].is_string() && entry["message"].is_string(), "{line}");
        assert!(!line.contains("ghp_wrong"), "{line}");
    }
    let says = |text: &str| log.iter().filter(|line| line.contains(text)).count();
    assert_eq!(says("SIDEWATCH_CACHE_TLT"), 1, "a misspelt variable is warned of: {log:#?}");
    assert_eq!(says("running 1.2.3, latest 1.3.0"), 1, "{log:#?}");
}

#[tokio::test]
async fn a_mistake_is_named_as_it_was_written() {
    let arguments = ["serve", "--repo", "octo", "--min-age", "soon", "--config", "/nowhere/x.toml"];
    let ended = run(&arguments, &nothing()).await;
    assert_eq!(ended.code, 64);
    for part in ["--repo: ", "--min-age: ", "--config: ", "/nowhere/x.toml"] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
}
