//! Runs checks when they are due: the cron schedule with jitter, and what is due before it after a failure.
//!
//! The cron library is not trusted alone: a job that fell behind can stop for good. The request path asks
//! [`crate::checker::Checker::nudge`], which starts a check when an answer is older than two intervals.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::Semaphore;
use tokio_cron_scheduler::{Job, JobScheduler};

use crate::checker::{Checker, Reason};

/// Checks that run at once. Far more than requests under way, which the way out limits and serves in turn: what
/// is the latest version is asked for all targets before the rest is asked for any of them.
const AT_ONCE: usize = 1024;

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
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        for target in checker.agenda().take_due(checker.clock().steady()) {
            // Nobody ever closes it.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            checker.start(target, Reason::Schedule, place);
        }
        let wait = checker.agenda().earliest().map(|at| at - checker.clock().steady());
        let wait = wait.map_or(Duration::from_secs(3600), |wait| wait.to_std().unwrap_or_default());
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = checker.agenda().sooner() => {}
        }
    }
}
