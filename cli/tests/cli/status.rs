//! `status` before servers of every kind.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::helpers::User;
use crate::server::{Answer, Asked, RealServer, canned, nowhere};

pub(crate) fn health(status: &str, checks: &Value) -> String {
    json!({
        "status": status, "name": "remote-agent", "version": "1.2.3",
        "commit": "0123456789abcdef0123456789abcdef01234567", "builtAt": "2026-01-30", "uptimeSeconds": 7200,
        "schemaVersion": 3, "installationId": null, "checks": checks,
    })
    .to_string()
}

/// A state; `patch` replaces keys of one that is up to date.
pub(crate) fn state(patch: &Value) -> String {
    let mut state = json!({
        "name": "remote-agent", "current": "1.2.3", "latest": "1.2.3", "updateAvailable": false,
        "releaseUrl": "https://github.com/yourorg/remote-agent/releases/tag/v1.2.3", "releaseNotes": "notes",
        "lastChecked": "2026-01-30T14:30:00Z", "status": "ok", "track": "releases", "channel": "stable",
        "via": "rest", "releaseNotesHtml": "<p>notes</p>", "publishedAt": null, "severity": null,
        "behind": { "releases": 0, "commits": null, "days": 0 }, "comparison": "identical", "pending": null,
        "security": { "affected": false, "severity": null, "latestAffected": null, "advisories": [] },
        "nextHop": null, "skipped": null, "snoozedUntil": null, "forced": false, "retryAfterSeconds": null,
        "lastAttempt": null, "nextCheck": null, "upgrade": { "how": "compose", "command": "./upgrade.sh" },
        "withdrawn": null, "movedTo": null, "error": null,
    });
    for (name, value) in patch.as_object().unwrap() {
        state[name] = value.clone();
    }
    state.to_string()
}

pub(crate) fn behind() -> Value {
    json!({ "latest": "1.3.0", "updateAvailable": true, "comparison": "behind", "severity": "minor",
            "behind": { "releases": 2, "commits": null, "days": 12 } })
}

/// A server that is well and says this of the update.
fn with_update(patch: &Value) -> User {
    let state = state(patch);
    User::of(&canned(move |asked: &Asked| {
        let body = if asked.line.contains("/api/health") { health("ok", &json!({})) } else { state.clone() };
        Answer::of(200, body)
    }))
}

fn with_health(code: u16, status: &str, checks: &Value) -> User {
    let (health, state) = (health(status, checks), state(&json!({})));
    User::of(&canned(move |asked: &Asked| {
        if asked.line.contains("/api/health") {
            Answer::of(code, health.clone())
        } else {
            Answer::of(200, state.clone())
        }
    }))
}

#[test]
fn each_health_has_its_word_and_says_what_is_not_well() {
    let slow = json!({ "blobs": { "status": "slow", "detail": "answers late" }, "database": { "status": "ok", "detail": null } });
    let down = json!({ "database": { "status": "down", "detail": "cannot be reached" } });
    for (code, status, checks, exit, words) in [
        (200, "ok", &json!({}), 0, &["ok, up for 2 hours"][..]),
        (200, "degraded", &slow, 0, &["degraded", "blobs slow: answers late"]),
        (503, "migrating", &json!({}), 1, &["migrating"]),
        (503, "down", &down, 1, &["down: it cannot take events", "database down: cannot be reached"]),
    ] {
        let text = with_health(code, status, checks).run(&["status"]).expect(exit);
        for word in words {
            assert!(text.contains(word), "{word} in {text}");
        }
        assert!(!text.contains("database ok"), "{text}");
    }
}

