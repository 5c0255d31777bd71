//! What must be seen when things go wrong: each test is named after it. The helpers are those of the API tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../api/helpers.rs"]
mod helpers;

mod bench;
mod disabled;
mod hostile;
mod redis;
mod schedule;
mod secrets;
mod server;
mod stampede;
mod state;
mod state_files;
mod upstream;
mod upstream_limits;
mod upstream_redirects;
