//! Remote Agent's server: events in, nothing lost; sessions, transcripts and git activity out.

pub mod domain;
pub mod event_queue;
pub mod event_store;
