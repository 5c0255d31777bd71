//! Transcripts, against files and against an S3 server in process: nothing that was acknowledged is lost, nothing
//! that was cut off counts, nothing that rotted is sent as if it were whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod fake_store;
mod http;
mod limits;
mod memory;
mod place;
mod reading;
mod s3_trouble;
mod saving;
mod sweeping;
mod tls;
