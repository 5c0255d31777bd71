//! What is asked through the way out, and what comes back.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use url::Url;

use super::{Lane, RateLimits};

/// One request.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The allowance it is charged to.
    pub lane: Lane,
    /// `GET`, unless something else is needed.
    pub method: Method,
    /// Where it goes first.
    pub url: Url,
    /// Headers; values that are no valid header values are a parse failure.
    pub headers: Vec<(&'static str, String)>,
    /// Sent along (git's POST).
    pub body: Option<Bytes>,
    /// Sent as `Authorization: Bearer` to the host of `url` and to no other.
    pub bearer: Option<SecretString>,
    /// What is done with a redirect.
    pub redirects: Redirects,
    /// The cap on decoded bytes, where it is below the general one.
    pub max_body: Option<usize>,
}

/// What is done with a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// Followed at most three times, on the same origin or to one of these hosts.
    Follow {
        /// Host names (with `:port` where it is not the scheme's own).
        allow: &'static [&'static str],
    },
    /// Handed back as the reply.
    Return,
}

impl Ask {
    /// A `GET` that follows redirects on its own origin.
    #[must_use]
    pub fn get(lane: Lane, url: Url) -> Self {
        Self {
            lane,
            method: Method::GET,
            url,
            headers: Vec::new(),
            body: None,
            bearer: None,
            redirects: Redirects::Follow { allow: &[] },
            max_body: None,
        }
    }

    /// A `POST` with a body.
    #[must_use]
    pub fn post(lane: Lane, url: Url, body: impl Into<Bytes>) -> Self {
        Self { method: Method::POST, body: Some(body.into()), ..Self::get(lane, url) }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sends a credential along, if there is one.
    #[must_use]
    pub fn bearer(mut self, token: Option<&SecretString>) -> Self {
        self.bearer = token.cloned();
        self
    }

    /// Sets what is done with a redirect.
    #[must_use]
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.redirects = redirects;
        self
    }

    /// Lowers the cap on decoded bytes.
    #[must_use]
    pub fn cap(mut self, bytes: usize) -> Self {
        self.max_body = Some(bytes);
        self
    }
}

/// An HTTP answer of any status.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its headers. Hostile text.
    pub headers: HeaderMap,
    /// Its decoded body; of an error answer (4xx, 5xx) at most the first 64 KiB.
    pub body: Bytes,
    /// Where it came from, after redirects.
    pub url: Url,
    /// A redirect on the way said "moved permanently" (301, 308).
    pub moved: bool,
    /// What its headers said of limits.
    pub limits: RateLimits,
}

impl Reply {
    /// A header as text, if it is there and printable ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The `ETag`, if it is one that can be sent back.
    #[must_use]
    pub fn etag(&self) -> Option<String> {
        self.header("etag").filter(|etag| is_etag(etag)).map(str::to_owned)
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// An entity tag as HTTP defines it, of a length worth keeping: no space, no control character.
fn is_etag(text: &str) -> bool {
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    text.len() <= 200
        && opaque.len() >= 2
        && opaque.starts_with('"')
        && opaque.ends_with('"')
        && opaque.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::is_etag;

    #[test]
    fn only_an_entity_tag_is_kept() {
        for good in ["\"abc\"", "W/\"abc\"", "\"\""] {
            assert!(is_etag(good), "{good}");
        }
        for bad in ["", "abc", "\"", "W/", "\"a b\"", "\"a\nb\"", &format!("\"{}\"", "x".repeat(300))] {
            assert!(!is_etag(bad), "{bad}");
        }
    }
}
