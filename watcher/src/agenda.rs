//! Which target is due when.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

/// Which target is due when, on the steady clock.
#[derive(Debug, Default)]
pub struct Agenda {
    due: Mutex<BTreeMap<usize, DateTime<Utc>>>,
    changed: Notify,
}

impl Agenda {
    /// Puts `target` down for `at`, in place of what was put down before.
    pub fn put(&self, target: usize, at: DateTime<Utc>) {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).insert(target, at);
        self.changed.notify_one();
    }

    /// The same, unless something earlier is put down already.
    pub fn put_earlier(&self, target: usize, at: DateTime<Utc>) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.get(&target).is_none_or(|set| at < *set) {
            due.insert(target, at);
            self.changed.notify_one();
        }
    }

    /// Takes out what is due.
    pub fn take_due(&self, now: DateTime<Utc>) -> Vec<usize> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let ready: Vec<usize> = due.iter().filter(|(_, at)| **at <= now).map(|(target, _)| *target).collect();
        for target in &ready {
            due.remove(target);
        }
        ready
    }

    /// When the next one is due.
    #[must_use]
    pub fn earliest(&self) -> Option<DateTime<Utc>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).values().min().copied()
    }

    /// Something was put down.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}
