use app::canary;
use app::consume_events::ConsumeEvents;
use app::domain::event::Event;
use app::domain::event::Outcome::{Duplicate, New};

use app::reclaim_events::ReclaimEvents;
use chrono::Utc;
use serde_json::json;
use uuid::Uuid;

use crate::fixture::{Fixture, PACE, event, events, until};

const LAST: &str = "remote-agent:{queue}:last-stored";

fn parsed(sent: &serde_json::Value) -> Event {
    Event::parse(&sent.to_string(), Utc::now()).unwrap()
}

#[tokio::test]
async fn a_database_that_was_restored_gets_the_later_events_again_from_the_stream() {
    let fixture = Fixture::start();
    let (before, after) = (events(50), events(70));
    let running = fixture.run("one", PACE);
    fixture.queue.append(&before).await.unwrap();
    until("they are stored", async || fixture.queue.status().await.unwrap().depth == 0).await;
    let dump = fixture.store.dump();
    fixture.queue.append(&after).await.unwrap();
    until("they are stored", async || fixture.queue.status().await.unwrap().depth == 0).await;
    fixture.stop(running).await;
    fixture.store.restore(dump);
    let late = events(5);
    fixture.queue.append(&late).await.unwrap();
    let running = fixture.run("one", PACE);
    until("all are there", async || fixture.store.count() == 125).await;
    until("all are acknowledged", async || fixture.queue.status().await.unwrap().depth == 0).await;
    assert!(after.iter().chain(&late).all(|event| fixture.store.has(event.id)));
    fixture.stop(running).await;
}

#[tokio::test]
async fn a_database_that_is_restored_while_the_server_runs_is_noticed_with_the_next_event() {
    let fixture = Fixture::start();
    let running = fixture.run("one", PACE);
    let dump = fixture.store.dump();
    fixture.queue.append(&events(10)).await.unwrap();
    until("they are stored", async || fixture.queue.status().await.unwrap().depth == 0).await;
    // While nothing happens.
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    fixture.store.restore(dump.clone());
    fixture.queue.append(&events(1)).await.unwrap();
    until("all are there", async || fixture.store.count() == 11).await;
    // While events wait for it.
    fixture.store.away.store(true, std::sync::atomic::Ordering::SeqCst);
    fixture.queue.append(&events(1)).await.unwrap();
    let failures = async || fixture.metric("remote_agent_consumer_failures_total") > 0.0;
    until("it waits", failures).await;
    fixture.store.restore(dump);
    fixture.store.away.store(false, std::sync::atomic::Ordering::SeqCst);
    until("all are there", async || fixture.store.count() == 12).await;
    fixture.stop(running).await;
}

#[tokio::test]
async fn a_database_that_is_restored_between_two_batches_without_any_error_loses_nothing() {
    for others_went_on in [false, true] {
        let fixture = Fixture::start();
        let mut consumer = fixture.consumer("one");
        let kept = events(1);
        fixture.queue.append(&kept).await.unwrap();
        consumer.consume_once().await.unwrap();
        let dump = fixture.store.dump();
        fixture.queue.append(&events(10)).await.unwrap();
        consumer.consume_once().await.unwrap();
        fixture.store.restore(dump);
        if others_went_on {
            // What another process acknowledged after the restore.
            fixture.redis::<String>(&["SET", LAST, &kept[0].id.to_string()]).await;
        }
        fixture.queue.append(&events(10)).await.unwrap();
        while consumer.consume_once().await.unwrap() > 0 {}
        assert_eq!(fixture.store.count(), 21, "{others_went_on}");
        assert_eq!(fixture.queue.status().await.unwrap().depth, 0);
    }
}

#[tokio::test]
async fn a_restore_is_noticed_when_the_next_event_is_one_that_was_set_aside() {
    let fixture = Fixture::start();
    let settling = fixture.settling();
    let mut consumer = ConsumeEvents::new(fixture.queue.consumer("one"), settling.clone());
    let mut reclaimer = ReclaimEvents::new(fixture.queue.consumer("two"), settling, PACE);
    let bad = event();
    fixture.store.refused.lock().unwrap().insert(bad.id);
    fixture.queue.append(&[bad]).await.unwrap();
    fixture.queue.append(&events(5)).await.unwrap();
    let dump = fixture.store.dump();
    while fixture.store.count() < 5 {
        consumer.consume_once().await.unwrap();
    }
    fixture.store.restore(dump);
    fixture.store.refused.lock().unwrap().clear();
    until("it is tried again", async || reclaimer.reclaim_once().await.unwrap() > 0).await;
    while consumer.consume_once().await.unwrap() > 0 {}
    assert_eq!(fixture.store.count(), 6);
}

#[tokio::test]
async fn any_event_but_a_canary_tells_whether_the_database_was_restored() {
    let fixture = Fixture::start();
    let mut consumer = fixture.consumer("one");
    let plain = |kind| json!({"id": Uuid::new_v4(), "type": kind, "timestamp": Utc::now()});
    let (lonely, canary) = (parsed(&plain("tool.use")), parsed(&plain(canary::KIND)));
    fixture.queue.append(&[lonely.clone(), canary.clone()]).await.unwrap();
    consumer.consume_once().await.unwrap();
    assert_eq!(fixture.queue.last_stored().await.unwrap(), Some(lonely.id));
    fixture.store.erase(canary.id);
    fixture.queue.append(&events(1)).await.unwrap();
    while consumer.consume_once().await.unwrap() > 0 {}
    assert_eq!(fixture.store.repeats.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_database_that_lacks_nothing_gets_nothing_twice() {
    let fixture = Fixture::start();
    for _ in 0..3 {
        let running = fixture.run("one", PACE);
        fixture.queue.append(&events(10)).await.unwrap();
        until("they are stored", async || fixture.queue.status().await.unwrap().depth == 0).await;
        fixture.stop(running).await;
    }
    assert_eq!(fixture.store.repeats.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_entry_that_is_pending_while_the_queue_is_rewound_is_neither_trimmed_nor_lost() {
    let fixture = Fixture::start();
    fixture.queue.append(&events(3)).await.unwrap();
    let other = fixture.queue.consumer("other");
    other.read(1, std::time::Duration::from_millis(100)).await.unwrap();
    fixture.consumer("one").consume_once().await.unwrap();
    assert_eq!(fixture.queue.rewind().await.unwrap(), 3);
    assert_eq!(fixture.queue.last_stored().await.unwrap(), None);
    let running = fixture.run("one", PACE);
    until("all are stored", async || fixture.store.count() == 3).await;
    until("all are acknowledged", async || fixture.queue.status().await.unwrap().depth == 0).await;
    fixture.stop(running).await;
}

#[tokio::test]
async fn after_a_rewind_an_id_that_was_seen_may_be_sent_again() {
    let fixture = Fixture::start();
    let one = [event()];
    assert_eq!(fixture.queue.append(&one).await.unwrap(), [New]);
    assert_eq!(fixture.queue.append(&one).await.unwrap(), [Duplicate]);
    fixture.queue.ensure_group().await.unwrap();
    fixture.queue.rewind().await.unwrap();
    assert_eq!(fixture.queue.append(&one).await.unwrap(), [New]);
    fixture.consumer("one").consume_once().await.unwrap();
    assert_eq!(fixture.store.count(), 1);
}
