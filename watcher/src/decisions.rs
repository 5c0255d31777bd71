//! Skip and snooze: what people decided, and what outranks it. Pure.

use chrono::{DateTime, Utc};
use releases::Version;
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
    /// What was the latest version when it was said; a newer one ends the snooze. `None` while nothing is known.
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
        let skipped = latest.filter(|latest| self.skipped.as_deref().is_some_and(|one| same(one, latest)));
        let holds = |snooze: &&Snooze| {
            let version = snooze.version.as_deref();
            snooze.until > now && version.is_none_or(|one| latest.is_some_and(|latest| same(one, latest)))
        };
        let snoozed = self.snooze.as_ref().filter(holds);
        InForce { skipped: skipped.map(str::to_owned), snoozed_until: snoozed.map(|snooze| snooze.until) }
    }

    /// Ties a snooze that was made while nothing was known to the first version that is: a newer one must end it.
    /// `before` is what was decided until now; the same snooze read from the store again stays tied.
    #[must_use]
    pub fn tied(mut self, before: &Self, latest: Option<&str>) -> Self {
        if let Some(snooze) = self.snooze.as_mut().filter(|snooze| snooze.version.is_none()) {
            let same = before.snooze.as_ref().filter(|before| before.until == snooze.until);
            let version = same.and_then(|before| before.version.clone());
            snooze.version = version.or_else(|| latest.map(str::to_owned));
        }
        self
    }
}

/// Whether two texts name one version: `1.3`, `1.3.0` and `1.3.0+build` do. Commits are compared as they stand.
fn same(one: &str, other: &str) -> bool {
    one == other || Version::parse(one).is_ok_and(|one| Version::parse(other) == Ok(one))
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
    fn a_version_is_the_same_however_it_is_written() {
        let (sha, other) =
            ("89abcdef0123456789abcdef0123456789abcdef", "89abcdef0123456789abcdef0123456789abcde0");
        for (decided, latest, same) in [
            ("1.3", "1.3.0", true),
            ("1.3.0+x", "1.3.0", true),
            ("1.3.0", "1.3.0-rc.1", false),
            (sha, sha, true),
            (sha, other, false),
        ] {
            let snooze = Some(Snooze { until: now() + TimeDelta::days(3), version: Some(decided.into()) });
            let decisions = Decisions { skipped: Some(decided.into()), snooze };
            let in_force = decisions.in_force(Some(latest), false, now());
            assert_eq!(in_force.skipped.as_deref(), same.then_some(latest), "{decided} {latest}");
            assert_eq!(in_force.snoozed_until.is_some(), same, "{decided} {latest}");
        }
    }

    #[test]
    fn a_snooze_made_while_nothing_is_known_holds_for_the_first_answer_and_no_other() {
        let until = now() + TimeDelta::days(3);
        let made = Decisions { skipped: None, snooze: Some(Snooze { until, version: None }) };
        for latest in [None, Some("1.3.0")] {
            assert_eq!(made.in_force(latest, false, now()).snoozed_until, Some(until));
        }
        let waiting = made.clone().tied(&Decisions::default(), None);
        assert_eq!(waiting, made);
        let tied = waiting.tied(&made, Some("1.3.0"));
        assert_eq!(tied.in_force(Some("1.4.0"), false, now()), InForce::default());
        // Another replica knows it only as it was made.
        assert_eq!(made.tied(&tied, Some("1.4.0")), tied);
        // A new one is another one.
        let later = Snooze { until: until + TimeDelta::days(1), version: None };
        let again = Decisions { skipped: None, snooze: Some(later) }.tied(&tied, Some("1.4.0"));
        assert_eq!(again.snooze.unwrap().version.as_deref(), Some("1.4.0"));
    }

    #[test]
    fn a_security_fix_outranks_both() {
        let snooze = Some(Snooze { until: now() + TimeDelta::days(3), version: Some("1.3.0".into()) });
        let decisions = Decisions { skipped: Some("1.3.0".into()), snooze };
        assert_eq!(decisions.in_force(Some("1.3.0"), true, now()), InForce::default());
    }
}
