//! The fake itself: its thread, its addresses, and what a test does with it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::listener::Listener;
use crate::runtime::RuntimeGuard;
use crate::shared::Shared;
use crate::{Builder, Call, Door, Fault, ImageHandle, RepoHandle};

/// How long [`FakeGithub::wait_for_calls`] waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running stand-in for GitHub and a registry. Clones are the same one; it ends with the last of them.
#[derive(Clone)]
pub struct FakeGithub {
    shared: Arc<Shared>,
    listeners: Arc<Vec<Listener>>,
    runtime: Handle,
    ca_pem: Option<Arc<str>>,
    // Last: everything else may still need the runtime while it goes.
    _guard: Arc<RuntimeGuard>,
}

impl FakeGithub {
    /// Starts one over HTTP on free ports.
    ///
    /// # Panics
    /// If no port can be bound.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// For HTTPS, ports and more.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(
        shared: Arc<Shared>,
        listeners: Vec<Listener>,
        runtime: Handle,
        guard: RuntimeGuard,
        ca_pem: Option<String>,
    ) -> Self {
        let ca_pem = ca_pem.map(Arc::from);
        Self { shared, listeners: Arc::new(listeners), runtime, ca_pem, _guard: Arc::new(guard) }
    }

    /// In place of `https://api.github.com`.
    #[must_use]
    pub fn api_url(&self) -> String {
        self.shared.site.api.clone()
    }

    /// In place of `https://github.com`.
    #[must_use]
    pub fn web_url(&self) -> String {
        self.shared.site.web.clone()
    }

    /// In place of `https://ghcr.io`.
    #[must_use]
    pub fn registry_url(&self) -> String {
        self.shared.site.registry.clone()
    }

    /// The authority to trust, with [`Builder::tls`].
    #[must_use]
    pub fn ca_pem(&self) -> Option<String> {
        self.ca_pem.as_deref().map(str::to_owned)
    }

    /// The repository `owner/name`, made (public, empty) if there is none.
    ///
    /// # Panics
    /// If the name is not `owner/name`.
    pub fn repo(&self, full_name: &str) -> RepoHandle {
        RepoHandle::open(self.shared.clone(), full_name)
    }

    /// The image `owner/name`, made (public, without tags) if there is none.
    pub fn image(&self, name: &str) -> ImageHandle {
        ImageHandle::open(self.shared.clone(), name)
    }

    /// Accepts this token. Any other `Authorization` is answered 401 "Bad credentials" by the API.
    pub fn accept_token(&self, token: &str) -> &Self {
        self.shared.quota().accept(token);
        self
    }

    /// Takes an accepted token back.
    pub fn revoke_token(&self, token: &str) -> &Self {
        self.shared.quota().revoke(token);
        self
    }

    /// How many API requests an hour go without a token (default 60).
    pub fn limit_anonymous(&self, limit: u64) -> &Self {
        self.shared.quota().limit_anonymous(limit);
        self
    }

    /// How many API requests an hour go with each accepted token (default 5 000).
    pub fn limit_token(&self, limit: u64) -> &Self {
        self.shared.quota().limit_token(limit);
        self
    }

    /// Sets what remains of the hour's requests, with and without a token.
    pub fn set_remaining(&self, remaining: u64) -> &Self {
        self.shared.quota().set_remaining(remaining);
        self
    }

    /// The current hour ends so much from now (for everyone); then the full limit is there again.
    pub fn set_reset_in(&self, reset_in: Duration) -> &Self {
        self.shared.quota().set_reset_in(reset_in);
        self
    }

    /// API requests charged to callers without an accepted token since the hour began.
    #[must_use]
    pub fn used_anonymous(&self) -> u64 {
        self.shared.quota().used_anonymous()
    }

    /// API requests charged to this token since the hour began.
    #[must_use]
    pub fn used_token(&self, token: &str) -> u64 {
        self.shared.quota().used_token(token)
    }

    /// Waits so long before each answer, on every door.
    pub fn set_latency(&self, latency: Duration) -> &Self {
        self.shared.set_latency(latency);
        self
    }

    /// Lets this go wrong with every request through that door until [`FakeGithub::heal`].
    pub fn fault(&self, door: Door, fault: Fault) -> &Self {
        self.shared.faults.set(door, None, None, fault);
        self
    }

    /// Lets this go wrong with every request whose path begins so.
    pub fn fault_on(&self, door: Door, path_prefix: &str, fault: Fault) -> &Self {
        self.shared.faults.set(door, Some(path_prefix), None, fault);
        self
    }

    /// Lets this go wrong with the next `times` requests; several such orders take their turns one after the other.
    pub fn fault_times(&self, door: Door, times: usize, fault: Fault) -> &Self {
        self.shared.faults.set(door, None, Some(times), fault);
        self
    }

    /// Lets this go wrong with the next `times` requests whose path begins so.
    pub fn fault_times_on(&self, door: Door, path_prefix: &str, times: usize, fault: Fault) -> &Self {
        self.shared.faults.set(door, Some(path_prefix), Some(times), fault);
        self
    }

    /// Clears every fault. Requests that hang already hang on.
    pub fn heal(&self) -> &Self {
        self.shared.faults.heal();
        self
    }

    /// Every request so far, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.all()
    }

    /// Every request through that door so far, oldest first.
    #[must_use]
    pub fn calls_to(&self, door: Door) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.door == door).collect()
    }

    /// How many requests came through that door.
    #[must_use]
    pub fn count(&self, door: Door) -> usize {
        self.shared.calls.count(door)
    }

    /// How many requests came through any door.
    #[must_use]
    pub fn count_all(&self) -> usize {
        Door::ALL.into_iter().map(|door| self.count(door)).sum()
    }

    /// How many requests came through that door for a path that begins so.
    #[must_use]
    pub fn count_path(&self, door: Door, prefix: &str) -> usize {
        self.shared.calls.count_path(door, prefix)
    }

    /// Forgets all calls.
    pub fn reset_calls(&self) -> &Self {
        self.shared.calls.reset();
        self
    }

    /// Waits until `wanted` requests have come through that door, answered or not.
    ///
    /// # Panics
    /// If they have not after 10 seconds, saying what came instead.
    pub async fn wait_for_calls(&self, door: Door, wanted: usize) {
        let shared = self.shared.clone();
        let reached = self
            .on_own_runtime(async move {
                tokio::time::timeout(PATIENCE, shared.calls.reached(door, wanted)).await.is_ok()
            })
            .await;
        if !reached {
            let seen: Vec<String> = self.calls().iter().map(describe).collect();
            panic!(
                "waited {PATIENCE:?} for {wanted} calls to {}; {} came, in all:\n{}",
                door.name(),
                self.count(door),
                seen.join("\n")
            );
        }
    }

    /// The most connections to that door that were open at the same time.
    #[must_use]
    pub fn peak_connections(&self, door: Door) -> usize {
        self.shared.connections(door).peak()
    }

    /// How many connections to that door are open now.
    #[must_use]
    pub fn open_connections(&self, door: Door) -> usize {
        self.shared.connections(door).open()
    }

    /// How many connections to that door were ever made, also those a fault closed before any request.
    #[must_use]
    pub fn accepted_connections(&self, door: Door) -> usize {
        self.shared.connections(door).accepted()
    }

    /// Closes that door and every connection through it: connection refused from now on.
    pub async fn stop(&self, door: Door) {
        let (listeners, shared) = (self.listeners.clone(), self.shared.clone());
        self.on_own_runtime(async move { listeners[door.index()].stop(&shared).await }).await;
    }

    /// Opens that door again, on the same port.
    ///
    /// # Panics
    /// If somebody else has taken the port meanwhile.
    #[expect(clippy::expect_used, reason = "a test tool: without its port the test cannot go on")]
    pub async fn restart(&self, door: Door) {
        let (listeners, shared, runtime) =
            (self.listeners.clone(), self.shared.clone(), self.runtime.clone());
        self.on_own_runtime(async move { listeners[door.index()].restart(&runtime, shared).await })
            .await
            .expect("bind the same port again");
    }

    /// Does something with the fake after a while, unless it is gone by then.
    pub(crate) fn later(&self, delay: Duration, act: impl FnOnce(&Arc<Shared>) + Send + 'static) {
        let shared = Arc::downgrade(&self.shared);
        self.runtime.spawn(async move {
            tokio::time::sleep(delay).await;
            if let Some(shared) = shared.upgrade() {
                act(&shared);
            }
        });
    }

    /// Runs where time is real, whatever the caller's runtime does with its clock.
    #[expect(clippy::expect_used, reason = "the task is never aborted, and its own panic is the caller's")]
    async fn on_own_runtime<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        self.runtime.spawn(work).await.expect("the fake's own runtime runs as long as the fake")
    }
}

fn describe(call: &Call) -> String {
    let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
    let status = call.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    format!("  {} {} {}{query} → {status}", call.door.name(), call.method, call.path)
}
