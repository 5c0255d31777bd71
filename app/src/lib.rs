//! Remote Agent's server: events in, nothing lost; sessions, transcripts and git activity out.

pub mod access;
pub mod body;
pub mod config;
pub mod domain;
pub mod error;
pub mod event_queue;
pub mod event_store;
pub mod phase;
pub mod read_transcript;
pub mod save_transcript;
pub mod sweep_blobs;
pub mod transcript_blobs;
pub mod transcript_spool;
pub mod transcripts;
pub mod watcher_client;
pub mod workspace_folders;
