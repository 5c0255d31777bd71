//! The server over HTTP: short deadlines, bounded answers, errors that say what to do.

mod error;
mod lists;

use std::fs::File;
use std::io::Read;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use contract::{BatchReceipt, Changelog, EventBatch, Health, SkipRequest, Transcript, VersionState};
use reqwest::blocking::{Body, Client, RequestBuilder, Response};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use crate::config::Config;

pub use error::ClientError;
pub use lists::ListQuery;

/// A server that is there answers its greeting by then.
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// All of one answer is there by then, unless said otherwise.
const DEADLINE: Duration = Duration::from_secs(10);
/// Forced checks take as long as upstream does, at most 10 s on the server.
const FORCE_DEADLINE: Duration = Duration::from_secs(15);
/// What the server may need for a transcript at 4 KiB a second is more than anybody waits for.
const UPLOAD_DEADLINE: Duration = Duration::from_secs(600);
/// No server makes a client wait longer.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);
/// Largest answer that is read.
const LARGEST_ANSWER: u64 = 16 << 20;

/// Asks one server. Cheap to clone; every call blocks.
#[derive(Clone, Debug)]
pub struct ServerClient {
    http: Client,
    base: Url,
    key: Option<SecretString>,
    until: Option<Instant>,
}

impl ServerClient {
    /// A client for the configured server.
    ///
    /// # Errors
    /// If there is no TLS, which only a broken build lacks.
    pub fn new(config: &Config) -> Result<Self, ClientError> {
        // Fails only where one is installed already.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_DEADLINE)
            .timeout(DEADLINE)
            .user_agent("remote-agent")
            .build()
            .map_err(|error| ClientError::Client(Box::new(error)))?;
        Ok(Self { http, base: config.url.clone(), key: config.api_key.clone(), until: None })
    }

    /// The same client with no answer awaited after `end`: somebody waits for all of its calls together.
    #[must_use]
    pub fn until(&self, end: Instant) -> Self {
        Self { until: Some(end), ..self.clone() }
    }

    /// Whether the time that [`Self::until`] gave is over, so that a failure says little about the server.
    #[must_use]
    pub fn is_out_of_time(&self) -> bool {
        self.until.is_some_and(|end| Instant::now() >= end)
    }

