//! The watcher over HTTP, against a stand-in for GitHub and the registry. One module per thing it does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod answers;
mod assets;
mod branch;
mod changelog;
mod decisions;
mod doctor;
mod doors;
mod helpers;
mod installable;
mod metrics;
mod notify;
mod program;
mod releases;
mod running;
mod security;
mod smoke;
mod stub;
mod targets;
mod time;
mod verbs;
mod views;
