//! Who may ask: the API key as a bearer token, or the cookie that the page got for it.
//!
//! Everything under `/api` but `/api/health` is closed. A right key always passes, so that nobody can lock the
//! owner out; wrong ones are counted per address and then told to wait. What keeps
//! guessing hopeless is the length of the key.

mod cookie;
mod failures;
pub mod hosts;

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub use cookie::{COOKIE, LIFETIME, SignedCookies};
use failures::Failures;
pub use hosts::Hosts;

use crate::error::ApiError;

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What is compared and counted.
#[derive(Clone)]
pub struct Access {
    key: [u8; 32],
    /// The page's cookies.
    pub cookies: Arc<SignedCookies>,
    failures: Arc<Failures>,
}

impl Access {
    /// For this key.
    #[must_use]
    pub fn new(key: &SecretString) -> Self {
        Self {
            key: digest(key.expose_secret()),
            cookies: Arc::new(SignedCookies::new(key)),
            failures: Arc::default(),
        }
    }

    /// Whether `presented` is the key. Digests are compared: neither the place of the first wrong character nor the
    /// length shows in the time it takes.
    fn is_key(&self, presented: &str) -> bool {
        digest(presented).ct_eq(&self.key).into()
    }

    /// Checks a key that was presented from `address`.
    ///
    /// # Errors
    /// 401 for a wrong one; 429 after too many of them.
    pub fn check_key(&self, presented: &str, address: Option<IpAddr>) -> Result<(), ApiError> {
        if self.is_key(presented) {
            return Ok(());
        }
        match self.failures.note(address) {
            Some(wait) => Err(ApiError::TooManyFailures(wait)),
            None => Err(ApiError::Unauthorized),
        }
    }

    /// Whether this request may pass.
    ///
    /// # Errors
    /// 401 without a key or with a wrong one, 403 for a request that another site made the browser send, 429 after
    /// too many wrong keys.
    pub fn check(&self, request: &HttpRequest) -> Result<(), ApiError> {
        let address = request.peer_addr().map(|address| address.ip());
        if let Some(value) = request.headers().get(header::AUTHORIZATION) {
            let presented = value.to_str().ok().and_then(bearer).unwrap_or_default();
            return self.check_key(presented, address);
        }
        let cookie = request.cookie(COOKIE).ok_or(ApiError::Unauthorized)?;
        if !self.cookies.is_good(cookie.value()) {
            return Err(ApiError::Unauthorized);
        }
        if request.method().is_safe() || is_same_origin(request) { Ok(()) } else { Err(ApiError::OtherSite) }
    }
}

/// Whether the page of this server sent the request; browsers say so, and a missing word is no yes.
pub fn is_same_origin(request: &HttpRequest) -> bool {
    let text = |name: &HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(&SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    let (Some(origin), Some(host)) = (text(&header::ORIGIN), text(&header::HOST)) else { return false };
    origin.split_once("://").is_some_and(|(_, origin)| origin.eq_ignore_ascii_case(host))
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_read_in_any_case_and_nothing_else_is_a_bearer() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("abc"), None);
    }

    #[test]
    fn the_right_key_passes_even_after_many_wrong_ones() {
        let access = Access::new(&SecretString::from("0123456789abcdef0123456789abcdef"));
        let address = Some(IpAddr::from([127, 0, 0, 1]));
        let answers: Vec<_> = (0..100).map(|_| access.check_key("wrong", address)).collect();
        assert!(matches!(answers.first(), Some(Err(ApiError::Unauthorized))));
        assert!(matches!(answers.last(), Some(Err(ApiError::TooManyFailures(_)))));
        assert!(access.check_key("0123456789abcdef0123456789abcdef", address).is_ok());
    }
}
