//! The adapters against a stand-in for GitHub and a registry, on real sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod branch;
mod doors;
mod failures;
mod helpers;
mod outbound;
mod redirects;
mod registry;
mod rest;
