//! What a failure below HTTP is called, and in which words.
//!
//! Messages name the host and what happened; text that came from elsewhere is made plain first, and a URL
//! never appears, because it could hold a credential.

use std::error::Error;
use std::io;

use contract::ErrorCode;
use url::Url;

use super::Refusal;
use crate::notes;
use crate::source::SourceFailure;

/// The longest piece of foreign text that goes into a message.
const MAX_FOREIGN: usize = 160;

/// One line of foreign text that a terminal shows and does not obey.
pub(crate) fn plain(text: &str) -> String {
    notes::one_line(text, MAX_FOREIGN)
}

/// Host, and port where it is not the scheme's own.
pub(crate) fn host_label(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A gate's refusal as a failure: other doors are other lanes, so they may still be open.
pub(super) fn refused(refusal: Refusal) -> SourceFailure {
    SourceFailure { retry_at: Some(refusal.retry_at), ..SourceFailure::new(refusal.code, refusal.message) }
}

/// The class of an error of the HTTP client, and its message.
pub(super) fn classify(host: &str, error: &reqwest::Error) -> SourceFailure {
    let code = class_of(error);
    let what = match code {
        ErrorCode::Dns => "the host name could not be resolved",
        ErrorCode::Timeout => "no connection within the deadline",
        ErrorCode::Tls => "no trusted TLS connection",
        ErrorCode::Proxy => "the proxy refused or failed",
        ErrorCode::Parse => "the answer is no proper HTTP",
        _ => "no connection, or it was closed early",
    };
    SourceFailure::new(code, format!("{host}: {what} ({})", plain(&innermost(error).to_string())))
}

fn class_of(error: &reqwest::Error) -> ErrorCode {
    if chain(error).any(|cause| cause.to_string().starts_with("tunnel error")) {
        ErrorCode::Proxy
    } else if error.is_dns() || chain(error).any(|cause| cause.to_string() == "dns error") {
        ErrorCode::Dns
    } else if error.is_timeout() {
        ErrorCode::Timeout
    } else if chain(error).any(is_tls) {
        ErrorCode::Tls
    } else if error.is_connect() || chain(error).any(is_broken_connection) {
        ErrorCode::Connect
    } else if error.is_decode() || error.is_body() || error.is_request() {
        ErrorCode::Parse
    } else {
        ErrorCode::Connect
    }
}

/// An I/O error hides what it wraps from the chain of sources, and the connector wraps twice.
fn is_tls(cause: &(dyn Error + 'static)) -> bool {
    if cause.is::<rustls::Error>() {
        return true;
    }
    let Some(error) = cause.downcast_ref::<io::Error>() else { return false };
    let wrapped = error.get_ref().is_some_and(|inner| is_tls(inner));
    wrapped || error.to_string().contains("tls handshake eof")
}

/// A reset, or an end before the answer began; an end inside the body is a malformed answer instead.
fn is_broken_connection(cause: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, NotConnected};
    cause.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(
            error.kind(),
            BrokenPipe | ConnectionAborted | ConnectionRefused | ConnectionReset | NotConnected
        )
    }) || cause.to_string().contains("connection closed before message completed")
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| Error::source(*cause))
}

fn innermost(error: &reqwest::Error) -> &(dyn Error + 'static) {
    chain(error).last().unwrap_or(error)
}
