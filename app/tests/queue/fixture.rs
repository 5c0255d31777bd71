//! A Redis, a queue in it, a fake store, and the flows between them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::accept_events::{AcceptError, Intake, accept_events};
use app::consume_events::ConsumeEvents;
use app::domain::event::Event;
use app::event_queue::{Limits, PREFIX, RedisQueue};
use app::event_store::EventStore;
use app::metrics::Metrics;
use app::reclaim_events::{Pace, ReclaimEvents};
use app::settle_entries::Settling;
use chrono::Utc;
use contract::{BatchReceipt, BuildStamp};
use serde_json::{Value, json};
use test_servers::redis::{Redis, RedisOptions};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::fake_store::FakeStore;

pub(crate) const STREAM: &str = "remote-agent:{queue}:events";

/// Quick enough for a test, slow enough for a busy machine.
pub(crate) const PACE: Pace = Pace {
    every: Duration::from_millis(50),
    idle: Duration::from_millis(500),
    refused: Duration::from_millis(100),
    forgotten: Duration::from_secs(3600),
};

pub(crate) struct Fixture {
    pub(crate) redis: Redis,
    pub(crate) queue: Arc<RedisQueue>,
    pub(crate) store: Arc<FakeStore>,
    pub(crate) metrics: Arc<Metrics>,
    stop: watch::Sender<bool>,
}

impl Fixture {
    pub(crate) fn start() -> Self {
        Self::start_with(RedisOptions::default(), Limits::default())
    }

    pub(crate) fn start_with(options: RedisOptions, limits: Limits) -> Self {
        let redis = Redis::start(options).unwrap();
        let queue = Arc::new(RedisQueue::new(&redis.url().into(), PREFIX, limits).unwrap());
        let stamp = BuildStamp { version: "dev", commit: "unknown", date: "2026-01-30" };
        let metrics = Arc::new(Metrics::new(stamp).unwrap());
        let (stop, _) = watch::channel(false);
        Self { redis, queue, store: Arc::new(FakeStore::default()), metrics, stop }
    }

    pub(crate) fn settling(&self) -> Settling {
        self.settling_into(self.store.clone())
    }

    pub(crate) fn settling_into(&self, store: Arc<dyn EventStore>) -> Settling {
        Settling::new(store, self.metrics.clone(), self.stop.subscribe())
    }

    pub(crate) fn consumer(&self, name: &str) -> ConsumeEvents {
        ConsumeEvents::new(self.queue.consumer(name), self.settling())
    }

    pub(crate) fn reclaimer(&self, name: &str, pace: Pace) -> ReclaimEvents {
        ReclaimEvents::new(self.queue.consumer(name), self.settling(), pace)
    }

    /// Both flows, as a server runs them.
    pub(crate) fn run(&self, name: &str, pace: Pace) -> [JoinHandle<()>; 2] {
        let settling = self.settling();
        let consumer = ConsumeEvents::new(self.queue.consumer(name), settling.clone());
        let reclaimer = ReclaimEvents::new(self.queue.consumer(&format!("{name}-reclaim")), settling, pace);
        [tokio::spawn(consumer.run()), tokio::spawn(reclaimer.run())]
    }

    /// Asks what runs to stop, and waits until it has.
    pub(crate) async fn stop(&self, running: impl IntoIterator<Item = JoinHandle<()>>) {
        self.stop.send_replace(true);
        for task in running {
            tokio::time::timeout(Duration::from_secs(10), task).await.expect("stops in time").unwrap();
        }
        self.stop.send_replace(false);
    }

    pub(crate) async fn accept(&self, body: &Value) -> Result<BatchReceipt, AcceptError> {
        let intake = Intake::Queue(self.queue.clone());
        accept_events(&intake, &self.metrics, body.to_string().as_bytes(), Utc::now()).await
    }

    /// The answer of one command.
    pub(crate) async fn redis<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let client = redis::Client::open(self.redis.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd(words[0]).arg(&words[1..]).query_async(&mut connection).await.unwrap()
    }

    pub(crate) fn metric(&self, name: &str) -> f64 {
        let text = String::from_utf8(self.metrics.encode().unwrap()).unwrap();
        let line = text.lines().find(|line| line.starts_with(&format!("{name} ")));
        line.map_or(0.0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
    }
}

pub(crate) fn sent(id: Uuid, data: &Value) -> Value {
    json!({"id": id, "type": "session.prompt", "timestamp": Utc::now(), "sessionId": "s", "data": data})
}

pub(crate) fn event() -> Event {
    event_with(&json!({"n": 1}))
}

pub(crate) fn event_with(data: &Value) -> Event {
    Event::parse(&sent(Uuid::new_v4(), data).to_string(), Utc::now()).unwrap()
}

/// The same event with other data.
pub(crate) fn altered(event: &Event) -> Event {
    let mut other = event_with(&json!({"n": 2}));
    other.id = event.id;
    other
}

pub(crate) fn events(count: usize) -> Vec<Event> {
    (0..count).map(|_| event()).collect()
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
