use std::time::{Duration, Instant};

use app::domain::event::Outcome::{Conflict, Duplicate, New};

use crate::fixture::{Fixture, PACE, STREAM, altered, event, events, until};

#[tokio::test]
async fn garbage_in_the_stream_goes_to_the_dead_letters_with_its_cause_and_delays_nobody() {
    let fixture = Fixture::start();
    let garbage: [&[&str]; 5] = [
        &["event", "{"],
        &["event", "{\"id\":1e999}"],
        &[
            "event",
            "{\"receivedAt\":\"2026-01-30T14:30:00Z\",\"id\":\"x\",\"type\":\"a\",\"timestamp\":\"\"}",
        ],
        &["other", "field"],
        &["event", "\u{0}"],
    ];
    fixture.queue.append(&events(10)).await.unwrap();
    for fields in garbage {
        fixture.redis::<String>(&[&["XADD", STREAM, "*"], fields].concat()).await;
    }
    fixture.queue.append(&events(10)).await.unwrap();
    let running = fixture.run("one", PACE);
    until("good ones are stored", async || fixture.store.count() == 20).await;
    until("bad ones are out", async || fixture.queue.status().await.unwrap().dead_letters == 5).await;
    let letters = fixture.queue.dead_letters(None, 10).await.unwrap();
    assert!(letters.iter().all(|letter| !letter.cause.is_empty() && letter.tries == 1));
    assert_eq!(letters[0].payload, "{");
    assert_eq!(letters[3].payload, "other field\n");
    assert_eq!(fixture.queue.status().await.unwrap().depth, 0);
    assert_eq!(fixture.metric("remote_agent_events_dead_lettered_total{cause=\"unreadable\"}"), 5.0);
    fixture.stop(running).await;
}

#[tokio::test]
async fn an_event_that_the_store_refuses_is_given_up_after_five_tries_and_others_stay_quick() {
    let fixture = Fixture::start();
    let bad = [event(), event()];
    fixture.store.refused.lock().unwrap().insert(bad[0].id);
    fixture.store.panics.lock().unwrap().insert(bad[1].id);
    let pace = app::reclaim_events::Pace { refused: Duration::from_millis(500), ..PACE };
    let running = fixture.run("one", pace);
    let mut batch = events(200);
    batch.extend(bad.clone());
    batch.extend(events(200));
    fixture.queue.append(&batch).await.unwrap();
    let mut sent = 400;
    until("it is given up", async || fixture.queue.status().await.unwrap().dead_letters == 2).await;
    let slowest = async || {
        let start = Instant::now();
        fixture.queue.append(&events(1)).await.unwrap();
        sent += 1;
        let expected = sent;
        until("it is stored", async || fixture.store.count() == expected).await;
        start.elapsed()
    };
    let mut slowest = slowest;
    assert!(slowest().await < Duration::from_secs(2));
    let letters = fixture.queue.dead_letters(None, 10).await.unwrap();
    for (letter, (event, cause)) in
        letters.iter().zip(bad.iter().zip(["the fake does not like it", "ended in a panic"]))
    {
        assert_eq!((letter.tries, letter.event_id.clone()), (5, Some(event.id.to_string())));
        assert!(letter.cause.contains(cause), "{}", letter.cause);
    }
    assert_eq!(fixture.queue.append(&bad).await.unwrap(), [Duplicate; 2]);
    fixture.stop(running).await;
}

#[tokio::test]
async fn while_a_bad_event_is_tried_again_others_are_stored_within_two_seconds() {
    let fixture = Fixture::start();
    let running = fixture.run("one", app::reclaim_events::Pace::default());
    let started = Instant::now();
    let mut sent = 0;
    while started.elapsed() < Duration::from_secs(6) {
        let mut batch = events(21);
        fixture.store.refused.lock().unwrap().insert(batch[7].id);
        let appended = Instant::now();
        fixture.queue.append(&batch).await.unwrap();
        batch.remove(7);
        sent += 20;
        until("they are stored", async || fixture.store.count() == sent).await;
        assert!(appended.elapsed() < Duration::from_secs(2), "{:?}", appended.elapsed());
    }
    until("bad ones are given up", async || fixture.queue.status().await.unwrap().dead_letters > 0).await;
    fixture.stop(running).await;
}

#[tokio::test]
async fn a_dead_letter_is_stored_after_a_replay_once_its_cause_is_gone() {
    let fixture = Fixture::start();
    let bad = events(120);
    fixture.store.refused.lock().unwrap().extend(bad.iter().map(|event| event.id));
    let running = fixture.run("one", PACE);
    fixture.queue.append(&bad).await.unwrap();
    until("they are given up", async || fixture.queue.status().await.unwrap().dead_letters == 120).await;
    let page = fixture.queue.dead_letters(None, 1).await.unwrap();
    let first = page[0].id.parse().unwrap();
    let rest = fixture.queue.dead_letters(Some(first), 500).await.unwrap();
    assert_eq!(rest.len(), 119);
    // Nothing was mended: it comes back.
    assert_eq!(fixture.queue.replay(&[first, first, "1-1".parse().unwrap()]).await.unwrap(), 1);
    until("it is given up again", async || fixture.queue.status().await.unwrap().dead_letters == 120).await;
    fixture.store.refused.lock().unwrap().clear();
    assert_eq!(fixture.queue.replay_all().await.unwrap(), 120);
    until("they are stored", async || fixture.store.count() == 120).await;
    assert_eq!(fixture.queue.status().await.unwrap().dead_letters, 0);
    assert_eq!(fixture.queue.replay_all().await.unwrap(), 0);
    fixture.stop(running).await;
}

#[tokio::test]
async fn a_conflict_that_only_the_store_knows_is_shown_and_the_first_event_stays_a_duplicate() {
    let fixture = Fixture::start();
    let first = event();
    app::event_store::EventStore::insert(&*fixture.store, std::slice::from_ref(&first)).await.unwrap();
    let second = altered(&first);
    assert_eq!(fixture.queue.append(std::slice::from_ref(&second)).await.unwrap(), [New]);
    assert_eq!(fixture.queue.append(std::slice::from_ref(&first)).await.unwrap(), [Conflict]);
    fixture.consumer("one").consume_once().await.unwrap();
    let letters = fixture.queue.dead_letters(None, 10).await.unwrap();
    assert_eq!(letters[0].event_id, Some(first.id.to_string()));
    assert!(letters[0].cause.contains("other content"), "{}", letters[0].cause);
    // Not a conflict any more: the store finds the duplicate.
    assert_eq!(fixture.queue.append(&[first]).await.unwrap(), [New]);
    fixture.consumer("one").consume_once().await.unwrap();
    assert_eq!((fixture.store.count(), fixture.queue.status().await.unwrap().dead_letters), (1, 1));
}

#[tokio::test]
async fn refusals_are_counted_over_restarts() {
    let fixture = Fixture::start();
    let bad = event();
    fixture.store.refused.lock().unwrap().insert(bad.id);
    fixture.queue.append(&[bad]).await.unwrap();
    fixture.consumer("one").consume_once().await.unwrap();
    for round in 1..5 {
        assert_eq!(fixture.queue.status().await.unwrap().dead_letters, 0, "{round}");
        // Each round another process.
        let mut reclaimer = fixture.reclaimer(&format!("reclaim-{round}"), PACE);
        until("it may be tried again", async || reclaimer.reclaim_once().await.unwrap() == 1).await;
    }
    assert_eq!(fixture.queue.dead_letters(None, 10).await.unwrap()[0].tries, 5);
}