#[test]
fn each_update_state_has_its_words_and_only_a_sure_one_is_called_up_to_date() {
    let merge = |patch: Value| {
        let mut all = behind();
        patch.as_object().unwrap().iter().for_each(|(name, value)| all[name] = value.clone());
        all
    };
    let error = |code: &str| json!({ "code": code, "message": "no answer", "since": "2026-01-30T14:30:00Z", "retryAt": null });
    let cases = [
        (json!({}), &["up to date: 1.2.3"][..]),
        (
            behind(),
            &[
                "1.3.0 is available (minor, 2 releases behind, for 12 days)",
                "To do    ./upgrade.sh",
                "releases/tag",
            ],
        ),
        (merge(json!({ "skipped": "1.3.0" })), &["1.3.0 is available and skipped"]),
        (merge(json!({ "snoozedUntil": "9999-01-01T00:00:00Z" })), &["snoozed, until 9999-01-01"]),
        (
            merge(json!({ "nextHop": { "version": "1.2.9", "releaseUrl": null, "reason": "moves data" } })),
            &["install 1.2.9 first: moves data"],
        ),
        (
            json!({ "pending": { "version": "1.3.0", "reason": "image_missing", "since": "2026-01-30T14:30:00Z", "detail": "no tag v1.3.0" } }),
            &["1.3.0 is out and cannot be installed here yet: its image is not there", "no tag v1.3.0"],
        ),
        (
            json!({ "comparison": "ahead", "latest": "1.2.0" }),
            &["1.2.3 is ahead of the latest version, 1.2.0"],
        ),
        (json!({ "comparison": "diverged", "updateAvailable": null }), &["have diverged"]),
        (
            json!({ "comparison": "unknown", "current": "dev", "updateAvailable": null }),
            &["cannot tell: dev is no version"],
        ),
        (
            json!({ "status": "stale", "error": error("dns") }),
            &["1.2.3 was the latest version", "could not check for", "no answer"],
        ),
        (
            json!({ "status": "unknown", "latest": null, "updateAvailable": null, "comparison": "unknown", "error": error("connect") }),
            &["unknown: no answer"],
        ),
        (
            json!({ "status": "unknown", "latest": null, "comparison": "unknown", "error": error("watcher_unavailable") }),
            &["unknown: the watcher is away: no answer"],
        ),
        (
            json!({ "status": "disabled", "latest": null, "comparison": "unknown" }),
            &["switched off on the server"],
        ),
        (
            json!({ "withdrawn": { "version": "1.2.4", "since": "2026-01-30T14:30:00Z" } }),
            &["1.2.4 was announced and withdrawn"],
        ),
        (json!({ "movedTo": "neworg/remote-agent" }), &["moved to neworg/remote-agent"]),
        (json!({ "error": error("registry") }), &["up to date", "no answer"]),
        (
            json!({ "latest": null, "comparison": "identical", "updateAvailable": null }),
            &["unknown: nothing was learnt yet"],
        ),
    ];
    for (patch, words) in cases {
        let text = with_update(&patch).run(&["status"]).expect(0);
        for word in words {
            assert!(text.contains(word), "{word} in {text}");
        }
        let sure = patch.get("comparison").is_none() && patch.get("status").is_none();
        assert_eq!(text.contains("up to date"), sure, "{text}");
        let something_to_do = text.contains("To do");
        assert_eq!(
            something_to_do,
            patch["updateAvailable"] == true && patch.get("skipped").is_none(),
            "{text}"
        );
    }
}

