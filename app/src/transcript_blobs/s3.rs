//! An S3 client that asks for little: path style, no checksum headers, no bulk deletes. So any S3 will do.

use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use secrecy::{ExposeSecret, SecretString};

use super::failure::BlobError;

/// Which bucket, and how to get in.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// `http://` or `https://`, host and port.
    pub endpoint: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The bucket; it is never made here.
    pub bucket: String,
    /// Access key.
    pub access_key_id: String,
    /// Belongs to it.
    pub secret_access_key: SecretString,
    /// How long to wait.
    pub patience: Patience,
}

/// How long to wait for the store, and how often to ask again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For an answer, and between two pieces of one; a request's body must have gone out by then too.
    pub answer: Duration,
    /// A request is not sent again later than this after it was first sent.
    pub retry: Duration,
    /// A request is sent again so often.
    pub retries: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            answer: Duration::from_secs(20),
            retry: Duration::from_secs(6),
            retries: 6,
        }
    }
}

impl Patience {
    /// One request that must be answered within `whole`.
    pub(super) fn once(whole: Duration) -> Self {
        Self { connect: whole, answer: whole, retry: Duration::ZERO, retries: 0 }
    }
}

impl S3Settings {
    pub(super) fn client(&self, patience: Patience) -> Result<AmazonS3, BlobError> {
        AmazonS3Builder::new()
            .with_endpoint(self.endpoint.trim_end_matches('/'))
            .with_region(&self.region)
            .with_bucket_name(&self.bucket)
            .with_access_key_id(&self.access_key_id)
            .with_secret_access_key(self.secret_access_key.expose_secret())
            .with_virtual_hosted_style_request(false)
            .with_disable_bulk_delete(true)
            .with_http_connector(Connector(patience))
            .with_allow_http(self.endpoint.starts_with("http://"))
            .with_retry(retry(patience))
            .build()
            .map_err(|error| BlobError::Refused {
                fix: "correct S3_ENDPOINT, S3_REGION and S3_BUCKET",
                source: Box::new(error),
            })
    }
}

/// Makes our own HTTP client: object_store's would follow redirects to other hosts.
#[derive(Debug)]
struct Connector(Patience);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        // The process may have chosen its provider already; whoever comes second keeps that one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .user_agent("remote-agent")
            .redirect(reqwest::redirect::Policy::none())
            // The size of an answer is the size of the blob.
            .no_gzip()
            .connect_timeout(self.0.connect)
            // No deadline for the whole: it would end the download of whoever reads slowly.
            .read_timeout(self.0.answer)
            .build()
            .map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })?;
        Ok(HttpClient::new(client))
    }
}

fn retry(patience: Patience) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            base: 2.0,
        },
        max_retries: patience.retries,
        retry_timeout: patience.retry,
    }
}
