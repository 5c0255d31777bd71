//! The fake, seen by real clients: each endpoint, each limit, each fault.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod commits;
mod control;
mod faults;
mod git;
mod helpers;
mod limits;
mod registry;
mod releases;
mod scenario;
mod web;
