use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::fixture::{Fixture, PACE, STREAM, event, events, until};

const SHORT: Duration = Duration::from_millis(100);

#[tokio::test]
async fn events_are_stored_and_then_acknowledged() {
    let fixture = Fixture::start();
    let batch = events(1200);
    for part in batch.chunks(300) {
        fixture.queue.append(part).await.unwrap();
    }
    let running = fixture.run("one", PACE);
    until("all are stored", async || fixture.queue.status().await.unwrap().depth == 0).await;
    assert!(batch.iter().all(|event| fixture.store.has(event.id)));
    assert_eq!(fixture.metric("remote_agent_events_stored_total"), 1200.0);
    assert!(fixture.metrics.last_stored() > 0);
    fixture.stop(running).await;
}

#[tokio::test]
async fn a_consumer_that_comes_back_takes_up_at_once_what_it_had() {
    let fixture = Fixture::start();
    fixture.queue.append(&events(700)).await.unwrap();
    let killed = fixture.queue.consumer("one");
    assert_eq!(killed.read(500, SHORT).await.unwrap().len(), 500);
    drop(killed);
    let mut back = fixture.consumer("one");
    // A few first: nothing is known of their size.
    for expected in [50, 450, 200] {
        assert_eq!(back.consume_once().await.unwrap(), expected);
    }
    assert_eq!((fixture.store.count(), fixture.queue.status().await.unwrap().depth), (700, 0));
}

#[tokio::test]
async fn what_was_stored_and_not_acknowledged_is_stored_once() {
    let fixture = Fixture::start();
    let batch = events(10);
    fixture.queue.append(&batch).await.unwrap();
    let killed = fixture.queue.consumer("one");
    killed.read(500, SHORT).await.unwrap();
    app::event_store::EventStore::insert(&*fixture.store, &batch).await.unwrap();
    drop(killed);
    fixture.consumer("one").consume_once().await.unwrap();
    assert_eq!((fixture.store.count(), fixture.queue.status().await.unwrap().depth), (10, 0));
    assert_eq!(fixture.store.repeats.load(Ordering::SeqCst), 10);
    assert_eq!(fixture.metric("remote_agent_events_stored_total"), 0.0);
}

#[tokio::test]
async fn what_a_killed_consumer_had_is_claimed_by_another() {
    let fixture = Fixture::start();
    fixture.queue.append(&events(900)).await.unwrap();
    let killed = fixture.queue.consumer("killed");
    assert_eq!(killed.read(600, SHORT).await.unwrap().len(), 600);
    drop(killed);
    let running = fixture.run("other", PACE);
    until("all are stored", async || fixture.store.count() == 900).await;
    until("all are acknowledged", async || fixture.queue.status().await.unwrap().depth == 0).await;
    fixture.stop(running).await;
}

#[tokio::test]
async fn entries_of_a_consumer_that_waits_for_the_store_are_not_claimed_and_no_try_is_counted() {
    let fixture = Fixture::start();
    fixture.store.away.store(true, Ordering::SeqCst);
    fixture.queue.append(&events(20)).await.unwrap();
    // Names are held every second.
    let pace = app::reclaim_events::Pace { idle: Duration::from_secs(3), ..PACE };
    let waiting = tokio::spawn(fixture.consumer("waiting").run());
    until("it has them", async || fixture.store.calls.load(Ordering::SeqCst) > 0).await;
    let mut other = fixture.reclaimer("other", pace);
    let started = std::time::Instant::now();
    while started.elapsed() < Duration::from_secs(7) {
        assert_eq!(other.reclaim_once().await.unwrap(), 0, "it claimed from one that is alive");
        tokio::time::sleep(SHORT).await;
    }
    assert!(fixture.queue.status().await.unwrap().lag > Duration::from_secs(6));
    fixture.store.away.store(false, Ordering::SeqCst);
    until("the backlog drains", async || fixture.store.count() == 20).await;
    assert!(fixture.queue.dead_letters(None, 10).await.unwrap().is_empty());
    assert!(!fixture.redis::<bool>(&["EXISTS", "remote-agent:{queue}:refusals"]).await);
    assert_eq!(fixture.store.repeats.load(Ordering::SeqCst), 0);
    fixture.stop([waiting]).await;
}

