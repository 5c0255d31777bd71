//! Takes away blobs that nothing has named for a month.
//!
//! Only what a row gave up is taken, never what is merely in no row: a database that was restored from a dump knows
//! less than the blobs, and a replay of the events names them again.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::MissedTickBehavior;

use crate::metrics::TranscriptStep;
use crate::transcripts::Transcripts;

/// As long as a dump may lie around before somebody restores it.
const KEPT: TimeDelta = TimeDelta::days(30);
/// Between two sweeps.
const PERIOD: Duration = Duration::from_secs(60 * 60);
/// Blobs in one sweep.
const AT_ONCE: u32 = 1_000;

/// Takes away what was dropped more than 30 days before `now`; says how many.
///
/// # Errors
/// At the first call that fails; the rest waits for the next sweep.
pub async fn sweep_once(transcripts: &Transcripts, now: DateTime<Utc>) -> anyhow::Result<u64> {
    let dropped = transcripts.store.dropped_blobs(now - KEPT, AT_ONCE).await.context("list dropped blobs")?;
    if dropped.is_empty() {
        return Ok(0);
    }
    // A blob is forgotten before it is deleted, so what cannot be deleted stays for ever: better ask first.
    transcripts.blobs.probe().await.context("ask the blobs whether they are there")?;
    let mut swept = 0;
    for blob in dropped {
        if transcripts.store.forget_blob(&blob.blob_key).await.context("forget a dropped blob")? {
            let deleted = transcripts.blobs.delete(&blob.blob_key).await;
            deleted.with_context(|| format!("delete {}, which nothing names any more", blob.blob_key))?;
            transcripts.metrics.transcript(TranscriptStep::Swept);
            swept += 1;
        }
    }
    Ok(swept)
}

/// Sweeps for ever.
pub async fn sweep(transcripts: Arc<Transcripts>) {
    let mut tick = tokio::time::interval(PERIOD);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick is now, when the database may still be on its way.
    tick.tick().await;
    loop {
        tick.tick().await;
        match sweep_once(&transcripts, Utc::now()).await {
            Ok(0) => tracing::debug!("no blob to take away"),
            Ok(swept) => {
                tracing::info!(blobs.swept = swept, "took {swept} blobs away that nothing named for a month")
            }
            Err(error) => tracing::warn!(error = ?format!("{error:#}"), "the sweep of blobs ended early"),
        }
    }
}
