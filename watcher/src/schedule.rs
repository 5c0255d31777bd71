//! When to check next: the cron schedule with jitter, and what is due before it after a failure.
//!
//! The cron library is not trusted alone: a job that fell behind can stop for good. The request path asks
//! [`crate::checker::Checker::nudge`], which starts a check when an answer is older than two intervals.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use croner::parser::{CronParser, Seconds};
use rand::RngExt;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_cron_scheduler::{Job, JobScheduler};

use crate::checker::{Checker, Reason};

/// Checks that run at once.
const AT_ONCE: usize = 64;
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

/// Which target is due when, on the steady clock.
#[derive(Debug, Default)]
pub struct Agenda {
    due: Mutex<BTreeMap<usize, DateTime<Utc>>>,
    changed: Notify,
}

impl Agenda {
    /// Puts `target` down for `at`, in place of what was put down before.
    pub fn put(&self, target: usize, at: DateTime<Utc>) {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).insert(target, at);
        self.changed.notify_one();
    }

    /// The same, unless something earlier is put down already.
    pub fn put_earlier(&self, target: usize, at: DateTime<Utc>) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.get(&target).is_none_or(|set| at < *set) {
            due.insert(target, at);
            self.changed.notify_one();
        }
    }

    fn take_due(&self, now: DateTime<Utc>) -> Vec<usize> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let ready: Vec<usize> = due.iter().filter(|(_, at)| **at <= now).map(|(target, _)| *target).collect();
        for target in &ready {
            due.remove(target);
        }
        ready
    }

    fn earliest(&self) -> Option<DateTime<Utc>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).values().min().copied()
    }
}

/// Lets the cron library call for a check of everything, each target with a jitter of its own.
///
/// # Errors
/// If the library refuses the schedule.
pub async fn start_cron(checker: Arc<Checker>, schedule: &str) -> anyhow::Result<JobScheduler> {
    let scheduler = JobScheduler::new().await.context("start the scheduler")?;
    let job = Job::new_async(schedule, move |_, _| {
        let checker = Arc::clone(&checker);
        Box::pin(async move { checker.due_all() })
    });
    scheduler.add(job.context("schedule the checks")?).await.context("schedule the checks")?;
    scheduler.start().await.context("start the scheduler")?;
    Ok(scheduler)
}

/// Runs what is due until it is dropped.
pub async fn run_agenda(checker: Arc<Checker>) {
    let mut running = JoinSet::new();
    loop {
        for target in checker.agenda().take_due(checker.clock().steady()) {
            while running.len() >= AT_ONCE {
                running.join_next().await;
            }
            let checker = Arc::clone(&checker);
            running.spawn(async move { checker.check(target, Reason::Schedule).await });
        }
        while running.try_join_next().is_some() {}
        let wait = checker.agenda().earliest().map(|at| at - checker.clock().steady());
        let wait = wait.map_or(Duration::from_secs(3600), |wait| wait.to_std().unwrap_or_default());
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = checker.agenda().changed.notified() => {}
        }
    }
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