    /// The address that is asked, for people.
    #[must_use]
    pub fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// `GET /api/health`; needs no key. A server that is `migrating` or `down` answers too.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn health(&self) -> Result<Health, ClientError> {
        let answer = self.send(self.ask(Method::GET, "api/health", &[])?)?;
        match answer.status().as_u16() {
            200 | 503 => parse(answer),
            _ => Err(refusal(answer)),
        }
    }

    /// `GET /api/version`; `force` asks upstream now, within its budget.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn version(&self, force: bool) -> Result<VersionState, ClientError> {
        let query: &[(&str, &str)] = if force { &[("force", "true")] } else { &[] };
        let deadline = if force { FORCE_DEADLINE } else { DEADLINE };
        self.get_within("api/version", query, deadline)
    }

    /// `GET /api/changelog`: one page of what is between two versions; the running and the latest one if not named.
    ///
    /// # Errors
    /// If there is no such answer.
    pub fn changelog(&self, page: u64) -> Result<Changelog, ClientError> {
        self.get("api/changelog", &[("page", page.to_string().as_str())])
    }

    /// Hides a version until there is a newer one.
    ///
    /// # Errors
    /// If the server does not take it.
    pub fn skip(&self, version: &str) -> Result<(), ClientError> {
        let body = SkipRequest { version: version.to_owned() };
        let request = self.with_key(Method::POST, "api/version/skip", &[])?.json(&body);
        self.send_expecting_success(request)
    }

    /// Takes a skip back.
    ///
    /// # Errors
    /// If the server does not take it.
    pub fn unskip(&self) -> Result<(), ClientError> {
        self.send_expecting_success(self.with_key(Method::DELETE, "api/version/skip", &[])?)
    }

    /// `POST /api/events`. What the receipt says is accepted or a duplicate is durable.
    ///
    /// # Errors
    /// If nothing is promised: send the same batch again.
    pub fn send_events(&self, batch: &EventBatch) -> Result<BatchReceipt, ClientError> {
        // The server takes 20 s at most for a body.
        let request = self.with_key(Method::POST, "api/events", &[])?.timeout(Duration::from_secs(30));
        accepted(self.send(request.json(batch))?)
    }

    /// `PUT /api/sessions/{id}/transcript`, with the digest of the bytes in hexadecimal.
    ///
    /// # Errors
    /// If it is not kept.
    pub fn put_transcript(
        &self,
        session_id: &str,
        file: File,
        bytes: u64,
        sha256: &str,
        content_type: &str,
    ) -> Result<Transcript, ClientError> {
        let path = format!("api/sessions/{session_id}/transcript");
        let request = self
            .with_key(Method::PUT, &path, &[])?
            .timeout(UPLOAD_DEADLINE)
            .header(CONTENT_TYPE, content_type)
            .header("x-content-sha256", sha256)
            .body(Body::sized(file.take(bytes), bytes));
        accepted(self.send(request)?)
    }

    fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, ClientError> {
        self.get_within(path, query, DEADLINE)
    }

    fn get_within<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        deadline: Duration,
    ) -> Result<T, ClientError> {
        accepted(self.send(self.with_key(Method::GET, path, query)?.timeout(deadline))?)
    }

    fn ask(&self, method: Method, path: &str, query: &[(&str, &str)]) -> Result<RequestBuilder, ClientError> {
        let url = format!("{}/{path}", self.address());
        Ok(self.http.request(method, url).query(query))
    }

    fn with_key(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<RequestBuilder, ClientError> {
        let key = self.key.as_ref().ok_or(ClientError::NoKey)?;
        Ok(self.ask(method, path, query)?.bearer_auth(key.expose_secret()))
    }

    fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let told = |error| ClientError::from_transport(self.address(), error);
        let mut request = request.build().map_err(told)?;
        if let Some(end) = self.until {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ClientError::Deadline { address: self.address().to_owned() });
            }
            let own = request.timeout().copied().unwrap_or(DEADLINE);
            *request.timeout_mut() = Some(own.min(left));
        }
        self.http.execute(request).map_err(told)
    }

    fn send_expecting_success(&self, request: RequestBuilder) -> Result<(), ClientError> {
        let answer = self.send(request)?;
        if answer.status().is_success() { Ok(()) } else { Err(refusal(answer)) }
    }
}

fn accepted<T: DeserializeOwned>(answer: Response) -> Result<T, ClientError> {
    if answer.status().is_success() { parse(answer) } else { Err(refusal(answer)) }
}

fn parse<T: DeserializeOwned>(answer: Response) -> Result<T, ClientError> {
    let body = read(answer)?;
    serde_json::from_slice(&body).map_err(|error| ClientError::NotUnderstood(Some(error)))
}

fn read(answer: Response) -> Result<Vec<u8>, ClientError> {
    let mut body = Vec::new();
    let read = answer.take(LARGEST_ANSWER + 1).read_to_end(&mut body).map_err(ClientError::Broken)?;
    if read as u64 > LARGEST_ANSWER { Err(ClientError::NotUnderstood(None)) } else { Ok(body) }
}

/// Seconds or a date, as RFC 9110 has it; a day at most.
fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // What is too long for a number is long.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        (DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now).to_std().unwrap_or_default()
    };
    Some(wait.min(LONGEST_WAIT))
}

fn refusal(answer: Response) -> ClientError {
    let status = answer.status().as_u16();
    let wait =
        answer.headers().get(RETRY_AFTER).and_then(|value| retry_after(value.to_str().ok()?, Utc::now()));
    let problem = read(answer).ok().and_then(|body| serde_json::from_slice(&body).ok());
    ClientError::from_answer(status, wait, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_asks_to_wait_is_seconds_or_a_date_and_a_day_at_most() {
        let now = DateTime::parse_from_rfc3339("1994-11-06T08:49:07Z").unwrap().to_utc();
        let asked = |text| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(asked("30"), Some(30));
        assert_eq!(asked("18446744073709551615"), Some(86_400));
        assert_eq!(asked("99999999999999999999999999"), Some(86_400));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT"), Some(30));
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
        assert_eq!(asked("soon"), None);
        assert_eq!(asked("-1"), None);
    }
}
