//! Cron expressions and jitter: when the schedule comes, as pure functions of time.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use croner::parser::{CronParser, Seconds};
use rand::RngExt;

/// Longest random delay of a scheduled check.
const LONGEST_JITTER: Duration = Duration::from_secs(300);

/// A cron expression with a field for seconds, in UTC.
#[derive(Clone, Debug)]
pub struct Cron(croner::Cron);

/// Not a cron expression, or one that never comes.
#[derive(Debug, thiserror::Error)]
#[error("not a cron expression that ever comes")]
pub struct NotACron;

impl Cron {
    /// Reads six fields: second, minute, hour, day, month, weekday.
    ///
    /// # Errors
    /// [`NotACron`].
    pub fn parse(text: &str) -> Result<Self, NotACron> {
        let parser = CronParser::builder().seconds(Seconds::Required).build();
        let cron = Self(parser.parse(text).map_err(|_| NotACron)?);
        cron.next_after(Utc::now()).map(|_| cron).ok_or(NotACron)
    }

    /// The next time after `now`.
    #[must_use]
    pub fn next_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.find_next_occurrence(&now, false).ok()
    }

    /// The time from the next occurrence to the one after it.
    #[must_use]
    pub fn interval(&self, now: DateTime<Utc>) -> TimeDelta {
        let gap = |next: DateTime<Utc>| Some(self.next_after(next)? - next);
        self.next_after(now).and_then(gap).unwrap_or(TimeDelta::hours(1))
    }
}

/// Every hour, at a minute and second of its own, so that installations do not all ask at once.
#[must_use]
pub fn hourly_at_random() -> String {
    let mut random = rand::rng();
    format!("{} {} * * * *", random.random_range(0..60), random.random_range(0..60))
}

/// A random delay of up to a tenth of the interval, at most five minutes.
#[must_use]
pub fn jitter(interval: TimeDelta) -> Duration {
    let longest = (interval.to_std().unwrap_or_default() / 10).min(LONGEST_JITTER);
    longest.mul_f64(rand::rng().random_range(0.0..1.0))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::{Cron, hourly_at_random, jitter};

    fn noon() -> DateTime<Utc> {
        "2026-01-30T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_default_comes_once_an_hour() {
        let cron = Cron::parse(&hourly_at_random()).unwrap();
        assert_eq!(cron.interval(noon()), TimeDelta::hours(1));
        assert!(cron.next_after(noon()).unwrap() <= noon() + TimeDelta::hours(1));
    }

    #[test]
    fn jitter_is_a_tenth_of_the_interval_at_most() {
        for _ in 0..100 {
            assert!(jitter(TimeDelta::seconds(10)).as_secs_f64() <= 1.0);
            assert!(jitter(TimeDelta::days(7)).as_secs() <= 300);
        }
    }

    #[test]
    fn what_never_comes_is_no_schedule() {
        for bad in ["", "x", "* * * *", "0 0 0 31 2 *", "61 * * * * *"] {
            assert!(Cron::parse(bad).is_err(), "{bad}");
        }
    }
}
