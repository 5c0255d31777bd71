//! All that saving, reading and sweeping transcripts needs.

use std::sync::Arc;
use std::time::Duration;

use crate::event_store::EventStore;
use crate::metrics::Metrics;
use crate::transcript_blobs::TranscriptBlobs;
use crate::transcript_spool::Spool;

/// What uploads may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest transcript, uncompressed.
    pub max_bytes: u64,
    /// Slower uploads than this many bytes a second are ended …
    pub slowest_bytes_per_second: u64,
    /// … once this time has passed.
    pub grace: Duration,
    /// No upload takes longer.
    pub longest: Duration,
}

impl Limits {
    /// With transcripts of at most so many bytes.
    #[must_use]
    pub fn new(max_bytes: u64) -> Self {
        Self {
            max_bytes,
            slowest_bytes_per_second: 4 << 10,
            grace: Duration::from_secs(15),
            longest: Duration::from_secs(60 * 60),
        }
    }
}

/// Transcripts: rows in a database, bytes in blobs.
pub struct Transcripts {
    /// The rows.
    pub store: Arc<dyn EventStore>,
    /// The bytes.
    pub blobs: TranscriptBlobs,
    /// Where uploads wait.
    pub spool: Spool,
    /// What they may cost.
    pub limits: Limits,
    /// Counts what happens.
    pub metrics: Arc<Metrics>,
}

impl Transcripts {
    /// Puts them together.
    #[must_use]
    pub fn new(
        store: Arc<dyn EventStore>,
        blobs: TranscriptBlobs,
        spool: Spool,
        limits: Limits,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { store, blobs, spool, limits, metrics }
    }

    /// Takes no more uploads, and returns once those under way are kept or given up.
    pub async fn close(&self) {
        self.spool.close().await;
    }
}
