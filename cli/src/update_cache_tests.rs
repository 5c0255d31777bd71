use super::*;

fn known(latest: &str, patch: &str) -> Known {
    let mut state = serde_json::json!({
        "name": "remote-agent", "current": "1.2.3", "latest": latest, "updateAvailable": true, "releaseUrl": null,
        "releaseNotes": "notes", "lastChecked": null, "status": "ok", "track": "releases", "channel": "stable",
        "via": "rest", "releaseNotesHtml": null, "publishedAt": null, "severity": "minor",
        "behind": { "releases": 1, "commits": null, "days": 1 }, "comparison": "behind", "pending": null,
        "security": { "affected": false, "severity": null, "latestAffected": null, "advisories": [] },
        "nextHop": null, "skipped": null, "snoozedUntil": null, "forced": false, "retryAfterSeconds": null,
        "lastAttempt": null, "nextCheck": null, "upgrade": { "how": "compose", "command": "./upgrade.sh" },
        "withdrawn": null, "movedTo": null, "error": null,
    });
    let patch: serde_json::Value = serde_json::from_str(patch).unwrap();
    for (name, value) in patch.as_object().unwrap() {
        state[name] = value.clone();
    }
    let state = serde_json::from_value(state).unwrap();
    Known { address: "http://localhost:5100".into(), at: Utc::now(), state }
}

const VULNERABLE: &str = r#"{"skipped":"1.3.0",
    "security":{"affected":true,"severity":"high","latestAffected":false,"advisories":[]}}"#;

fn config(folder: &Path) -> Config {
    let home = folder.display().to_string();
    let look_up = |name: &str| (name == "HOME").then(|| home.clone());
    Config::read(&crate::config::Sources { url: None, file: None, look_up: &look_up }).unwrap()
}

#[test]
fn an_update_is_mentioned_once_a_day_and_a_security_fix_each_time() {
    let now = Utc::now();
    let update = known("1.3.0", "{}");
    assert!(to_mention(&update, None, now).unwrap().1.contains("1.3.0"));
    assert_eq!(to_mention(&update, Some("1.3.0"), now), None);
    assert!(to_mention(&update, Some("1.2.9"), now).is_some(), "another version is news");
    let vulnerable = known("1.3.0", VULNERABLE);
    assert!(to_mention(&vulnerable, Some("1.3.0"), now).unwrap().1.starts_with("security"));
}

#[test]
fn what_is_skipped_snoozed_unknown_or_old_is_not_mentioned() {
    let now = Utc::now();
    let quiet = [
        r#"{"skipped":"1.3.0"}"#,
        r#"{"snoozedUntil":"9999-01-01T00:00:00Z"}"#,
        r#"{"updateAvailable":null}"#,
        r#"{"updateAvailable":false}"#,
    ];
    for patch in quiet {
        assert_eq!(to_mention(&known("1.3.0", patch), None, now), None, "{patch}");
    }
    assert_eq!(to_mention(&known("1.3.0", "{}"), None, now + TimeDelta::days(31)), None);
}

#[test]
fn a_version_cannot_write_to_the_terminal() {
    let (_, line) = to_mention(&known("1.3.0\u{1b}[2J\nmore", "{}"), None, Utc::now()).unwrap();
    assert!(!line.contains(['\u{1b}', '\n']), "{line:?}");
}

#[test]
fn what_was_learnt_is_kept_for_its_server_without_the_notes() {
    let home = tempfile::tempdir().unwrap();
    let config = config(home.path());
    assert!(load(&config).is_none());
    store(&config, &known("1.3.0", "{}").state);
    let kept = load(&config).unwrap().state;
    assert_eq!((kept.latest.as_deref(), kept.release_notes), (Some("1.3.0"), None));
    let other = Config { url: "http://elsewhere:1".parse().unwrap(), ..config.clone() };
    assert!(load(&other).is_none());
    let nothing = known("1.3.0", r#"{"latest":null,"updateAvailable":null,"status":"unknown"}"#);
    store(&config, &nothing.state);
    assert!(load(&config).is_some_and(|known| known.state.latest.is_some()), "knowing less erases nothing");
}

#[test]
fn a_cache_that_is_broken_or_cannot_be_written_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let config = config(home.path());
    fs::create_dir_all(home.path().join(".cache")).unwrap();
    fs::write(home.path().join(".cache/remote-agent"), "a file").unwrap();
    store(&config, &known("1.3.0", "{}").state);
    assert!(load(&config).is_none());
    fs::remove_file(home.path().join(".cache/remote-agent")).unwrap();
    fs::create_dir(home.path().join(".cache/remote-agent")).unwrap();
    fs::write(home.path().join(".cache/remote-agent/update.json"), "{").unwrap();
    assert!(load(&config).is_none());
}
