//! What changes between checks without anybody asking upstream: time, the host's clock, and what runs.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::checker::Checker;
use crate::clock::Clock;
use crate::running::RunningReader;
use crate::watched::Watched;

/// How often time is looked at.
const TICK: Duration = Duration::from_secs(3);
/// A host clock that moves further than this against the steady one has jumped (or the host has slept).
const JUMP: TimeDelta = TimeDelta::seconds(30);
/// How often the app is asked what runs.
const ASK_EVERY: Duration = Duration::from_secs(60);
/// The same while it has not told.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Makes answers anew when time alone changes them, so that event streams hear of it; notices a host clock that
/// has jumped. Runs until it is dropped.
pub async fn follow_time(checker: Arc<Checker>) {
    let mut skew = skew(checker.clock());
    loop {
        tokio::time::sleep(TICK).await;
        let now = self::skew(checker.clock());
        let jumped = (now - skew).abs() > JUMP;
        if jumped {
            tracing::warn!(
                seconds = (now - skew).num_seconds(),
                "the host's clock has jumped, or the host has slept"
            );
            skew = now;
        }
        for (index, watched) in checker.targets().iter().enumerate() {
            if jumped || watched.turns_by(checker.clock().wall()) {
                watched.publish();
                checker.tell(watched).await;
            }
            if jumped {
                checker.catch_up(index);
            }
        }
    }
}

fn skew(clock: Clock) -> TimeDelta {
    clock.wall() - clock.steady()
}

/// Asks the app what runs: soon again until it tells, and then every minute, so that an upgrade shows without
/// waiting for the next check. Runs until it is dropped.
pub async fn follow_running(checker: Arc<Checker>, index: usize, reader: Arc<RunningReader>) {
    let Some(watched) = checker.targets().get(index).cloned() else { return };
    if watched.with_snapshot(|snapshot| snapshot.known.is_none()) {
        // The first check asks, and comes at once.
        tokio::time::sleep(ASK_AGAIN).await;
    }
    loop {
        let told = reader.ask(&watched.target).await;
        let wait = if told.is_ok() { ASK_EVERY } else { ASK_AGAIN };
        if let Ok(running) = told
            && watched.runs(running)
        {
            tracing::info!(target.name = %watched.target.name, "another version runs now");
            compare_anew(&checker, index, &watched);
        }
        tokio::time::sleep(wait).await;
    }
}

/// On a branch track only upstream can compare another commit.
fn compare_anew(checker: &Checker, index: usize, watched: &Watched) {
    if watched.lacks_comparison() {
        let now: DateTime<Utc> = checker.clock().steady();
        checker.agenda().put_earlier(index, now);
    }
}
