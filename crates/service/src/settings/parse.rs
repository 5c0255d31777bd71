//! One value at a time: from text to type; the error is the rule, as told to the person.
//!
//! But for `typed`, whose types speak for themselves, no error repeats the text: it may be a secret.

use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use tracing_subscriber::filter::Targets;
use url::Url;

use crate::listen::Listen;

/// Anything that parses from text and says itself what it must look like.
///
/// # Errors
/// The rule.
pub fn typed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// A span of time, such as `15m`; at most a year.
///
/// # Errors
/// The rule.
pub fn duration(text: &str) -> Result<Duration, String> {
    let plain_zero = text == "0";
    if plain_zero {
        return Ok(Duration::ZERO);
    }
    humantime::parse_duration(text)
        .ok()
        .filter(|span| *span <= Duration::from_secs(366 * 86_400))
        .ok_or_else(|| "must be a span of time of at most a year, such as 90s, 15m, 4h or 7days".to_owned())
}

/// A truth, as people write it.
///
/// # Errors
/// The rule.
pub fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

/// A number of things: 1 to a million.
///
/// # Errors
/// The rule.
pub fn count(text: &str) -> Result<u32, String> {
    text.parse::<u32>()
        .ok()
        .filter(|count| (1..=1_000_000).contains(count))
        .ok_or_else(|| "must be a whole number from 1 to 1000000".to_owned())
}

/// A base address: http or https, a host, nothing that would end up in a log by mistake.
///
/// # Errors
/// The rule.
pub fn base_url(text: &str) -> Result<Url, String> {
    let rule = "must be an http:// or https:// address without user, query or fragment";
    let mut url = Url::parse(text).map_err(|_| rule.to_owned())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !plain {
        return Err(rule.to_owned());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// An address to ask: like a base address, but it may have a query.
///
/// # Errors
/// The rule.
pub fn address(text: &str) -> Result<Url, String> {
    let rule = "must be an http:// or https:// address";
    let url = Url::parse(text).map_err(|_| rule.to_owned())?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(rule.to_owned()) }
}

/// Where to listen: `HOST:PORT`, `[HOST]:PORT`, `localhost:PORT`, or for every address `:PORT` or `PORT`. The rule is
/// told with the `usual` port.
///
/// # Errors
/// The rule.
pub fn listen(text: &str, usual: u16) -> Result<Listen, String> {
    let rule = || {
        format!(
            "must be ADDRESS:PORT, such as 127.0.0.1:{usual} or [::]:{usual}, or a PORT for every address"
        )
    };
    if let Ok(first) = text.parse::<SocketAddr>() {
        return Ok(Listen { first, fallback: None });
    }
    let port = |text: &str| text.parse::<u16>().map_err(|_| rule());
    match text.split_once(':') {
        Some(("localhost", rest)) => Ok(Listen::loopback(port(rest)?)),
        Some(("", rest)) => Ok(Listen::everywhere(port(rest)?)),
        _ => Ok(Listen::everywhere(port(text)?)),
    }
}

/// A filter for the log. The rule is told with a `module` of the program.
///
/// # Errors
/// The rule.
pub fn log_filter(text: &str, module: &str) -> Result<String, String> {
    let parsed: Result<Targets, _> = text.parse();
    parsed.map(|_| text.to_owned()).map_err(|_| format!("must be a filter such as info or {module}=debug"))
}

/// Whether the log is JSON.
///
/// # Errors
/// The rule.
pub fn log_format(text: &str) -> Result<bool, String> {
    match text {
        "text" => Ok(false),
        "json" => Ok(true),
        _ => Err("must be text or json".to_owned()),
    }
}

/// A token that may stand in a header.
///
/// # Errors
/// The rule.
pub fn header_safe(text: &str) -> Result<(), String> {
    let fits = text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(()) } else { Err("has characters that no token has (a line break or a space?)".to_owned()) }
}

/// The address of a Redis.
///
/// # Errors
/// The rule.
pub fn redis_url(text: &str) -> Result<(), String> {
    let known = ["redis://", "rediss://", "redis+unix://", "unix://"];
    let fits = known.iter().any(|scheme| text.starts_with(scheme)) && Url::parse(text).is_ok();
    if fits { Ok(()) } else { Err("must be a redis:// or rediss:// address".to_owned()) }
}
