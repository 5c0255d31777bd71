//! How long to wait after trouble: longer each time, up to five seconds, and not all at the same instant.

use std::time::Duration;

use rand::RngExt;

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

/// Waits that grow.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Whether nothing has failed yet.
    pub(crate) fn is_first(&self) -> bool {
        self.failures == 0
    }

    /// It went well: the next wait is a short one again.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// Waits once more.
    pub(crate) async fn wait(&mut self) {
        let full = FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let part = rand::rng().random_range(0.5..=1.0);
        tokio::time::sleep(full.mul_f64(part)).await;
    }
}
