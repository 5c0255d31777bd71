//! One call: slot, gate, request, body, gate again; the same for each redirect.

use std::pin::pin;
use std::sync::Arc;

use chrono::Utc;
use contract::ErrorCode;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Client, Request, Response};
use rustls::pki_types::CertificateDer;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::failure::{classify, host_label, refused};
use super::opening::{Opening, Turn};
use super::redirects::{MAX_HOPS, is_redirect, next_hop, same_origin};
use super::{Ask, Gate, OutboundConfig, Outcome, RateLimits, Redirects, Reply, body, client};
use crate::source::SourceFailure;

/// The way out cannot be set up as configured.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The extra certificates are no PEM certificates.
    #[error("the extra CA certificates are not readable as PEM")]
    Certificates,
    /// The user agent is no header value.
    #[error("the user agent is no valid header value")]
    UserAgent,
    /// The proxy's address is none.
    #[error("the proxy's address is not usable")]
    Proxy(#[source] reqwest::Error),
    /// TLS cannot be set up.
    #[error("TLS could not be set up")]
    Tls(#[source] rustls::Error),
    /// The client cannot be built.
    #[error("the HTTP client could not be built")]
    Client(#[source] reqwest::Error),
}

/// The way out.
pub struct Outbound {
    config: Arc<OutboundConfig>,
    extra_roots: Vec<CertificateDer<'static>>,
    gate: Arc<dyn Gate>,
    slots: Semaphore,
    opening: Opening,
    /// Built on first use: reading the system's roots would cost the start half of its time.
    client: OnceCell<Client>,
}

impl Outbound {
    /// Checks the configuration; opens nothing yet.
    ///
    /// # Errors
    /// [`OutboundError`] if certificates or user agent are not usable.
    pub fn new(config: OutboundConfig, gate: Arc<dyn Gate>) -> Result<Self, OutboundError> {
        HeaderValue::from_str(&config.user_agent).map_err(|_| OutboundError::UserAgent)?;
        let extra_roots =
            config.extra_ca_pem.as_deref().map(client::read_pem).transpose()?.unwrap_or_default();
        let slots = Semaphore::new(config.limits.concurrency);
        let opening = Opening::new(client::IDLE);
        Ok(Self { config: Arc::new(config), extra_roots, gate, slots, opening, client: OnceCell::new() })
    }

    /// Sends one request, follows its redirects, and reads the answer, whatever its status.
    ///
    /// # Errors
    /// A [`SourceFailure`] when the gate refuses, or when there is no whole answer.
    pub async fn send(&self, ask: Ask) -> Result<Reply, SourceFailure> {
        let slot = self.slots.acquire().await.map_err(|_| internal("the way out is shut"))?;
        let reply = self.follow(ask).await;
        drop(slot);
        // Whoever has waited for the slot sends first: what is made of this answer can be done meanwhile.
        tokio::task::yield_now().await;
        reply
    }

    /// One call, with its redirects.
    async fn follow(&self, ask: Ask) -> Result<Reply, SourceFailure> {
        let deadline = Instant::now() + self.config.limits.total;
        let mut url = ask.url.clone();
        let mut moved = false;
        for _ in 0..=MAX_HOPS {
            // Boxed, so that a call that waits for its slot does not hold the room for this.
            let reply = Box::pin(self.hop(&ask, &url, deadline)).await?;
            let Some(location) = elsewhere(&ask, &reply) else {
                return Ok(Reply { moved, ..reply });
            };
            moved |= matches!(reply.status, 301 | 308);
            let Redirects::Follow { allow } = ask.redirects else { return Ok(Reply { moved, ..reply }) };
            url = next_hop(&ask.url, &url, &location, allow)?;
        }
        let message = format!("{}: redirected more than {MAX_HOPS} times", host_label(&url));
        Err(SourceFailure::new(ErrorCode::HttpStatus, message))
    }

    /// One request between the gate's two questions.
    async fn hop(&self, ask: &Ask, url: &Url, deadline: Instant) -> Result<Reply, SourceFailure> {
        let bearer = ask.bearer.as_ref().filter(|_| same_origin(&ask.url, url));
        let client = self.client().await?;
        let request = request(client, ask, url, bearer)?;
        let host = host_label(url);
        // Without TLS there is no HTTP/2 to wait for.
        let turn = if url.scheme() == "https" { self.opening.turn(&host).await } else { None };
        self.gate.admit(ask.lane).await.map_err(refused)?;
        let (result, mut outcome) = match self.head(client, request, turn, &host, deadline).await {
            Ok(response) => self.whole(ask, response, url, &host, deadline).await,
            Err(failure) => (Err(failure), Outcome::default()),
        };
        outcome.authorized = bearer.is_some();
        outcome.failure = result.as_ref().err().map(|failure| failure.code);
        self.gate.settle(ask.lane, &host, &outcome).await;
        result
    }

    async fn head(
        &self,
        client: &Client,
        request: Request,
        turn: Option<Turn>,
        host: &str,
        deadline: Instant,
    ) -> Result<Response, SourceFailure> {
        let until = deadline.min(Instant::now() + self.config.limits.head);
        let answer = async {
            let mut answer = pin!(client.execute(request));
            if let Some(mut turn) = turn {
                tokio::select! {
                    biased;
                    answer = &mut answer => return answer,
                    () = turn.connected() => self.opening.opened(host),
                }
            }
            answer.await
        };
        match timeout_at(until, answer).await {
            Ok(answer) => {
                let response = answer.map_err(|error| classify(host, &error))?;
                self.opening.opened(host);
                Ok(response)
            }
            Err(_) => {
                let message = format!("{host}: no answer within the deadline");
                Err(SourceFailure::new(ErrorCode::Timeout, message))
            }
        }
    }

    /// The rest of an answer, and what it tells the gate.
    async fn whole(
        &self,
        ask: &Ask,
        mut response: Response,
        url: &Url,
        host: &str,
        deadline: Instant,
    ) -> (Result<Reply, SourceFailure>, Outcome) {
        let limits = &self.config.limits;
        let cap = ask.max_body.unwrap_or(limits.max_body).min(limits.max_body);
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let bytes = if is_redirect(status) {
            Ok(bytes::Bytes::new())
        } else {
            body::read(response, host, cap, limits, deadline).await
        };
        let text: &[u8] = bytes.as_deref().unwrap_or_default();
        let limits = RateLimits::read(status, &headers, text, Utc::now());
        let outcome = Outcome { status: Some(status), limits, ..Outcome::default() };
        if status == 407 {
            let message = format!("{host}: the proxy asks for a login (HTTP 407)");
            return (Err(SourceFailure::new(ErrorCode::Proxy, message)), outcome);
        }
        let reply = |body| Reply { status, headers, body, url: url.clone(), moved: false, limits };
        (bytes.map(reply), outcome)
    }

    async fn client(&self) -> Result<&Client, SourceFailure> {
        let build = || async {
            let (config, extra) = (Arc::clone(&self.config), self.extra_roots.clone());
            let counting = self.opening.counting();
            let built = tokio::task::spawn_blocking(move || client::build(&config, extra, counting)).await;
            built.map_err(|_| internal("the HTTP client could not be built"))?.map_err(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, "the way out cannot be set up");
                internal(&error.to_string())
            })
        };
        self.client.get_or_try_init(build).await
    }
}

