//! Deadlines, caps and trust of the way out.

use std::net::SocketAddr;
use std::time::Duration;

use url::Url;

/// Deadlines and caps of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Name resolution, connection and TLS handshake.
    pub connect: Duration,
    /// From the request to the end of the answer's headers.
    pub head: Duration,
    /// The window over which the body's rate is measured.
    pub rate_window: Duration,
    /// Decoded bytes per second that a body must bring in each window.
    pub min_bytes_per_second: u64,
    /// The whole call, redirects included, once it has a slot.
    pub total: Duration,
    /// Decoded bytes of a body.
    pub max_body: usize,
    /// Calls under way at the same time.
    pub concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            head: Duration::from_secs(8),
            rate_window: Duration::from_secs(5),
            min_bytes_per_second: 1024,
            total: Duration::from_secs(15),
            max_body: 2 * 1024 * 1024,
            concurrency: 64,
        }
    }
}

/// Which proxy is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxies {
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    #[default]
    Environment,
    /// None, whatever the environment says.
    Off,
    /// This one for everything.
    Fixed(Url),
}

/// How the way out is set up.
#[derive(Clone, Debug)]
pub struct OutboundConfig {
    /// Deadlines and caps.
    pub limits: Limits,
    /// `product/version`, nothing that identifies an installation.
    pub user_agent: String,
    /// Certificates (PEM) trusted besides the system's.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// Which proxy is used.
    pub proxies: Proxies,
    /// Fixed addresses of host names, instead of asking the resolver.
    pub resolve: Vec<(String, SocketAddr)>,
}

impl OutboundConfig {
    /// Defaults, under this user agent.
    #[must_use]
    pub fn new(user_agent: impl Into<String>) -> Self {
        Self {
            limits: Limits::default(),
            user_agent: user_agent.into(),
            extra_ca_pem: None,
            proxies: Proxies::default(),
            resolve: Vec::new(),
        }
    }
}
