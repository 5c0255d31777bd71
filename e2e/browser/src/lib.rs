//! What the browser tests stand on: a real Chromium, servers that it may talk to, and one that nobody may.
//!
//! Tests only: whatever fails in here fails the test that called it, with its reason, so this crate panics freely.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests only: what fails here fails the test that called it, with what is printed"
)]

pub mod browser;
pub mod chromedriver;
pub mod corpus;
pub mod faces;
mod forbidden;
pub mod foreign;
pub mod history;
pub mod module;
pub mod real;
pub mod stub;

use std::time::Duration;

use contract::BuildStamp;

/// Everything that must come about comes about within this.
pub const SOON: Duration = Duration::from_secs(20);

/// The stamp of the programs under test.
pub const STAMP: BuildStamp =
    BuildStamp { version: "1.2.3", commit: "0123456789abcdef0123456789abcdef01234567", date: "2026-01-30" };

/// Waits until the condition holds.
///
/// # Panics
/// If it does not within [`SOON`].
pub async fn wait_for(what: &str, condition: impl AsyncFn() -> bool) {
    let wait = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, wait).await.unwrap_or_else(|_| panic!("waited in vain for {what}"));
}
