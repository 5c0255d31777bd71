//! The certificate authority made at start, and the server certificate it signs.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// Names the server certificate is good for.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "::1"];

/// What HTTPS needs.
pub(crate) struct Certificate {
    pub(crate) ca_pem: String,
    pub(crate) acceptor: TlsAcceptor,
}

impl Certificate {
    /// Makes a CA and a certificate for [`NAMES`] and `more`.
    #[expect(clippy::expect_used, reason = "fixed parameters: a failure is a mistake in this file")]
    pub(crate) fn make(more: &[String]) -> Self {
        let (ca_pem, issuer) = authority();
        let names: Vec<String> = NAMES.iter().map(ToString::to_string).chain(more.iter().cloned()).collect();
        let mut params = CertificateParams::new(names).expect("valid names for the server certificate");
        params.distinguished_name.push(DnType::CommonName, "fake-github");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().expect("a key for the server certificate");
        let leaf = params.signed_by(&key, &issuer).expect("a server certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3 are compiled in")
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .expect("the key belongs to the certificate");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self { ca_pem, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }
}

#[expect(clippy::expect_used, reason = "fixed parameters: a failure is a mistake in this file")]
fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "fake-github test authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().expect("a key for the authority");
    let pem = params.self_signed(&key).expect("an authority").pem();
    (pem, Issuer::new(params, key))
}
