use app::domain::event::Outcome::New;
use app::event_queue::{Burial, Limits, PREFIX, QueueError, RedisQueue};
use serde_json::json;
use test_servers::redis::RedisOptions;

use crate::fixture::{Fixture, STREAM, event_with, events};

const MARKS: &str = "remote-agent:{queue}:marks";

fn small() -> RedisOptions {
    RedisOptions { maxmemory: Some("8mb".into()), ..RedisOptions::default() }
}

fn large() -> serde_json::Value {
    json!("x".repeat(100_000))
}

#[tokio::test]
async fn a_redis_out_of_memory_acknowledges_nothing_that_it_does_not_keep() {
    let fixture = Fixture::start_with(small(), Limits::default());
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for _ in 0..150 {
        let batch = [event_with(&large()), event_with(&json!(1))];
        match fixture.queue.append(&batch).await {
            Ok(outcomes) => {
                assert_eq!(outcomes, [New; 2]);
                acknowledged.extend(batch.map(|event| event.id));
            }
            Err(QueueError::Full { depth: None }) => refused += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert!(acknowledged.len() > 20 && refused > 20, "{} and {refused}", acknowledged.len());
    assert_eq!(fixture.redis::<usize>(&["XLEN", STREAM]).await, acknowledged.len());
    let mut consumer = fixture.consumer("one");
    while consumer.consume_once().await.unwrap() > 0 {}
    assert!(acknowledged.iter().all(|id| fixture.store.has(*id)));
    assert_eq!(fixture.store.count(), acknowledged.len());
}

#[tokio::test]
async fn what_is_kept_for_a_restore_makes_room_when_memory_runs_out() {
    let fixture = Fixture::start_with(small(), Limits::default());
    let mut consumer = fixture.consumer("one");
    for _ in 0..300 {
        assert_eq!(fixture.queue.append(&[event_with(&large())]).await.unwrap(), [New]);
        consumer.consume_once().await.unwrap();
    }
    assert_eq!(fixture.store.count(), 300);
}

#[tokio::test]
async fn a_bad_event_can_be_given_up_when_redis_is_out_of_memory() {
    let fixture = Fixture::start_with(small(), Limits::default());
    fixture.redis::<String>(&["XADD", STREAM, "*", "event", &"garbage".repeat(10_000)]).await;
    while fixture.queue.append(&[event_with(&large())]).await.is_ok() {}
    assert!(fixture.queue.is_full(&fixture.queue.status().await.unwrap()));
    let appended: usize = fixture.redis(&["XLEN", STREAM]).await;
    let mut consumer = fixture.consumer("one");
    while fixture.store.count() < appended - 1 {
        consumer.consume_once().await.unwrap();
    }
    assert_eq!(fixture.queue.dead_letters(None, 10).await.unwrap().len(), 1);
    // Now there is something to trim.
    assert_eq!(fixture.queue.append(&[event_with(&large())]).await.unwrap(), [New]);
    assert!(!fixture.queue.is_full(&fixture.queue.status().await.unwrap()));
}

#[tokio::test]
async fn recent_ids_take_bounded_memory_and_an_id_that_was_forgotten_is_stored_once_all_the_same() {
    let limits = Limits { recent_ids: 100, ..Limits::default() };
    let fixture = Fixture::start_with(RedisOptions::default(), limits);
    let first = events(1);
    fixture.queue.append(&first).await.unwrap();
    for _ in 0..20 {
        fixture.queue.append(&events(50)).await.unwrap();
        let recent: u64 = fixture.redis(&["HLEN", "remote-agent:{queue}:recent-ids"]).await;
        let older: u64 = fixture.redis(&["HLEN", "remote-agent:{queue}:older-ids"]).await;
        assert!(recent < 100 && older < 150, "{recent} {older}");
    }
    assert_eq!(fixture.queue.append(&first).await.unwrap(), [New]);
    let mut consumer = fixture.consumer("one");
    while consumer.consume_once().await.unwrap() > 0 {}
    assert_eq!(fixture.store.count(), 1001);
    assert_eq!(fixture.queue.status().await.unwrap().depth, 0);
}

#[tokio::test]
async fn trimming_keeps_the_newest_stored_events_and_never_overtakes_a_stopped_consumer() {
    let limits = Limits { kept_mebibytes: 2, ..Limits::default() };
    let fixture = Fixture::start_with(RedisOptions::default(), limits);
    fixture.queue.append(&events(1)).await.unwrap();
    let stopped = fixture.queue.consumer("stopped");
    let held = stopped.read(1, std::time::Duration::from_millis(100)).await.unwrap();
    let mut running = fixture.consumer("running");
    for _ in 0..100 {
        fixture.queue.append(&[event_with(&large())]).await.unwrap();
        running.consume_once().await.unwrap();
    }
    assert_eq!(fixture.redis::<u64>(&["XLEN", STREAM]).await, 101);
    fixture.queue.acknowledge(&[held[0].id], None).await.unwrap();
    let kept: u64 = fixture.redis(&["XLEN", STREAM]).await;
    assert!((20..=35).contains(&kept), "{kept} entries of 100 kB are 2 to 3 MiB");
    // Nobody reads: nothing goes.
    for _ in 0..50 {
        fixture.queue.append(&[event_with(&large())]).await.unwrap();
    }
    assert_eq!(fixture.redis::<u64>(&["XLEN", STREAM]).await, kept + 50);
    while running.consume_once().await.unwrap() > 0 {}
    assert_eq!(fixture.store.count(), 150);
}

#[tokio::test]
async fn a_queue_is_full_by_its_size_too() {
    let limits = Limits { mebibytes: 3, kept_mebibytes: 1, ..Limits::default() };
    let fixture = Fixture::start_with(RedisOptions::default(), limits);
    let mut taken = 0;
    while fixture.queue.append(&[event_with(&large())]).await.is_ok() {
        taken += 1;
        assert!(taken < 100);
    }
    assert!((25..35).contains(&taken), "{taken}");
    // A process that was refused nothing knows it too.
    let other = RedisQueue::new(&fixture.redis.url().into(), PREFIX, limits).unwrap();
    let status = other.status().await.unwrap();
    assert!(status.mebibytes == 3 && other.is_full(&status), "{status:?}");
    let mut consumer = fixture.consumer("one");
    while fixture.store.count() < taken {
        consumer.consume_once().await.unwrap();
    }
    let status = other.status().await.unwrap();
    assert!(status.mebibytes == 0 && !other.is_full(&status), "{status:?}");
    assert_eq!(fixture.queue.append(&[event_with(&large())]).await.unwrap(), [New]);
}

#[tokio::test]
async fn marks_of_entries_that_are_gone_do_not_fill_the_queue() {
    let fixture = Fixture::start();
    let push: Vec<&str> = ["RPUSH", MARKS].into_iter().chain(std::iter::repeat_n("1-1", 1024)).collect();
    // The stream was deleted, and the consumer makes it anew.
    fixture.queue.append(&[event_with(&json!(1))]).await.unwrap();
    fixture.consumer("one").consume_once().await.unwrap();
    fixture.redis::<u64>(&push).await;
    fixture.redis::<u64>(&["DEL", STREAM]).await;
    fixture.queue.ensure_group().await.unwrap();
    assert_eq!(fixture.redis::<u64>(&["LLEN", MARKS]).await, 0);
    assert_eq!(fixture.queue.append(&[event_with(&json!(1))]).await.unwrap(), [New]);
    // It is there and was emptied.
    fixture.redis::<u64>(&push).await;
    fixture.redis::<u64>(&["XTRIM", STREAM, "MAXLEN", "0"]).await;
    assert_eq!(fixture.queue.append(&[event_with(&json!(1))]).await.unwrap(), [New]);
    // What is stored was never trimmed.
    fixture.consumer("one").consume_once().await.unwrap();
    fixture.redis::<u64>(&push).await;
    assert_eq!(fixture.queue.append(&[event_with(&json!(1))]).await.unwrap(), [New]);
}

#[tokio::test]
async fn what_ends_among_the_dead_letters_makes_room() {
    let limits = Limits { mebibytes: 3, kept_mebibytes: 1, ..Limits::default() };
    let fixture = Fixture::start_with(RedisOptions::default(), limits);
    while fixture.queue.append(&[event_with(&large())]).await.is_ok() {}
    let consumer = fixture.queue.consumer("one");
    let read = consumer.read(100, std::time::Duration::from_millis(100)).await.unwrap();
    let bad = |entry| Burial { entry, cause: "bad".into(), tries: 5, event_id: None, forget: false };
    fixture.queue.bury(&read.into_iter().map(bad).collect::<Vec<_>>()).await.unwrap();
    assert!(fixture.redis::<u64>(&["LLEN", MARKS]).await <= 1);
}
