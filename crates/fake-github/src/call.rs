//! What has been asked: the log of requests that tests count and inspect.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use hyper::HeaderMap;
use hyper::http::request::Parts;
use tokio::sync::Notify;

use crate::Door;

/// One request that arrived.
#[derive(Clone, Debug)]
pub struct Call {
    /// Through which listener.
    pub door: Door,
    /// `GET`, `HEAD` and so on.
    pub method: String,
    /// As sent, percent-encoding kept, without the query.
    pub path: String,
    /// Without the `?`; empty if there was none.
    pub query: String,
    /// As sent; names in lower case.
    pub headers: HeaderMap,
    /// The answer's status; `None` while there is none (also for ever: hanging and closed connections).
    pub status: Option<u16>,
    /// Which TCP connection it came over: equal numbers are the same connection.
    pub connection: u64,
    /// Whether it came over HTTP/2.
    pub http2: bool,
    /// When its head had been read.
    pub at: SystemTime,
}

impl Call {
    /// The header's value, if it was sent and is text; the name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The log. Counts are exact even where old entries have been dropped.
pub(crate) struct CallLog {
    inner: Mutex<Entries>,
    changed: Notify,
    /// How many entries are kept.
    keep: usize,
}

#[derive(Default)]
struct Entries {
    /// Number of the entry at the front.
    first: u64,
    calls: VecDeque<Call>,
    counts: [usize; 3],
}

impl CallLog {
    pub(crate) fn new(keep: usize) -> Self {
        Self { inner: Mutex::default(), changed: Notify::new(), keep }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request; the number is for [`CallLog::answered`].
    pub(crate) fn arrived(&self, door: Door, connection: u64, parts: &Parts) -> u64 {
        let mut entries = self.lock();
        entries.counts[door.index()] += 1;
        if self.keep == 0 {
            drop(entries);
            self.changed.notify_waiters();
            return 0;
        }
        while entries.calls.len() >= self.keep {
            entries.calls.pop_front();
            entries.first += 1;
        }
        entries.calls.push_back(Call {
            door,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.clone(),
            status: None,
            connection,
            http2: parts.version == hyper::Version::HTTP_2,
            at: SystemTime::now(),
        });
        let number = entries.first + entries.calls.len() as u64 - 1;
        drop(entries);
        self.changed.notify_waiters();
        number
    }

    /// Notes the answer's status; a call that is no longer in the log is left alone.
    pub(crate) fn answered(&self, number: u64, status: u16) {
        if self.keep == 0 {
            return;
        }
        let mut entries = self.lock();
        let Some(index) = number.checked_sub(entries.first).and_then(|index| usize::try_from(index).ok())
        else {
            return;
        };
        if let Some(call) = entries.calls.get_mut(index) {
            call.status = Some(status);
        }
    }

    pub(crate) fn all(&self) -> Vec<Call> {
        self.lock().calls.iter().cloned().collect()
    }

    pub(crate) fn count(&self, door: Door) -> usize {
        self.lock().counts[door.index()]
    }

    pub(crate) fn count_path(&self, door: Door, prefix: &str) -> usize {
        self.lock().calls.iter().filter(|call| call.door == door && call.path.starts_with(prefix)).count()
    }

    pub(crate) fn reset(&self) {
        let mut entries = self.lock();
        entries.first += entries.calls.len() as u64;
        entries.calls.clear();
        entries.counts = [0; 3];
    }

    /// Ends once at least `wanted` calls have arrived through that door.
    pub(crate) async fn reached(&self, door: Door, wanted: usize) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.count(door) >= wanted {
                return;
            }
            changed.await;
        }
    }
}
