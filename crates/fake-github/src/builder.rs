//! How a [`FakeGithub`] is set up and started.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::Door;
use crate::certificate::Certificate;
use crate::fake::FakeGithub;
use crate::listener::{self, Listener};
use crate::shared::{Shared, Site};

/// Ports, TLS and what is recorded.
#[derive(Clone, Debug)]
pub struct Builder {
    addresses: [SocketAddr; 3],
    tls: bool,
    host: Option<String>,
    keep_calls: usize,
    admin: bool,
}

/// How many calls are remembered unless told otherwise.
const KEEP_CALLS: usize = 200_000;

impl Default for Builder {
    fn default() -> Self {
        let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Self { addresses: [any; 3], tls: false, host: None, keep_calls: KEEP_CALLS, admin: false }
    }
}

impl Builder {
    /// HTTPS on all three listeners, with a certificate for `127.0.0.1`, `localhost`, `::1` and the
    /// [`Builder::host`], signed by an authority made at start ([`FakeGithub::ca_pem`]).
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// The API listener's port on 127.0.0.1; 0 (the default) takes a free one.
    #[must_use]
    pub fn api_port(self, port: u16) -> Self {
        self.port(Door::Api, port)
    }

    /// The web listener's port on 127.0.0.1.
    #[must_use]
    pub fn web_port(self, port: u16) -> Self {
        self.port(Door::Web, port)
    }

    /// The registry listener's port on 127.0.0.1.
    #[must_use]
    pub fn registry_port(self, port: u16) -> Self {
        self.port(Door::Registry, port)
    }

    fn port(mut self, door: Door, port: u16) -> Self {
        self.addresses[door.index()].set_port(port);
        self
    }

    /// A listener's whole address, for those outside this machine or on IPv6.
    #[must_use]
    pub fn address(mut self, door: Door, address: SocketAddr) -> Self {
        self.addresses[door.index()] = address;
        self
    }

    /// The host name in every URL handed out (default: the address), for instance `localhost`.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    /// How many calls are remembered at most (default 200 000); counts stay exact. 0 saves the work.
    #[must_use]
    pub fn keep_calls(mut self, keep: usize) -> Self {
        self.keep_calls = keep;
        self
    }

    /// Serves `/__admin/…` on the API listener: publish, fault, heal, calls.
    #[must_use]
    pub fn admin(mut self) -> Self {
        self.admin = true;
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// If a port is taken: a test cannot go on without it. [`Builder::try_start`] says so instead.
    #[expect(clippy::expect_used, reason = "a test tool: without its ports nothing can be tested")]
    pub async fn start(self) -> FakeGithub {
        self.try_start().await.expect("start the fake GitHub on its ports")
    }

    /// Starts it.
    ///
    /// # Errors
    /// If a port cannot be bound, or the thread not be started.
    pub async fn try_start(self) -> io::Result<FakeGithub> {
        let (runtime, guard) = crate::runtime::own_runtime()?;
        let bound = runtime.spawn(bind_all(self.addresses)).await.map_err(io::Error::other)??;
        let mut site = Site::default();
        let mut listeners = Vec::with_capacity(3);
        let certificate = self.tls.then(|| Certificate::make(self.host.as_slice()));
        for (door, socket) in Door::ALL.into_iter().zip(&bound) {
            let address = socket.local_addr()?;
            let url = self.url(address);
            match door {
                Door::Api => site.api = url,
                Door::Web => site.web = url,
                Door::Registry => site.registry = url,
            }
            let tls = certificate.as_ref().map(|certificate| certificate.acceptor.clone());
            listeners.push(Listener::new(door, address, tls));
        }
        let shared = Arc::new(Shared::new(site, self.keep_calls, self.admin));
        for (listener, socket) in listeners.iter().zip(bound) {
            listener.run(&runtime, shared.clone(), socket);
        }
        let ca_pem = certificate.map(|certificate| certificate.ca_pem);
        Ok(FakeGithub::new(shared, listeners, runtime, guard, ca_pem))
    }

    fn url(&self, address: SocketAddr) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        match &self.host {
            Some(host) => format!("{scheme}://{host}:{}", address.port()),
            None => format!("{scheme}://{address}"),
        }
    }
}

async fn bind_all(addresses: [SocketAddr; 3]) -> io::Result<Vec<TcpListener>> {
    let mut bound = Vec::with_capacity(addresses.len());
    for address in addresses {
        bound.push(listener::bind(address).await?);
    }
    Ok(bound)
}
