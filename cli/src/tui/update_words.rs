//! The update state in few words. Unknown is never called up to date.

use chrono::{DateTime, Utc};
use contract::{Comparison, ErrorCode, Status, VersionState};

use super::event_line::short_commit;
use super::look::Tone;
use super::when;

/// A few words and how they are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// How they are meant.
    pub tone: Tone,
    /// The words.
    pub text: String,
}

impl Said {
    /// Words of this tone.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }
}

/// What the status bar says of updates.
#[must_use]
pub fn indicator(state: &VersionState, now: DateTime<Utc>) -> Said {
    match state.status {
        Status::Disabled => return Said::new(Tone::Faint, "? update checks off"),
        Status::Unknown => return unknown(state),
        Status::Ok | Status::Stale => {}
    }
    let mut said = security(state)
        .or_else(|| update(state))
        .or_else(|| pending(state))
        .unwrap_or_else(|| compared(state));
    if state.status == Status::Stale {
        let age = state
            .last_checked
            .map_or_else(|| "stale".into(), |at| format!("stale, {}", when::ago_in_words(now, at)));
        // What was up to date when somebody last looked is not known to be so now.
        let tone = if said.tone == Tone::Good { Tone::Notice } else { said.tone };
        let text = said.text.replacen("✓ up to date", "? was up to date", 1);
        said = Said::new(tone, format!("{text} ({age})"));
    }
    said
}

fn unknown(state: &VersionState) -> Said {
    let away = state.error.as_ref().is_some_and(|error| error.code == ErrorCode::WatcherUnavailable);
    Said::new(Tone::Notice, if away { "? watcher away" } else { "? update unknown" })
}

fn security(state: &VersionState) -> Option<Said> {
    if state.security.affected != Some(true) {
        return None;
    }
    let text = match (&state.latest, state.update_available) {
        (Some(latest), Some(true)) if state.security.latest_affected == Some(true) => {
            format!("! security, no fix yet; {} is newer", short_commit(latest))
        }
        (Some(latest), Some(true)) => format!("! security {}", short_commit(latest)),
        _ => "! security, no fix yet".to_owned(),
    };
    Some(Said::new(Tone::Alarm, text))
}

fn update(state: &VersionState) -> Option<Said> {
    let latest = short_commit(state.latest.as_deref()?);
    if state.update_available != Some(true) {
        return None;
    }
    let (tone, how) = match (&state.skipped, state.snoozed_until) {
        (Some(_), _) => (Tone::Faint, " skipped"),
        (None, Some(_)) => (Tone::Faint, " snoozed"),
        (None, None) => (Tone::Notice, ""),
    };
    let via =
        state.next_hop.as_ref().map(|hop| format!(" via {}", short_commit(&hop.version))).unwrap_or_default();
    Some(Said::new(tone, format!("▲ {latest}{via}{how}")))
}

fn pending(state: &VersionState) -> Option<Said> {
    let pending = state.pending.as_ref()?;
    Some(Said::new(Tone::Accent, format!("pending {}", short_commit(&pending.version))))
}

fn compared(state: &VersionState) -> Said {
    match (state.comparison, state.update_available) {
        (Comparison::Identical, Some(false)) => Said::new(Tone::Good, "✓ up to date"),
        (Comparison::Ahead, _) => Said::new(Tone::Good, "ahead of the newest"),
        (Comparison::Diverged, _) => Said::new(Tone::Notice, "diverged"),
        _ => Said::new(Tone::Notice, "? update unknown"),
    }
}

/// A version that can be skipped: the newest one, if it is an update.
#[must_use]
pub fn skippable(state: &VersionState) -> Option<&str> {
    state.latest.as_deref().filter(|_| state.update_available == Some(true))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn state(changes: &Value) -> VersionState {
        let mut state = json!({
            "name": "remote-agent", "current": "1.2.0", "latest": "1.2.0", "updateAvailable": false,
            "releaseUrl": null, "releaseNotes": null, "lastChecked": "2026-11-22T07:00:00Z", "status": "ok",
            "track": "releases", "channel": "stable", "via": "rest", "releaseNotesHtml": null, "publishedAt": null,
            "severity": null, "behind": {"releases": 0, "commits": null, "days": null}, "comparison": "identical",
            "pending": null, "security": {"affected": false, "severity": null, "latestAffected": null, "advisories": []},
            "nextHop": null, "skipped": null, "snoozedUntil": null, "forced": false, "retryAfterSeconds": null,
            "lastAttempt": null, "nextCheck": null, "upgrade": {"how": "compose", "command": "./upgrade.sh"},
            "withdrawn": null, "movedTo": null, "error": null,
        });
        for (key, value) in changes.as_object().unwrap() {
            state[key] = value.clone();
        }
        serde_json::from_value(state).unwrap()
    }

    fn said(changes: &Value) -> String {
        indicator(&state(changes), "2026-11-22T12:00:00Z".parse().unwrap()).text
    }

    #[test]
    fn every_state_has_its_words() {
        let behind = json!({"latest": "1.3.0", "updateAvailable": true, "comparison": "behind"});
        let with = |key: &str, value: Value| {
            let mut changes = behind.clone();
            changes[key] = value;
            said(&changes)
        };
        assert_eq!(said(&json!({})), "✓ up to date");
        assert_eq!(said(&behind), "▲ 1.3.0");
        assert_eq!(with("skipped", json!("1.3.0")), "▲ 1.3.0 skipped");
        assert_eq!(
            with(
                "security",
                json!({"affected": true, "severity": "high", "latestAffected": false, "advisories": []})
            ),
            "! security 1.3.0"
        );
        assert_eq!(with("status", json!("stale")), "▲ 1.3.0 (stale, 5 h ago)");
        assert_eq!(said(&json!({"comparison": "ahead"})), "ahead of the newest");
        assert_eq!(said(&json!({"status": "disabled"})), "? update checks off");
        let pending = json!({"version": "1.4.0", "reason": "image_missing", "since": "2026-11-22T07:00:00Z", "detail": "x"});
        assert_eq!(said(&json!({"pending": pending})), "pending 1.4.0");
    }

    #[test]
    fn what_is_not_known_is_never_up_to_date() {
        let unknown = json!({"comparison": "unknown", "updateAvailable": null, "latest": null});
        for changes in [
            json!({"status": "unknown"}),
            json!({"status": "stale"}),
            json!({"status": "disabled"}),
            unknown,
            json!({"comparison": "unknown", "updateAvailable": null}),
            json!({"updateAvailable": null}),
        ] {
            let said = indicator(&state(&changes), "2026-11-22T12:00:00Z".parse().unwrap());
            assert_ne!(said.tone, Tone::Good, "{changes}");
            assert!(!said.text.starts_with('✓'), "{changes}: {}", said.text);
        }
    }
}
