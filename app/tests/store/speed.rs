//! How many events a second are stored, in batches of 500; to be run by hand:
//! `cargo test --release -p app --test store speed -- --ignored --nocapture --test-threads 1`.

use std::time::Instant;

use app::domain::event::Event;
use serde_json::json;
use uuid::Uuid;

use crate::home::{Home, second};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn postgres() {
    measure(Home::postgres_durable(), 1).await;
    measure(Home::postgres_durable(), 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn sqlite() {
    measure(Home::sqlite(), 1).await;
}

async fn measure(home: Home, callers: usize) {
    let store = home.store().await;
    let batches: Vec<Vec<Event>> = (0..100).map(batch).collect();
    let begun = Instant::now();
    let shares = batches.chunks(batches.len().div_ceil(callers));
    let work = shares.map(|share| {
        let (store, share) = (std::sync::Arc::clone(&store), share.to_vec());
        tokio::spawn(async move {
            for batch in share {
                store.insert(&batch).await.unwrap();
            }
        })
    });
    for work in work.collect::<Vec<_>>() {
        work.await.unwrap();
    }
    let rate = 50_000.0 / begun.elapsed().as_secs_f64();
    let database = if home.is_postgres() { "PostgreSQL" } else { "SQLite" };
    println!("{database}, callers: {callers}: {rate:.0} events/s");
}

/// As clients send them: random ids, twenty sessions at a time, some hundred bytes each.
fn batch(number: usize) -> Vec<Event> {
    let event = |place: usize| {
        let kind = ["session.prompt", "session.tool_use", "session.usage", "git.commit"][place % 4];
        let data = json!({
            "model": "a-model", "inputTokens": 1200, "outputTokens": 90, "costUsd": 0.0123, "tool": "edit",
            "subject": "Store what came", "sha": "0123456789abcdef", "text": "x".repeat(150),
        });
        let sent = json!({
            "id": Uuid::new_v4(), "type": kind, "timestamp": second((number * 500 + place) as i64 / 100),
            "sessionId": format!("session-{}", number / 5 * 20 + place % 20),
            "workspace": format!("workspace-{}", place % 3), "device": "laptop", "data": data,
        });
        Event::parse(&sent.to_string(), crate::home::noon()).unwrap()
    };
    (0..500).map(event).collect()
}
