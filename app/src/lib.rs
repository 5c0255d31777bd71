//! Remote Agent's server: events in, nothing lost; sessions, transcripts and git activity out.

mod backoff;
pub mod accept_events;
pub mod access;
pub mod body;
pub mod config;
pub mod consume_events;
pub mod domain;
pub mod error;
pub mod event_queue;
pub mod event_store;
pub mod insert_each;
pub mod metrics;
pub mod phase;
pub mod read_transcript;
pub mod reclaim_events;
pub mod save_transcript;
pub mod settle_entries;
pub mod sweep_blobs;
pub mod transcript_blobs;
pub mod transcript_spool;
pub mod transcripts;
pub mod watcher_client;
pub mod workspace_folders;
