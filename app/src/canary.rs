//! A canary: something small that is written and read back, to see whether what answers also works.
//!
//! The event belongs to no session and is taken away again; the blob is not named by any row.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chrono::Utc;
use contract::BuildStamp;
use futures_util::TryStreamExt;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::config::Config;
use crate::consume_events::ConsumeEvents;
use crate::domain::event::Event;
use crate::event_queue::{Limits, PREFIX, RedisQueue};
use crate::event_store::EventStore;
use crate::metrics::Metrics;
use crate::migrate;
use crate::settle_entries::Settling;
use crate::startup::{open_store, open_transcripts};
use crate::transcripts::Transcripts;

/// Type of the event.
pub const KIND: &str = "selftest.canary";
/// Each flight ends within this.
const PATIENCE: Duration = Duration::from_secs(30);

/// How one of them went.
#[derive(Debug)]
pub struct Flight {
    /// Through what: `schema`, `events`, `blobs`.
    pub name: &'static str,
    /// Why it did not come back.
    pub result: anyhow::Result<()>,
    /// How long it took.
    pub took: Duration,
}

/// Sends one through each part.
///
/// # Errors
/// If the configuration cannot be used at all.
pub async fn fly(config: &Config, stamp: BuildStamp) -> anyhow::Result<Vec<Flight>> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let (store, database) = open_store(config)?;
    let transcripts = open_transcripts(config, &store)?;
    let metrics = Arc::new(Metrics::new(stamp).context("register the metrics")?);
    let schema = async { migrate::verify(&database).await.map(drop).context("verify the schema") };
    let mut flights = vec![flight("schema", schema).await];
    // A schema that is not ours must not be written to.
    if flights.iter().all(|flight| flight.result.is_ok()) {
        flights.push(flight("events", through_events(config, Arc::clone(&store), metrics)).await);
    }
    flights.push(flight("blobs", through_blobs(&transcripts, config)).await);
    store.close().await;
    Ok(flights)
}

async fn flight(name: &'static str, flying: impl Future<Output = anyhow::Result<()>>) -> Flight {
    let started = Instant::now();
    let result = timeout(PATIENCE, flying).await;
    let result = result.unwrap_or_else(|_| bail!("did not come back within {} s", PATIENCE.as_secs()));
    Flight { name, result, took: started.elapsed() }
}

async fn through_events(
    config: &Config,
    store: Arc<dyn EventStore>,
    metrics: Arc<Metrics>,
) -> anyhow::Result<()> {
    let id = Uuid::new_v4();
    let sent =
        serde_json::json!({ "id": id, "type": KIND, "timestamp": Utc::now(), "data": { "canary": true } });
    let event = Event::parse(&sent.to_string(), Utc::now()).context("make the canary")?;
    match &config.redis_url {
        None => drop(store.insert(&[event]).await.context("write to the database")?),
        Some(url) => {
            let queue = Arc::new(RedisQueue::new(url, PREFIX, Limits::default()).context("read REDIS_URL")?);
            queue.append(&[event]).await.context("append to the queue")?;
            wait_for(&queue, &store, metrics, id).await?;
        }
    }
    let read = store.event(id).await.context("read from the database")?;
    ensure!(read.is_some_and(|read| read.kind == KIND), "the database does not hold what was written");
    ensure!(store.erase_event(id).await.context("take the canary away")?, "the canary was gone already");
    Ok(())
}

/// A running server stores it; where none runs, this process does.
async fn wait_for(
    queue: &Arc<RedisQueue>,
    store: &Arc<dyn EventStore>,
    metrics: Arc<Metrics>,
    id: Uuid,
) -> anyhow::Result<()> {
    let (_stop, stopping) = watch::channel(false);
    let settling = Settling { store: Arc::clone(store), metrics, stop: stopping };
    let consumer = queue.consumer(&format!("selftest-{id}"));
    let mut consume = ConsumeEvents::new(consumer, settling);
    while store.event(id).await.context("read from the database")?.is_none() {
        consume.consume_once().await.context("read from the queue")?;
    }
    Ok(())
}

async fn through_blobs(transcripts: &Transcripts, config: &Config) -> anyhow::Result<()> {
    let id = Uuid::new_v4();
    let key = format!("selftest/{id}");
    let text = id.to_string();
    let file = config.data_dir.join(format!("selftest-{id}"));
    std::fs::write(&file, &text).context("write to DATA_DIR")?;
    let put = transcripts.blobs.put(&key, &file).await;
    drop(std::fs::remove_file(&file));
    put.context("write a blob")?;
    let stream = transcripts.blobs.get(&key).await.context("read the blob")?;
    let read: Vec<bytes::Bytes> = stream.try_collect().await.context("read the blob")?;
    transcripts.blobs.delete(&key).await.context("take the blob away")?;
    ensure!(read.concat() == text.as_bytes(), "the blob does not hold what was written");
    Ok(())
}
