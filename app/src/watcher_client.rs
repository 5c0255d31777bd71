//! The watcher over HTTP: short deadlines, small answers, no redirects. Its trouble is never ours.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt};
use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::{Method, RequestBuilder, Response, redirect};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// All of one answer must be there by then.
pub const DEADLINE: Duration = Duration::from_millis(900);
/// Largest answer: a page of the changelog holds half a megabyte of notes, and more once it is JSON.
pub const LARGEST: usize = 2 << 20;

/// Asks the watcher.
#[derive(Clone, Debug)]
pub struct WatcherClient {
    http: reqwest::Client,
    base: Option<Url>,
    token: Option<SecretString>,
}

/// What it answered: the headers that are passed on, and the body.
#[derive(Clone, Debug)]
pub struct WatcherAnswer {
    /// HTTP status.
    pub status: u16,
    /// `content-type`, `etag`, `retry-after`; nothing else is passed on.
    pub headers: Vec<(HeaderName, String)>,
    /// At most as many bytes as were asked for; [`LARGEST`] if nothing else is said.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum WatcherError {
    /// `WATCHER_URL` is not set.
    #[error("no watcher is configured; set WATCHER_URL")]
    NotConfigured,
    /// No connection, or it broke.
    #[error("the watcher cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// No whole answer in time.
    #[error("the watcher did not answer within {} ms", DEADLINE.as_millis())]
    Deadline,
    /// An answer larger than the cap.
    #[error("the watcher's answer is larger than {} KiB", .0 >> 10)]
    TooLarge(usize),
    /// The client could not be made.
    #[error("the HTTP client cannot be made")]
    Client(#[source] reqwest::Error),
}

impl WatcherClient {
    /// A client for the watcher at `base`.
    ///
    /// # Errors
    /// If there is no TLS, which only a broken build lacks.
    pub fn new(base: Option<Url>, token: Option<SecretString>) -> Result<Self, WatcherError> {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(DEADLINE)
            .pool_idle_timeout(Duration::from_secs(10))
            .user_agent("remote-agent")
            .build()
            .map_err(WatcherError::Client)?;
        Ok(Self { http, base, token })
    }

    /// Asks for `path` and the query, which may be empty.
    ///
    /// # Errors
    /// If there is no whole answer within [`DEADLINE`] and [`LARGEST`].
    pub async fn get(&self, path: &str, query: &str) -> Result<WatcherAnswer, WatcherError> {
        self.get_at_most(path, query, LARGEST).await
    }

    /// Asks for an answer of at most so many bytes.
    ///
    /// # Errors
    /// As [`WatcherClient::get`].
    pub async fn get_at_most(
        &self,
        path: &str,
        query: &str,
        largest: usize,
    ) -> Result<WatcherAnswer, WatcherError> {
        by_deadline(self.request(Method::GET, path, query)?, largest).await
    }

    /// Sends a decision, with the watcher's token.
    ///
    /// # Errors
    /// As [`WatcherClient::get`].
    pub async fn decide(
        &self,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<WatcherAnswer, WatcherError> {
        let mut request = self.request(method, path, "")?;
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body);
        }
        by_deadline(request, LARGEST).await
    }

    /// Opens an event stream, which has no end of its own.
    ///
    /// # Errors
    /// If it does not begin within [`DEADLINE`].
    pub async fn stream(
        &self,
        path: &str,
    ) -> Result<(u16, impl Stream<Item = Result<Bytes, reqwest::Error>> + use<>), WatcherError> {
        let request = self.request(Method::GET, path, "")?;
        let begun = tokio::time::timeout(DEADLINE, request.send()).await;
        let response = begun.map_err(|_| WatcherError::Deadline)?.map_err(broken)?;
        Ok((response.status().as_u16(), response.bytes_stream()))
    }

    fn request(&self, method: Method, path: &str, query: &str) -> Result<RequestBuilder, WatcherError> {
        let mut url = self.base.clone().ok_or(WatcherError::NotConfigured)?;
        let root = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{root}{path}"));
        url.set_query((!query.is_empty()).then_some(query));
        let request = self.http.request(method, url);
        Ok(match &self.token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        })
    }
}

async fn by_deadline(request: RequestBuilder, largest: usize) -> Result<WatcherAnswer, WatcherError> {
    let answer = async { whole(request.send().await.map_err(broken)?, largest).await };
    tokio::time::timeout(DEADLINE, answer).await.unwrap_or(Err(WatcherError::Deadline))
}

async fn whole(response: Response, largest: usize) -> Result<WatcherAnswer, WatcherError> {
    let status = response.status().as_u16();
    let headers = passed_on(response.headers());
    let mut body = BytesMut::new();
    let mut chunks = response.bytes_stream().map_err(broken);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if body.len() + chunk.len() > largest {
            return Err(WatcherError::TooLarge(largest));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(WatcherAnswer { status, headers, body: body.freeze() })
}

/// A fixed set: whatever else the watcher, or what plays it, sends stays here.
fn passed_on(headers: &HeaderMap) -> Vec<(HeaderName, String)> {
    let names = [header::CONTENT_TYPE, header::ETAG, header::RETRY_AFTER];
    let value = |name: HeaderName| {
        let value = headers.get(&name)?.to_str().ok()?.to_owned();
        Some((name, value))
    };
    names.into_iter().filter_map(value).collect()
}

/// The address stands in reqwest's own message, and may hold a password.
fn broken(error: reqwest::Error) -> WatcherError {
    if error.is_timeout() { WatcherError::Deadline } else { WatcherError::Unreachable(error.without_url()) }
}
