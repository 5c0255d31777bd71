//! Which target is due when.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

/// Which target is due when, on the steady clock.
#[derive(Debug, Default)]
pub struct Agenda {
    entries: Mutex<Entries>,
    sooner: Notify,
}

/// The same entries twice: by target and in their order, so that a thousand targets cost no search.
#[derive(Debug, Default)]
struct Entries {
    due: BTreeMap<usize, DateTime<Utc>>,
    order: BTreeSet<(DateTime<Utc>, usize)>,
}

impl Entries {
    /// Tells whether it is now the first of all.
    fn put(&mut self, target: usize, at: DateTime<Utc>) -> bool {
        if let Some(before) = self.due.insert(target, at) {
            self.order.remove(&(before, target));
        }
        self.order.insert((at, target));
        self.order.first() == Some(&(at, target))
    }
}

impl Agenda {
    /// Puts `target` down for `at`, in place of what was put down before.
    pub fn put(&self, target: usize, at: DateTime<Utc>) {
        if self.lock().put(target, at) {
            self.sooner.notify_one();
        }
    }

    /// The same, unless something earlier is put down already.
    pub fn put_earlier(&self, target: usize, at: DateTime<Utc>) {
        let mut entries = self.lock();
        if entries.due.get(&target).is_none_or(|set| at < *set) && entries.put(target, at) {
            self.sooner.notify_one();
        }
    }

    /// Takes out what is due, in the order of the targets.
    pub fn take_due(&self, now: DateTime<Utc>) -> Vec<usize> {
        let mut entries = self.lock();
        let mut ready = Vec::new();
        while let Some((_, target)) = entries.order.first().copied().filter(|(at, _)| *at <= now) {
            entries.order.pop_first();
            entries.due.remove(&target);
            ready.push(target);
        }
        ready.sort_unstable();
        ready
    }

    /// When the next one is due.
    #[must_use]
    pub fn earliest(&self) -> Option<DateTime<Utc>> {
        self.lock().order.first().map(|(at, _)| *at)
    }

    /// Something was put down that comes before everything else.
    pub async fn sooner(&self) {
        self.sooner.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::Agenda;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    #[test]
    fn what_is_due_is_taken_once_and_the_rest_stays() {
        let agenda = Agenda::default();
        for (target, second) in [(2, 10), (0, 20), (1, 10), (3, 30)] {
            agenda.put(target, at(second));
        }
        assert_eq!(agenda.take_due(at(20)), [0, 1, 2]);
        assert_eq!(agenda.take_due(at(20)), [0_usize; 0]);
        assert_eq!(agenda.earliest(), Some(at(30)));
    }

    #[test]
    fn a_target_stands_in_it_once() {
        let agenda = Agenda::default();
        agenda.put(0, at(10));
        agenda.put(0, at(30));
        assert_eq!(agenda.earliest(), Some(at(30)));
        agenda.put_earlier(0, at(40));
        agenda.put_earlier(0, at(20));
        assert_eq!(agenda.take_due(at(50)), [0]);
        assert_eq!(agenda.earliest(), None);
    }
}
