//! What the listeners, handlers and handles have in common.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::Door;
use crate::call::CallLog;
use crate::fault::FaultBoard;
use crate::quota::Quota;
use crate::world::World;

/// Addresses of the three listeners, without a slash at the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Site {
    pub(crate) api: String,
    pub(crate) web: String,
    pub(crate) registry: String,
}

/// How many connections there are and were.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: AtomicUsize,
    peak: AtomicUsize,
    accepted: AtomicUsize,
}

/// Counts a connection for as long as it lives.
pub(crate) struct OpenConnection<'a>(&'a Connections);

impl Connections {
    pub(crate) fn enter(&self) -> OpenConnection<'_> {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak.fetch_max(open, Ordering::Relaxed);
        OpenConnection(self)
    }

    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Everything behind the listeners.
pub(crate) struct Shared {
    pub(crate) site: Site,
    pub(crate) calls: CallLog,
    pub(crate) faults: FaultBoard,
    pub(crate) connections: [Connections; 3],
    /// Whether `/__admin/…` is served on the API listener.
    pub(crate) admin: bool,
    world: Mutex<World>,
    quota: Mutex<Quota>,
    latency_micros: AtomicU64,
    /// Numbers connections and request ids.
    counter: AtomicU64,
}

impl Shared {
    pub(crate) fn new(site: Site, keep_calls: usize, admin: bool) -> Self {
        Self {
            site,
            calls: CallLog::new(keep_calls),
            faults: FaultBoard::default(),
            connections: Default::default(),
            admin,
            world: Mutex::default(),
            quota: Mutex::default(),
            latency_micros: AtomicU64::new(0),
            counter: AtomicU64::new(1),
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn quota(&self) -> MutexGuard<'_, Quota> {
        self.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn connections(&self, door: Door) -> &Connections {
        &self.connections[door.index()]
    }

    pub(crate) fn latency(&self) -> Duration {
        Duration::from_micros(self.latency_micros.load(Ordering::Relaxed))
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latency_micros.store(micros, Ordering::Relaxed);
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }
}
