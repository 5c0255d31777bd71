//! Figures, run by hand: `cargo test -p app --release --test queue -- --ignored --nocapture throughput`.

use std::time::Instant;

use app::event_queue::Limits;
use test_servers::redis::{AppendOnly, RedisOptions};

use crate::fixture::{Fixture, PACE, events, until};

const EVENTS: u32 = 100_000;

fn per_second(started: Instant) -> f64 {
    f64::from(EVENTS) / started.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints figures; asserts nothing about speed"]
async fn throughput_of_appending_and_consuming() {
    for append_only in [AppendOnly::Everysec, AppendOnly::Always] {
        println!("appendfsync: {append_only:?}");
        measure(append_only).await;
    }
}

#[expect(clippy::print_stdout, reason = "figures are what this is for")]
async fn measure(append_only: AppendOnly) {
    let options = RedisOptions { append_only, ..RedisOptions::default() };
    let fixture = Fixture::start_with(options, Limits::default());
    let batches: Vec<_> = (0..EVENTS / 100).map(|_| events(100)).collect();
    let started = Instant::now();
    for batch in &batches {
        fixture.queue.append(batch).await.unwrap();
    }
    println!("appended, batches of 100, one client: {:.0} events/s", per_second(started));
    // What Redis itself takes for it: the limit, however fast the client is.
    let stats: String = fixture.redis(&["INFO", "commandstats"]).await;
    println!("{}", stats.lines().find(|line| line.contains("evalsha")).unwrap());
    let started = Instant::now();
    for batch in &batches {
        fixture.queue.append(batch).await.unwrap();
    }
    println!("all duplicates: {:.0} events/s", per_second(started));
    let started = Instant::now();
    let running = fixture.run("one", PACE);
    until("all are stored", async || fixture.queue.status().await.unwrap().depth == 0).await;
    println!("consumed into memory: {:.0} events/s", per_second(started));
    fixture.stop(running).await;
}
