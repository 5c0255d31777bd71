use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::RngExt;
use test_servers::redis::{AppendOnly, RedisOptions};
use uuid::Uuid;

use crate::fixture::{Fixture, PACE, events, until};

/// Redis is killed at random moments while four clients send and a consumer stores. It syncs always: with `everysec` it
/// answers before it writes while its disk is busy.
#[tokio::test]
async fn no_acknowledged_event_is_lost_when_redis_is_killed_under_load() {
    let options = RedisOptions { append_only: AppendOnly::Always, ..RedisOptions::default() };
    let mut fixture = Fixture::start_with(options, app::event_queue::Limits::default());
    let running = fixture.run("one", PACE);
    let ledger = Arc::new(Mutex::new(HashSet::<Uuid>::new()));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (queue, ledger) = (fixture.queue.clone(), ledger.clone());
            tokio::spawn(async move {
                loop {
                    let batch = events(20);
                    // Like a client: the same batch until it is taken.
                    while queue.append(&batch).await.is_err() {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    ledger.lock().unwrap().extend(batch.iter().map(|event| event.id));
                }
            })
        })
        .collect();
    for _ in 0..10 {
        let before = ledger.lock().unwrap().len();
        until("events go in", async || ledger.lock().unwrap().len() > before + 100).await;
        let moment = rand::rng().random_range(0..100);
        tokio::time::sleep(Duration::from_millis(moment)).await;
        fixture.redis.restart().unwrap();
    }
    for client in clients {
        client.abort();
        drop(client.await);
    }
    let acknowledged = std::mem::take(&mut *ledger.lock().unwrap());
    let lost = || acknowledged.iter().filter(|id| !fixture.store.has(**id)).count();
    until("all are stored", async || lost() == 0).await;
    fixture.stop(running).await;
}