#[test]
fn security_comes_first_and_what_to_type_last() {
    let mut patch = behind();
    patch["severity"] = json!("security");
    patch["skipped"] = json!("1.3.0");
    patch["security"] = json!({ "affected": true, "severity": "critical", "latestAffected": false, "advisories": [
        { "id": "GHSA-1", "cve": null, "severity": "critical", "summary": "key leaks\u{1b}[31m", "url": "https://a.example/1", "fixedIn": "1.2.5" },
    ] });
    let text = with_update(&patch).run(&["status"]).expect(0);
    let first = text.lines().next().unwrap();
    assert!(
        first.starts_with("Security") && first.contains("1.2.3 has 1 known vulnerability (critical)"),
        "{text}"
    );
    assert!(text.contains("GHSA-1: key leaks; fixed in 1.2.5"), "{text}");
    assert!(text.trim_end().ends_with("To do    ./upgrade.sh"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour where nobody asked for it: {text:?}");
}

#[test]
fn text_from_the_server_cannot_command_the_terminal() {
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}\nname";
    let mut patch = behind();
    for name in ["current", "latest", "releaseUrl", "movedTo"] {
        patch[name] = json!(evil);
    }
    patch["upgrade"]["command"] = json!(evil);
    patch["upgrade"]["how"] = json!("compose");
    patch["pending"] =
        json!({ "version": evil, "reason": "cooling_down", "since": "2026-01-30T14:30:00Z", "detail": evil });
    patch["error"] =
        json!({ "code": "dns", "message": evil, "since": "2026-01-30T14:30:00Z", "retryAt": null });
    let text = with_update(&patch).run(&["status"]).expect(0);
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    let checks = json!({ evil: { "status": "down", "detail": evil } });
    let text = with_health(503, "down", &checks).run(&["status"]).expect(1);
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
}

#[test]
fn while_the_server_is_away_its_last_word_is_told_with_its_age() {
    let mut user = with_update(&behind());
    user.run(&["status"]).expect(0);
    let address = user.environment["REMOTE_AGENT_URL"].clone();
    let cache = user.cache().join("update.json");
    let away = nowhere();
    let told = std::fs::read_to_string(&cache).unwrap().replace(&address, &away);
    std::fs::write(&cache, told).unwrap();
    user.environment.insert("REMOTE_AGENT_URL".into(), away);
    let started = Instant::now();
    let text = user.run(&["status"]).expect(1);
    assert!(started.elapsed() < Duration::from_secs(3));
    for word in ["no server answers at", "Client", "as it was known", "1.3.0 is available"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    let json = user.run(&["status", "--json"]).json();
    assert_eq!((&json["server"]["reachable"], &json["update"]["latest"]), (&json!(false), &json!("1.3.0")));
    assert!(json["updateAsOf"].is_string());
}

#[test]
fn what_was_known_before_is_never_called_up_to_date_and_is_forgotten_in_the_end() {
    let away = nowhere();
    let user = User::of(&away);
    let known_since = |days: i64| {
        let at = chrono::Utc::now() - chrono::TimeDelta::days(days);
        let state: Value = serde_json::from_str(&state(&json!({}))).unwrap();
        std::fs::create_dir_all(user.cache()).unwrap();
        let known = json!({ "address": away, "at": at, "state": state });
        std::fs::write(user.cache().join("update.json"), known.to_string()).unwrap();
    };
    known_since(3);
    let text = user.run(&["status"]).expect(1);
    assert!(
        text.contains("as it was known 3 days ago") && text.contains("1.2.3 was the latest version"),
        "{text}"
    );
    assert!(!text.contains("up to date"), "{text}");
    assert_eq!(user.run(&["status", "--json"]).json()["update"]["status"], "stale");
    known_since(52);
    let text = user.run(&["status"]).expect(1);
    assert!(text.contains("unknown: the server did not say") && !text.contains("1.2.3 was"), "{text}");
    assert_eq!(user.run(&["status", "--json"]).json()["update"], Value::Null);
}

#[test]
fn a_slow_server_is_waited_for_three_seconds_at_most() {
    let user = User::of(&canned(|_| Answer { after: Duration::from_secs(20), ..Answer::of(200, "{}") }));
    let started = Instant::now();
    let text = user.run(&["status"]).expect(1);
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert!(text.contains("did not answer in time") && text.contains("unknown"), "{text}");
}

#[test]
fn a_wrong_key_a_missing_key_and_another_server_are_each_told_as_what_they_are() {
    let server = RealServer::start();
    let wrong = User::of(&server.address).with("REMOTE_AGENT_API_KEY", "another-key-of-no-value-0123");
    let text = wrong.run(&["status"]).expect(1);
    assert!(text.contains("1.2.3 0123456 at") && text.contains("refuses the API key"), "{text}");
    let text = User::without_key(&server.address).run(&["status"]).expect(1);
    assert!(text.contains("set REMOTE_AGENT_API_KEY"), "{text}");
    let other = User::of(&canned(|_| Answer::of(200, "<html>hello</html>")));
    let text = other.run(&["status"]).expect(1);
    assert!(text.contains("not one of Remote Agent's server"), "{text}");
}

#[test]
fn the_real_server_is_told_as_it_is() {
    let server = RealServer::start();
    let text = User::of(&server.address).run(&["status"]).expect(0);
    for word in ["1.2.3 0123456 at http://127.0.0.1:", "ok, up for", "nothing waits for"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let user = with_update(&json!({}));
    for verb in ["status", "spool status", "status --json"] {
        let script = format!("\"$0\" {verb} > /dev/full");
        let output = user.command("bash").args(["-c", &script, crate::helpers::program()]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && told.contains("standard output"), "{verb}: {told}");
    }
}

#[test]
fn json_tells_everything() {
    let mut json = with_update(&behind()).run(&["status", "--json"]).json();
    for (part, name) in
        [("client", "version"), ("client", "commit"), ("client", "builtAt"), ("server", "address")]
    {
        assert!(json[part][name].is_string());
        json[part][name] = json!("…");
    }
    insta::assert_json_snapshot!(json);
}
