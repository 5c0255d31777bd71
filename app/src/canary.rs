//! A canary: something small that is written and read back, to see whether what answers also works.
//!
//! The event belongs to no session and is taken away again; the blob is not named by any row.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use chrono::Utc;
use contract::BuildStamp;
use futures_util::TryStreamExt;
use tempfile::NamedTempFile;
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
use crate::startup::{open_blobs, open_store};
use crate::transcript_blobs::TranscriptBlobs;

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
    let blobs = open_blobs(config)?;
    let metrics = Arc::new(Metrics::new(stamp).context("register the metrics")?);
    let schema = async { migrate::verify(&database).await.map(drop).context("verify the schema") };
    let mut flights = vec![flight("schema", schema).await];
    // A schema that is not ours must not be written to.
    if flights.iter().all(|flight| flight.result.is_ok()) {
        flights.push(flight("events", through_events(config, Arc::clone(&store), metrics)).await);
    }
    flights.push(flight("blobs", through_blobs(&blobs, config)).await);
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
    let settling = Settling::new(Arc::clone(store), metrics, stopping);
    let consumer = queue.consumer(&format!("selftest-{id}"));
    let mut consume = ConsumeEvents::new(consumer, settling);
    while store.event(id).await.context("read from the database")?.is_none() {
        consume.consume_once().await.context("read from the queue")?;
    }
    Ok(())
}

/// Not through the spool, which belongs to the server that may run beside this process.
async fn through_blobs(blobs: &TranscriptBlobs, config: &Config) -> anyhow::Result<()> {
    let text = Uuid::new_v4().to_string();
    let key = format!("selftest/{text}");
    let file = spooled(config, &text).context("write to DATA_DIR")?;
    blobs.put(&key, file.path()).await.context("write a blob")?;
    let stream = blobs.get(&key).await.context("read the blob")?;
    let read: Vec<bytes::Bytes> = stream.try_collect().await.context("read the blob")?;
    blobs.delete(&key).await.context("take the blob away")?;
    ensure!(read.concat() == text.as_bytes(), "the blob does not hold what was written");
    Ok(())
}

/// A file that goes away with its handle, also where the flight is given up.
fn spooled(config: &Config, text: &str) -> std::io::Result<NamedTempFile> {
    std::fs::create_dir_all(&config.data_dir)?;
    let mut file = tempfile::Builder::new().prefix("selftest-").tempfile_in(&config.data_dir)?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}
