//! The server over HTTP: one set of tests against PostgreSQL, Redis and S3, and against the embedded defaults.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod access;
mod canary;
mod events;
mod health;
mod helpers;
mod lists;
mod operating;
mod page;
mod transcripts;
mod verbs;
mod version;