/// Where a reply sends us, if it does and the method allows it.
fn elsewhere(ask: &Ask, reply: &Reply) -> Option<String> {
    let keeps_method = ask.method == reqwest::Method::GET || matches!(reply.status, 307 | 308);
    if !is_redirect(reply.status) || !keeps_method {
        return None;
    }
    reply.header("location").map(str::to_owned)
}

/// A login in the address becomes a header, marked as sensitive: the address itself ends up in the debug log of
/// the HTTP client, a header does not.
fn request(
    client: &Client,
    ask: &Ask,
    url: &Url,
    bearer: Option<&SecretString>,
) -> Result<Request, SourceFailure> {
    let mut request = client
        .request(ask.method.clone(), url.clone())
        .build()
        .map_err(|_| internal("the request could not be built"))?;
    for (name, value) in &ask.headers {
        let value = HeaderValue::from_str(value).map_err(|_| {
            SourceFailure::new(ErrorCode::Parse, format!("no valid value for the header {name}"))
        })?;
        request.headers_mut().insert(HeaderName::from_static(name), value);
    }
    if let Some(token) = bearer {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).map_err(|_| {
                SourceFailure::new(ErrorCode::TokenRejected, "the token holds characters that no token has")
            })?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    if let Some(body) = &ask.body {
        *request.body_mut() = Some(body.clone().into());
    }
    Ok(request)
}

/// Something of ours that should not happen; no host had a part in it.
fn internal(what: &str) -> SourceFailure {
    SourceFailure::new(ErrorCode::Connect, what)
}
