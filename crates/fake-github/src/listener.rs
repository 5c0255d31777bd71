//! A listener that can be stopped and brought back on the same port.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::shared::Shared;
use crate::{Door, connection};

/// How often binding a port is tried again before giving up.
const TRIES: u32 = 40;

/// One listener.
pub(crate) struct Listener {
    door: Door,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    /// The task that accepts; its end closes every connection.
    accepting: Mutex<Option<JoinHandle<()>>>,
}

impl Listener {
    pub(crate) fn new(door: Door, address: SocketAddr, tls: Option<TlsAcceptor>) -> Self {
        Self { door, address, tls, accepting: Mutex::new(None) }
    }

    /// Accepts on `listener` from now on.
    pub(crate) fn run(&self, runtime: &Handle, shared: Arc<Shared>, listener: TcpListener) {
        let task = runtime.spawn(accept(shared, self.door, listener, self.tls.clone()));
        let before = self.accepting.lock().unwrap_or_else(PoisonError::into_inner).replace(task);
        if let Some(before) = before {
            before.abort();
        }
    }

    /// Closes the port and every connection.
    pub(crate) async fn stop(&self, shared: &Shared) {
        let task = self.accepting.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.abort();
            // Cancelled is what it should be.
            let _ = task.await;
        }
        // Connections end when their tasks are next looked at.
        while shared.connections(self.door).open() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Opens the same port again.
    pub(crate) async fn restart(&self, runtime: &Handle, shared: Arc<Shared>) -> io::Result<()> {
        self.stop(&shared).await;
        let listener = bind(self.address).await?;
        self.run(runtime, shared, listener);
        Ok(())
    }
}

/// Binds; somebody else's outgoing connection may hold the port for a moment.
pub(crate) async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let mut tries = 0;
    loop {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            other => return other,
        }
    }
}

async fn accept(shared: Arc<Shared>, door: Door, listener: TcpListener, tls: Option<TlsAcceptor>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection::serve(shared.clone(), door, stream, tls.clone()));
                }
                // Out of file descriptors, or the client left: both pass.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
