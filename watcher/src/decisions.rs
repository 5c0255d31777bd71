//! Skip and snooze: what people decided, and what outranks it. Pure.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What people decided about one target; shared by every browser and the CLI.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decisions {
    /// The version not to be shown.
    pub skipped: Option<String>,
    /// Not before then.
    pub snooze: Option<Snooze>,
}

/// "Not now."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snooze {
    /// Until then.
    pub until: DateTime<Utc>,
    /// What was the latest version when it was said; a newer one ends the snooze.
    pub version: Option<String>,
}

/// What is still in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InForce {
    /// The latest version, if that one is skipped.
    pub skipped: Option<String>,
    /// Until when the update is hidden.
    pub snoozed_until: Option<DateTime<Utc>>,
}

impl Decisions {
    /// What still counts for `latest`: a newer version re-arms, a security fix outranks both.
    #[must_use]
    pub fn in_force(&self, latest: Option<&str>, security_fix: bool, now: DateTime<Utc>) -> InForce {
        if security_fix {
            return InForce::default();
        }
        let skipped = self.skipped.as_deref().filter(|version| Some(*version) == latest);
        let snooze = self.snooze.as_ref();
        let snoozed = snooze.filter(|snooze| snooze.until > now && snooze.version.as_deref() == latest);
        InForce { skipped: skipped.map(str::to_owned), snoozed_until: snoozed.map(|snooze| snooze.until) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::{Decisions, InForce, Snooze};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn a_skip_holds_for_that_version_only() {
        let decisions = Decisions { skipped: Some("1.3.0".into()), snooze: None };
        assert_eq!(decisions.in_force(Some("1.3.0"), false, now()).skipped.as_deref(), Some("1.3.0"));
        assert_eq!(decisions.in_force(Some("1.3.1"), false, now()), InForce::default());
    }

    #[test]
    fn a_snooze_ends_in_time_or_with_a_newer_version() {
        let until = now() + TimeDelta::days(3);
        let snooze = Some(Snooze { until, version: Some("1.3.0".into()) });
        let decisions = Decisions { skipped: None, snooze };
        assert_eq!(decisions.in_force(Some("1.3.0"), false, now()).snoozed_until, Some(until));
        assert_eq!(decisions.in_force(Some("1.3.1"), false, now()), InForce::default());
        assert_eq!(decisions.in_force(Some("1.3.0"), false, until), InForce::default());
    }

    #[test]
    fn a_security_fix_outranks_both() {
        let snooze = Some(Snooze { until: now() + TimeDelta::days(3), version: Some("1.3.0".into()) });
        let decisions = Decisions { skipped: Some("1.3.0".into()), snooze };
        assert_eq!(decisions.in_force(Some("1.3.0"), true, now()), InForce::default());
    }
}
