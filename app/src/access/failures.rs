//! Wrong keys per address, so that guessing is slow and cheap to refuse.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Wrong keys that one address may present in one window.
const ALLOWED: u32 = 20;
/// The window.
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses that are remembered; beyond that all others share one count.
const REMEMBERED: usize = 10_000;

/// The counts.
#[derive(Default)]
pub(super) struct Failures {
    counts: Mutex<HashMap<IpAddr, Count>>,
}

struct Count {
    since: Instant,
    failures: u32,
}

impl Failures {
    /// Notes a failure; `Some` with the time to wait if there were too many.
    pub(super) fn note(&self, address: Option<IpAddr>) -> Option<Duration> {
        let now = Instant::now();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut network = network(address);
        if counts.len() >= REMEMBERED && !counts.contains_key(&network) {
            counts.retain(|_, count| now.duration_since(count.since) < WINDOW);
            if counts.len() >= REMEMBERED {
                network = IpAddr::from([0, 0, 0, 0]);
            }
        }
        let count = counts.entry(network).or_insert(Count { since: now, failures: 0 });
        if now.duration_since(count.since) >= WINDOW {
            *count = Count { since: now, failures: 0 };
        }
        count.failures = count.failures.saturating_add(1);
        (count.failures > ALLOWED).then(|| WINDOW.saturating_sub(now.duration_since(count.since)))
    }
}

/// One home has one IPv4 address or one IPv6 /64.
fn network(address: Option<IpAddr>) -> IpAddr {
    match address.map(|address| address.to_canonical()) {
        None => IpAddr::from([0, 0, 0, 0]),
        Some(IpAddr::V4(address)) => IpAddr::V4(address),
        Some(IpAddr::V6(address)) => {
            let mut parts = address.segments();
            parts[4..].fill(0);
            IpAddr::from(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_address_may_fail_again_after_a_while_and_others_are_not_touched() {
        let failures = Failures::default();
        let one = Some(IpAddr::from([192, 0, 2, 1]));
        let waits: Vec<_> = (0..=ALLOWED).map(|_| failures.note(one)).collect();
        assert_eq!(waits.iter().filter(|wait| wait.is_some()).count(), 1);
        assert_eq!(failures.note(Some(IpAddr::from([192, 0, 2, 2]))), None);
        tokio::time::advance(WINDOW).await;
        assert_eq!(failures.note(one), None);
    }

    #[test]
    fn neighbours_of_one_ipv6_network_share_a_count() {
        let parse = |text: &str| Some(text.parse().unwrap());
        assert_eq!(network(parse("2001:db8::1")), network(parse("2001:db8::2")));
        assert_eq!(network(parse("::ffff:192.0.2.1")), network(parse("192.0.2.1")));
    }

    #[test]
    fn memory_is_bounded() {
        let failures = Failures::default();
        for number in 0..(REMEMBERED as u32 + 500) {
            failures.note(Some(IpAddr::from(number.to_be_bytes())));
        }
        assert!(failures.counts.lock().unwrap().len() <= REMEMBERED + 1);
    }
}
