//! Every state that the components have a face for, as the watcher tells it.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// A state and what people are to see of it.
pub struct Face {
    /// Names it in files and messages.
    pub name: &'static str,
    /// What `/api/version` tells.
    pub state: Value,
    /// Whether the banner is shown.
    pub banner: bool,
    /// Words that the widget must show, in lower case.
    pub says: &'static [&'static str],
}

/// So many minutes ago (or ahead, if negative), as the watcher writes it.
#[must_use]
pub fn ago(minutes: i64) -> String {
    let time: DateTime<Utc> = Utc::now() - TimeDelta::minutes(minutes);
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The state in INTERFACE's example: 1.2.3 runs, 1.3.0 is there.
#[must_use]
pub fn update() -> Value {
    json!({
        "name": "remote-agent", "current": "1.2.3", "latest": "1.3.0", "updateAvailable": true,
        "releaseUrl": "https://github.com/yourorg/remote-agent/releases/tag/v1.3.0",
        "releaseNotes": "### What's New\n- Feature X", "lastChecked": ago(120),
        "status": "ok", "track": "releases", "channel": "stable", "via": "rest",
        "releaseNotesHtml": "<h3>What's New</h3>\n<ul>\n<li>Feature X</li>\n</ul>\n",
        "publishedAt": ago(60 * 24 * 12), "severity": "minor",
        "behind": { "releases": 2, "commits": null, "days": 12 }, "comparison": "behind", "pending": null,
        "security": { "affected": false, "severity": null, "latestAffected": false, "advisories": [] },
        "nextHop": null, "skipped": null, "snoozedUntil": null, "forced": false, "retryAfterSeconds": null,
        "lastAttempt": ago(120), "nextCheck": ago(-40),
        "upgrade": { "how": "compose", "command": "./upgrade.sh" }, "withdrawn": null, "movedTo": null,
        "error": null,
    })
}

/// The newest version runs.
#[must_use]
pub fn up_to_date() -> Value {
    with(
        &update(),
        json!({
            "current": "1.3.0", "updateAvailable": false, "comparison": "identical", "severity": null,
            "behind": { "releases": 0, "commits": null, "days": 0 },
        }),
    )
}

/// Nothing was ever learnt.
#[must_use]
pub fn unknown() -> Value {
    with(
        &update(),
        json!({
            "latest": null, "updateAvailable": null, "releaseUrl": null, "releaseNotes": null,
            "releaseNotesHtml": null, "lastChecked": null, "publishedAt": null, "status": "unknown", "via": null,
            "comparison": "unknown", "severity": null, "behind": { "releases": null, "commits": null, "days": null },
            "security": { "affected": null, "severity": null, "latestAffected": null, "advisories": [] },
            "error": { "code": "dns", "message": "the name api.github.com could not be resolved; check DNS",
                       "since": ago(30), "retryAt": ago(-5) },
        }),
    )
}

/// The running version is vulnerable and 1.3.0 is not.
#[must_use]
pub fn security() -> Value {
    with(&update(), json!({ "severity": "security", "security": exposed(false) }))
}

/// A newer version that cannot be installed here yet.
#[must_use]
pub fn pending(reason: &str, detail: &str) -> Value {
    with(
        &up_to_date(),
        json!({
            "current": "1.2.3", "latest": "1.2.3",
            "pending": { "version": "1.3.0", "reason": reason, "since": ago(90), "detail": detail },
        }),
    )
}

/// What the app says when the watcher is away.
#[must_use]
pub fn watcher_away() -> Value {
    with(
        &unknown(),
        json!({
            "lastAttempt": null, "nextCheck": null,
            "error": { "code": "watcher_unavailable", "message": "the watcher cannot be reached",
                       "since": ago(0), "retryAt": null },
        }),
    )
}

fn exposed(latest_affected: bool) -> Value {
    json!({
        "affected": true, "severity": "high", "latestAffected": latest_affected,
        "advisories": [{
            "id": "GHSA-2cfg-hjmp-qrvw", "cve": "CVE-2026-1234", "severity": "high",
            "summary": "Transcripts can be read without the key",
            "url": "https://github.com/yourorg/remote-agent/security/advisories/GHSA-2cfg-hjmp-qrvw",
            "fixedIn": if latest_affected { Value::Null } else { json!("1.3.0") },
        }],
    })
}

/// The state with these keys instead.
#[must_use]
pub fn with(state: &Value, changes: Value) -> Value {
    let mut state = state.clone();
    if let (Some(target), Value::Object(changes)) = (state.as_object_mut(), changes) {
        target.extend(changes);
    }
    state
}

/// A page with a banner and a widget for each of them, and a heading above.
#[must_use]
pub fn page(faces: &[Face]) -> String {
    let one = |face: &Face| {
        let (name, source) = (face.name, format!("/api/version?target={}", face.name));
        format!(
            "<section id=\"{name}\"><h2>{name}</h2><update-banner src=\"{source}\"></update-banner>\
             <version-widget src=\"{source}\"></version-widget></section>"
        )
    };
    format!("<main class=\"sheet\"><h1>Faces</h1>{}</main>", faces.iter().map(one).collect::<String>())
}

/// What that page asks for.
#[must_use]
pub fn targets(faces: &[Face]) -> HashMap<String, Value> {
    faces.iter().map(|face| (face.name.to_owned(), face.state.clone())).collect()
}

fn face(name: &'static str, banner: bool, says: &'static [&'static str], state: Value) -> Face {
    Face { name, state, banner, says }
}

/// All of them that a state makes; loading and a watcher that does not answer are made by the network.
#[must_use]
pub fn all() -> Vec<Face> {
    let stale = json!({ "code": "timeout", "message": "api.github.com did not answer in time",
                        "since": ago(180), "retryAt": ago(-10) });
    let branch = json!({
        "track": "branch:main", "current": "a".repeat(40), "latest": "abc1234def".repeat(4), "severity": "commits",
        "behind": { "releases": null, "commits": 3, "days": 2 }, "upgrade": { "how": "source", "command": "git pull" },
    });
    let hop = json!({ "nextHop": { "version": "1.2.9", "releaseUrl": "https://github.com/yourorg/remote-agent/releases/tag/v1.2.9",
                                   "reason": "the database is moved in 1.2.9" } });
    vec![
        face("up-to-date", false, &["up to date"], up_to_date()),
        face("update", true, &["update available", "1.3.0"], update()),
        face("security", true, &["security", "1.3.0"], security()),
        face("exposed", true, &["vulnerab"], with(&up_to_date(), json!({ "security": exposed(true) }))),
        face("image-missing", false, &["1.3.0"], pending("image_missing", "no image v1.3.0 at ghcr.io yet")),
        face("platform-missing", false, &["1.3.0"], pending("platform_missing", "no image for linux/arm64")),
        face("registry-private", false, &["1.3.0"], pending("registry_private", "ghcr.io asks for a login")),
        face("cooling-down", false, &["1.3.0"], pending("cooling_down", "younger than three days")),
        face(
            "ahead",
            false,
            &["1.4.0"],
            with(&up_to_date(), json!({ "current": "1.4.0", "comparison": "ahead" })),
        ),
        face(
            "diverged",
            false,
            &[],
            with(&update(), with(&branch, json!({ "updateAvailable": false, "comparison": "diverged" }))),
        ),
        face(
            "stale",
            false,
            &["could not"],
            with(&up_to_date(), json!({ "status": "stale", "lastChecked": ago(300), "error": stale })),
        ),
        face(
            "stale-update",
            true,
            &["1.3.0"],
            with(&update(), json!({ "status": "stale", "lastChecked": ago(300), "error": stale })),
        ),
        face("unknown", false, &[], unknown()),
        face(
            "unknown-current",
            false,
            &["1.3.0"],
            with(
                &update(),
                json!({ "current": "dev", "updateAvailable": null, "comparison": "unknown", "severity": null }),
            ),
        ),
        face("disabled", false, &[], with(&unknown(), json!({ "status": "disabled", "error": null }))),
        face("watcher-away", false, &[], watcher_away()),
        face("branch", true, &["abc1234"], with(&update(), branch)),
        face("next-hop", true, &["1.3.0"], with(&update(), hop)),
        face(
            "railway",
            true,
            &["1.3.0"],
            with(&update(), json!({ "upgrade": { "how": "railway", "command": null } })),
        ),
        face("skipped", false, &["1.3.0"], with(&update(), json!({ "skipped": "1.3.0" }))),
        face("snoozed", false, &["1.3.0"], with(&update(), json!({ "snoozedUntil": ago(-60 * 24 * 7) }))),
        face(
            "withdrawn",
            false,
            &[],
            with(&up_to_date(), json!({ "withdrawn": { "version": "1.4.0", "since": ago(60) } })),
        ),
        face("moved", false, &[], with(&up_to_date(), json!({ "movedTo": "neworg/remote-agent" }))),
    ]
}