#[tokio::test]
async fn a_slow_store_gets_no_event_twice() {
    let fixture = Fixture::start();
    fixture.store.slow.store(2000, Ordering::SeqCst);
    let pace = app::reclaim_events::Pace { idle: Duration::from_millis(1800), ..PACE };
    let running: Vec<_> = ["one", "two"].into_iter().flat_map(|name| fixture.run(name, pace)).collect();
    for _ in 0..8 {
        fixture.queue.append(&events(20)).await.unwrap();
    }
    until("all are stored", async || fixture.queue.status().await.unwrap().depth == 0).await;
    assert_eq!(fixture.store.count(), 160);
    assert_eq!(fixture.store.repeats.load(Ordering::SeqCst), 0);
    fixture.stop(running).await;
}

#[tokio::test]
async fn a_stop_finishes_the_batch_in_hand() {
    let fixture = Fixture::start();
    fixture.store.slow.store(500, Ordering::SeqCst);
    fixture.queue.append(&events(500)).await.unwrap();
    fixture.queue.append(&events(4500)).await.unwrap();
    let running = fixture.run("one", PACE);
    until("a batch is on its way", async || fixture.store.calls.load(Ordering::SeqCst) > 0).await;
    fixture.stop(running).await;
    let stored = fixture.store.count();
    assert!((50..=1000).contains(&stored), "{stored}");
    let pending: Vec<redis::Value> = fixture.redis(&["XPENDING", STREAM, "store", "-", "+", "1000"]).await;
    assert!(pending.is_empty());
    assert_eq!(fixture.queue.status().await.unwrap().depth, 5000 - stored as u64);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_store_that_is_away() {
    let fixture = Fixture::start();
    fixture.store.away.store(true, Ordering::SeqCst);
    fixture.queue.append(&events(5)).await.unwrap();
    let running = fixture.run("one", PACE);
    until("it has them", async || fixture.store.calls.load(Ordering::SeqCst) > 0).await;
    fixture.stop(running).await;
    assert_eq!(fixture.queue.status().await.unwrap().depth, 5);
}

#[tokio::test]
async fn silent_consumers_with_nothing_pending_are_forgotten() {
    let fixture = Fixture::start();
    fixture.queue.append(&events(2)).await.unwrap();
    fixture.queue.consumer("pending").read(1, SHORT).await.unwrap();
    fixture.consumer("idle").consume_once().await.unwrap();
    let consumers = async || {
        let all: Vec<redis::Value> = fixture.redis(&["XINFO", "CONSUMERS", STREAM, "store"]).await;
        all.len()
    };
    assert_eq!(consumers().await, 2);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(fixture.queue.tidy(Duration::from_millis(10)).await.unwrap(), 1);
    assert_eq!(consumers().await, 1);
}

#[tokio::test]
async fn the_lag_is_the_age_of_the_oldest_event_that_waits() {
    let fixture = Fixture::start();
    assert_eq!(fixture.queue.status().await.unwrap(), app::event_queue::Status::default());
    fixture.queue.append(&[event()]).await.unwrap();
    until("time passes", async || fixture.queue.status().await.unwrap().lag > Duration::from_millis(300))
        .await;
    fixture.queue.append(&[event()]).await.unwrap();
    let status = fixture.queue.status().await.unwrap();
    assert!(status.lag > Duration::from_millis(300) && status.depth == 2, "{status:?}");
    fixture.consumer("one").consume_once().await.unwrap();
    assert_eq!(fixture.queue.status().await.unwrap().lag, Duration::ZERO);
}
