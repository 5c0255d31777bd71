//! The schedule: it runs, it may stall, it backs off.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use contract::{ErrorCode, Status};
use fake_github::{Door, FakeGithub, Fault, NewRelease};
use tracing::span;
use watcher::checker::Reason;
use watcher::config::{Config, Sources};
use watcher::startup::{Core, build_core};

use crate::bench::{Program, eventually, rounds};
use crate::helpers::{REPO, STAMP, github, settings, spawn};

/// Everything but the server and the schedule: a watcher whose scheduler never comes.
async fn without_schedule(fake: &FakeGithub, changes: &[(&str, &str)]) -> Core {
    let mut environment = settings(fake);
    environment.extend(changes.iter().map(|(key, value)| (format!("SIDEWATCH_{key}"), (*value).to_owned())));
    let config = Config::read(&Sources { environment, ..Sources::default() }).expect("a configuration");
    build_core(&Arc::new(config), STAMP).await.expect("a checker")
}

async fn metrics(core: &Core) -> String {
    let mut ledger = core.store.read_ledger().await;
    let text = core.metrics.render(&[], &mut ledger, core.checker.clock().steady()).expect("metrics");
    String::from_utf8(text).expect("text")
}

#[tokio::test]
async fn the_schedule_finds_a_new_release_by_itself() {
    let fake = github(&["v1.2.3"]).await;
    let app = spawn(&fake, &[("SCHEDULE", "* * * * * *")]).await;
    assert_eq!(app.version().await.update_available, Some(false));
    fake.repo(REPO).release(NewRelease::new("v1.3.0"));
    app.wait_until("the new release", |state| state.latest.as_deref() == Some("1.3.0")).await;
    eventually("more rounds", async || rounds(&fake) >= 3).await;
    assert_eq!(app.metric("sidewatch_scheduler_stalled").await, Some(0.0));
}

/// W-26, W-10: a frequent schedule does not hammer what is failing.
#[tokio::test]
async fn the_schedule_waits_for_the_end_of_a_back_off() {
    let fake = github(&["v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(500)).fault(Door::Web, Fault::Status(500));
    let app = spawn(&fake, &[("SCHEDULE", "* * * * * *")]).await;
    let state = app.version().await;
    let rest = state.error.unwrap().retry_at.unwrap() - state.last_attempt.unwrap();
    assert!((59..=300).contains(&rest.num_seconds()), "{rest}");
    let calls = fake.count_all();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(fake.count_all(), calls);
}

/// W-26: 60 to 300 seconds, whatever happened before.
#[tokio::test]
async fn failures_in_a_row_back_off_within_five_minutes() {
    let fake = github(&["v1.3.0"]).await;
    fake.fault(Door::Api, Fault::Status(500)).fault(Door::Web, Fault::Status(500));
    let core = without_schedule(&fake, &[]).await;
    let watched = Arc::clone(&core.checker.targets()[0]);
    let mut waits = Vec::new();
    for _ in 0..12 {
        core.checker.check(0, Reason::Forced).await;
        let wait = watched.next_check().unwrap() - core.checker.clock().steady();
        assert!((59..=300).contains(&wait.num_seconds()), "{wait}");
        waits.push(wait.num_seconds());
    }
    assert!(waits[0] <= 81 && waits[11] >= 270, "growing: {waits:?}");
    assert_eq!(watched.state().error.unwrap().code, ErrorCode::HttpStatus);
    fake.heal();
    core.checker.check(0, Reason::Schedule).await;
    assert_eq!((watched.state().status, watched.state().error), (Status::Ok, None));
    assert!(watched.with_snapshot(|snapshot| snapshot.failure.is_none()));
}

/// W-27: a request notices, starts the check, and the metric tells.
#[tokio::test]
async fn a_stalled_scheduler_is_noticed_by_a_request_that_starts_the_check() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let core = without_schedule(&fake, &[("SCHEDULE", "0 * * * * *")]).await;
    let watched = Arc::clone(&core.checker.targets()[0]);
    core.checker.check(0, Reason::Schedule).await;
    assert_eq!(rounds(&fake), 1);
    // The answer is good for hours yet; nobody came for two intervals.
    let now = core.checker.clock().steady();
    watched.expect_check(now - TimeDelta::seconds(59));
    core.checker.nudge(0);
    assert!(metrics(&core).await.contains("sidewatch_scheduler_stalled 0"), "one interval is no stall");
    watched.expect_check(now - TimeDelta::seconds(61));
    for _ in 0..100 {
        core.checker.nudge(0);
    }
    eventually("the check", async || rounds(&fake) == 2).await;
    let text = metrics(&core).await;
    assert!(text.contains("sidewatch_scheduler_stalled 1"), "{text}");
    assert!(text.contains("sidewatch_scheduler_stalls_total 1"), "{text}");
    eventually("the next check", async || watched.next_check().is_some_and(|at| at > now)).await;
    core.checker.due_all();
    assert!(metrics(&core).await.contains("sidewatch_scheduler_stalled 0"), "it came");
    assert_eq!(rounds(&fake), 2);
}

/// W-27, W-29: stopped by the kernel, as a laptop asleep or a paused container.
#[tokio::test]
async fn after_a_freeze_the_checks_go_on_and_what_was_missed_is_one() {
    let fake = github(&["v1.2.3"]).await;
    let mut environment = settings(&fake);
    environment.insert("SIDEWATCH_SCHEDULE".into(), "* * * * * *".into());
    let program = Program::start(&environment).await;
    eventually("a few rounds", async || rounds(&fake) >= 2).await;
    program.signal("STOP");
    tokio::time::sleep(Duration::from_secs(3)).await;
    fake.repo(REPO).release(NewRelease::new("v1.3.0"));
    let before = rounds(&fake);
    let resumed = Instant::now();
    program.signal("CONT");
    program.app.wait_until("the new release", |state| state.latest.as_deref() == Some("1.3.0")).await;
    let missed = rounds(&fake) - before;
    assert!(missed <= 1 + resumed.elapsed().as_secs() as usize, "{missed} rounds at once");
    eventually("more rounds", async || rounds(&fake) >= before + 2).await;
}

/// Panics where the first so many checks begin.
struct Saboteur(AtomicUsize);

impl tracing::Subscriber for Saboteur {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_span() && metadata.name() == "check"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        let before = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        assert!(before.is_err(), "sabotage");
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// W-25.
#[tokio::test]
async fn a_check_that_panics_is_counted_and_the_next_one_works() {
    let fake = github(&["v1.2.3", "v1.3.0"]).await;
    let core = without_schedule(&fake, &[]).await;
    let watched = Arc::clone(&core.checker.targets()[0]);
    // With one subscriber in the process, tracing would ask the threads of other tests whether anybody listens.
    let _second = tracing::Dispatch::new(Saboteur(AtomicUsize::new(0)));
    // On this thread only, and with it in every task of this test's runtime.
    let _sabotage = tracing::subscriber::set_default(Saboteur(AtomicUsize::new(1)));
    core.checker.check(0, Reason::Schedule).await;
    assert!(!watched.is_being_checked(), "the flag is cleared");
    assert!(*watched.settled().borrow(), "readers do not wait for it");
    assert!(metrics(&core).await.contains("sidewatch_check_panics_total 1"));
    let rest = watched.next_check().unwrap() - core.checker.clock().steady();
    assert!((50..=300).contains(&rest.num_seconds()), "no hot loop: {rest}");
    core.checker.check(0, Reason::Schedule).await;
    assert_eq!(watched.state().latest.as_deref(), Some("1.3.0"));
}
