//! Who opens the first connection to a host, and who waits for it.
//!
//! Calls that begin at once would open a connection each, with a handshake and buffers of its own, only to find out
//! that over HTTP/2 one carries them all. So the first one goes ahead, and the others wait until it is connected.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::TryFutureExt;
use tokio::sync::{OwnedMutexGuard, watch};
use tokio::time::{Instant, timeout};
use tower_layer::Layer;
use tower_service::Service;

/// The others wait no longer than this: a host that is slow to connect must not line them up.
const PATIENCE: Duration = Duration::from_millis(300);

/// Who opens the first connection to each host.
#[derive(Debug)]
pub(super) struct Opening {
    /// A connection that nobody uses is closed after this.
    idle: Duration,
    hosts: Mutex<HashMap<String, Host>>,
    connections: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Host {
    first: Arc<tokio::sync::Mutex<()>>,
    /// When there was last a connection.
    open: Option<Instant>,
}

/// The right to go ahead; while it is held, the others wait.
#[derive(Debug)]
pub(super) struct Turn {
    _ahead: OwnedMutexGuard<()>,
    connections: watch::Receiver<u64>,
}

impl Turn {
    /// Comes when a connection is made, or has taken too long.
    pub(super) async fn connected(&mut self) {
        drop(timeout(PATIENCE, self.connections.changed()).await);
    }
}

impl Opening {
    pub(super) fn new(idle: Duration) -> Self {
        Self { idle, hosts: Mutex::default(), connections: watch::Sender::new(0) }
    }

    /// What notices new connections; the client is built with it.
    pub(super) fn counting(&self) -> Counting {
        Counting(self.connections.clone())
    }

    /// Waits for the first connection to this host; hands out the turn to whoever is to make it.
    pub(super) async fn turn(&self, host: &str) -> Option<Turn> {
        let first = self.unopened(host)?;
        let ahead = timeout(PATIENCE, first.lock_owned()).await.ok()?;
        let connections = self.connections.subscribe();
        self.unopened(host).map(|_| Turn { _ahead: ahead, connections })
    }

    /// Notes that there is a connection to this host.
    pub(super) fn opened(&self, host: &str) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get_mut(host) {
            host.open = Some(Instant::now());
        }
    }

    fn unopened(&self, host: &str) -> Option<Arc<tokio::sync::Mutex<()>>> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if !hosts.contains_key(host) {
            hosts.insert(host.to_owned(), Host::default());
        }
        let host = hosts.get(host)?;
        let open = host.open.is_some_and(|at| at.elapsed() < self.idle);
        (!open).then(|| Arc::clone(&host.first))
    }
}

/// Counts the connections that the client makes.
#[derive(Clone, Debug)]
pub(super) struct Counting(watch::Sender<u64>);

impl<S> Layer<S> for Counting {
    type Service = CountingService<S>;

    fn layer(&self, inner: S) -> CountingService<S> {
        CountingService { inner, made: self.0.clone() }
    }
}

/// A connector whose connections are counted.
#[derive(Clone, Debug)]
pub(super) struct CountingService<S> {
    inner: S,
    made: watch::Sender<u64>,
}

impl<S, R> Service<R> for CountingService<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let made = self.made.clone();
        Box::pin(self.inner.call(request).inspect_ok(move |_| made.send_modify(|count| *count += 1)))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_goes_ahead_and_the_others_wait_for_its_connection() {
        let opening = Opening::new(Duration::from_secs(5));
        let turn = opening.turn("a").await;
        assert!(turn.is_some());
        assert!(opening.turn("a").now_or_never().is_none(), "it waits");
        assert!(opening.turn("b").now_or_never().flatten().is_some(), "another host has its own");
        opening.opened("a");
        drop(turn);
        assert!(opening.turn("a").await.is_none());
    }

    #[tokio::test]
    async fn a_connection_that_is_gone_is_opened_anew() {
        let opening = Opening::new(Duration::ZERO);
        drop(opening.turn("a").await);
        opening.opened("a");
        assert!(opening.turn("a").await.is_some());
    }

    #[tokio::test]
    async fn nobody_waits_for_long() {
        let opening = Opening::new(Duration::from_secs(5));
        let mut turn = opening.turn("a").await.unwrap();
        let begun = Instant::now();
        assert!(opening.turn("a").await.is_none());
        turn.connected().await;
        assert!(begun.elapsed() < 10 * PATIENCE);
    }

    #[tokio::test]
    async fn a_connection_ends_the_turn() {
        let opening = Opening::new(Duration::from_secs(5));
        let mut turn = opening.turn("a").await.unwrap();
        let connector = tower_service_of(&opening);
        assert!(turn.connected().now_or_never().is_none());
        connector.await.unwrap();
        turn.connected().now_or_never().unwrap();
    }

    fn tower_service_of(opening: &Opening) -> impl Future<Output = Result<(), ()>> {
        #[derive(Clone)]
        struct Connector;
        impl Service<()> for Connector {
            type Response = ();
            type Error = ();
            type Future = std::future::Ready<Result<(), ()>>;
            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ()>> {
                Poll::Ready(Ok(()))
            }
            fn call(&mut self, (): ()) -> Self::Future {
                std::future::ready(Ok(()))
            }
        }
        opening.counting().layer(Connector).call(())
    }
}
