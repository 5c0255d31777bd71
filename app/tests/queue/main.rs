//! The queue and its flows against a real Redis, with a store that can be told to fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod accept;
mod append;
mod consume;
mod crash;
mod dead_letters;
mod fake_store;
mod fixture;
mod memory;
mod outage;
mod restore;
mod throughput;
