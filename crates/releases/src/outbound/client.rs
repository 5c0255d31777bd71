//! The HTTP client: rustls with ring, the system's roots, HTTP/2 by ALPN; no redirects, cookies or referer.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Proxy, redirect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::opening::Counting;
use super::{OutboundConfig, OutboundError, Proxies};

/// A round of checks reuses its connections; a moment later their memory is given back.
pub(super) const IDLE: Duration = Duration::from_secs(5);

/// The certificates of a PEM text; at least one, or it is a mistake.
pub(super) fn read_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, OutboundError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| OutboundError::Certificates)?;
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        store.add(certificate.clone()).map_err(|_| OutboundError::Certificates)?;
    }
    if certificates.is_empty() { Err(OutboundError::Certificates) } else { Ok(certificates) }
}

/// Builds the client; reads the system's roots, hence not cheap.
pub(super) fn build(
    config: &OutboundConfig,
    extra: Vec<CertificateDer<'static>>,
    counting: Counting,
) -> Result<Client, OutboundError> {
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls(extra)?)
        .user_agent(&config.user_agent)
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(config.limits.connect)
        .pool_max_idle_per_host(config.limits.concurrency)
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true)
        .connector_layer(counting);
    builder = match &config.proxies {
        Proxies::Environment => builder,
        Proxies::Off => builder.no_proxy(),
        Proxies::Fixed(url) => {
            builder.proxy(Proxy::all(url.clone()).map_err(|error| OutboundError::Proxy(error.without_url()))?)
        }
    };
    for (host, address) in &config.resolve {
        builder = builder.resolve(host, *address);
    }
    builder.build().map_err(|error| OutboundError::Client(error.without_url()))
}

fn tls(extra: Vec<CertificateDer<'static>>) -> Result<ClientConfig, OutboundError> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    let (added, ignored) = roots.add_parsable_certificates(system.certs);
    if added == 0 {
        tracing::warn!("no CA certificates found on this system: install them, or set SSL_CERT_FILE");
    } else {
        tracing::debug!(added, ignored, "CA certificates loaded");
    }
    roots.add_parsable_certificates(extra);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(OutboundError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // A client configuration of our own brings no ALPN with it.
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}
