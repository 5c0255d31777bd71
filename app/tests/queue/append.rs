use app::domain::event::Outcome::{Conflict, Duplicate, New};
use app::event_queue::{Limits, QueueError};
use test_servers::redis::{AppendOnly, RedisOptions};

use crate::fixture::{Fixture, STREAM, altered, event, events};

#[tokio::test]
async fn an_event_is_appended_once_and_known_after_that() {
    let fixture = Fixture::start();
    let (one, two) = (event(), event());
    let batch = [one.clone(), two.clone(), one.clone(), altered(&two)];
    assert_eq!(fixture.queue.append(&batch).await.unwrap(), [New, New, Duplicate, Conflict]);
    assert_eq!(
        fixture.queue.append(&[two, altered(&one), event()]).await.unwrap(),
        [Duplicate, Conflict, New]
    );
    assert_eq!(fixture.redis::<u64>(&["XLEN", STREAM]).await, 3);
    assert!(fixture.queue.append(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn scripts_are_known_again_after_redis_forgot_them() {
    let fixture = Fixture::start();
    fixture.queue.append(&[event()]).await.unwrap();
    fixture.redis::<String>(&["SCRIPT", "FLUSH"]).await;
    assert_eq!(fixture.queue.append(&[event()]).await.unwrap(), [New]);
}

#[tokio::test]
async fn a_redis_that_would_lose_events_gets_none_until_it_is_mended() {
    for (options, told, mend) in [
        (
            RedisOptions { append_only: AppendOnly::Off, ..RedisOptions::default() },
            "--appendonly yes",
            ["appendonly", "yes"],
        ),
        (
            RedisOptions { maxmemory_policy: Some("allkeys-lru".into()), ..RedisOptions::default() },
            "CONFIG SET maxmemory-policy noeviction",
            ["maxmemory-policy", "noeviction"],
        ),
    ] {
        let fixture = Fixture::start_with(options, Limits::default());
        let problem = fixture.queue.check_settings().await.unwrap().problem().unwrap();
        assert!(problem.to_string().contains(told), "{problem}");
        assert!(matches!(fixture.queue.append(&[event()]).await, Err(QueueError::Unsafe(_))));
        assert!(!fixture.redis::<bool>(&["EXISTS", STREAM]).await);
        fixture.redis::<String>(&["CONFIG", "SET", mend[0], mend[1]]).await;
        assert_eq!(fixture.queue.check_settings().await.unwrap().problem(), None);
        assert_eq!(fixture.queue.append(&[event()]).await.unwrap(), [New]);
    }
}

#[tokio::test]
async fn settings_that_redis_does_not_tell_are_not_held_against_it() {
    let fixture = Fixture::start();
    fixture.redis::<String>(&["ACL", "SETUSER", "default", "-config", "-info"]).await;
    let settings = fixture.queue.check_settings().await.unwrap();
    assert_eq!((settings.append_only, settings.problem()), (None, None));
    assert_eq!(fixture.queue.append(&[event()]).await.unwrap(), [New]);
    fixture.redis::<String>(&["ACL", "SETUSER", "default", "+config"]).await;
    assert_eq!(fixture.queue.check_settings().await.unwrap().append_only, Some(true));
}

#[tokio::test]
async fn the_first_append_asks_whether_redis_keeps_events() {
    let options = RedisOptions { append_only: AppendOnly::Off, ..RedisOptions::default() };
    let fixture = Fixture::start_with(options, Limits::default());
    assert!(matches!(fixture.queue.append(&[event()]).await, Err(QueueError::Unsafe(_))));
}

#[tokio::test]
async fn a_full_queue_refuses_whole_batches_and_takes_them_once_there_is_room() {
    let limits = Limits { entries: 100, ..Limits::default() };
    let fixture = Fixture::start_with(RedisOptions::default(), limits);
    for _ in 0..2 {
        fixture.queue.append(&events(50)).await.unwrap();
    }
    let late = events(10);
    match fixture.queue.append(&late).await {
        Err(QueueError::Full { depth }) => assert_eq!(depth, Some(100)),
        other => panic!("{other:?}"),
    }
    assert_eq!(fixture.queue.status().await.unwrap().depth, 100);
    let mut consumer = fixture.consumer("one");
    while fixture.store.count() < 100 {
        consumer.consume_once().await.unwrap();
    }
    // What is stored and only kept for a restore does not count.
    assert_eq!(fixture.redis::<u64>(&["XLEN", STREAM]).await, 100);
    assert_eq!(fixture.queue.append(&late).await.unwrap(), [New; 10]);
    assert_eq!(fixture.queue.status().await.unwrap().depth, 10);
}

#[tokio::test]
async fn the_same_batch_sent_by_many_at_once_is_appended_once() {
    let fixture = Fixture::start();
    let batch = events(100);
    let appends = (0..8).map(|_| fixture.queue.append(&batch));
    let outcomes = futures_util::future::join_all(appends).await;
    let new = outcomes.into_iter().flat_map(Result::unwrap).filter(|outcome| *outcome == New).count();
    assert_eq!(new, 100);
}

#[tokio::test]
async fn a_redis_that_may_answer_before_it_writes_is_named_and_used() {
    let fixture = Fixture::start();
    let settings = fixture.queue.check_settings().await.unwrap();
    assert!(settings.advice().unwrap().contains("--appendfsync always"));
    fixture.redis::<String>(&["CONFIG", "SET", "appendfsync", "always"]).await;
    assert_eq!(fixture.queue.check_settings().await.unwrap().advice(), None);
}
