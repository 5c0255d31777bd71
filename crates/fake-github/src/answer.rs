//! An answer before it becomes an HTTP response.

use bytes::Bytes;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use hyper::{HeaderMap, Response, StatusCode};
use serde_json::Value;

use crate::payload::Payload;

/// GitHub's content type for JSON.
pub(crate) const JSON: &str = "application/json; charset=utf-8";
/// Plain text.
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
/// A page.
pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// Status, headers, body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Payload,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut answer = Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: HeaderMap::new(),
            body: Payload::Whole(body.into()),
        };
        if !content_type.is_empty() {
            answer.put(CONTENT_TYPE.as_str(), content_type);
        }
        answer
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, JSON, body.to_string())
    }

    /// No content and no content type.
    pub(crate) fn bare(status: u16) -> Self {
        Self::new(status, "", Bytes::new())
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::bare(status).with(LOCATION.as_str(), location)
    }

    /// Sets a header, replacing any of that name; a name or value that HTTP forbids is dropped.
    pub(crate) fn put(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
        {
            self.headers.insert(name, value);
        }
    }

    /// [`Answer::put`], chaining.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.put(name, value);
        self
    }

    /// Replaces the body; a script has no length unless the caller sets one.
    pub(crate) fn with_body(mut self, body: Payload) -> Self {
        self.body = body;
        self
    }

    pub(crate) fn into_response(mut self) -> Response<Payload> {
        if let Some(whole) = self.body.whole()
            && !self.headers.contains_key(CONTENT_LENGTH)
            && self.status != StatusCode::NOT_MODIFIED
            && self.status != StatusCode::NO_CONTENT
        {
            self.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
        }
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
