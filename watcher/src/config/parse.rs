//! One value at a time: from text to type, with the rule in the message.

use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use url::Url;

use super::Listen;

/// Anything that parses from text and says itself what it must look like.
pub(super) fn typed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let plain_zero = text == "0";
    if plain_zero {
        return Ok(Duration::ZERO);
    }
    humantime::parse_duration(text)
        .ok()
        .filter(|span| *span <= Duration::from_secs(366 * 86_400))
        .ok_or_else(|| "must be a span of time of at most a year, such as 90s, 15m, 4h or 7days".to_owned())
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

pub(super) fn count(text: &str) -> Result<u32, String> {
    text.parse::<u32>()
        .ok()
        .filter(|count| (1..=1_000_000).contains(count))
        .ok_or_else(|| "must be a whole number from 1 to 1000000".to_owned())
}

/// A base address: http or https, a host, nothing that would end up in a log by mistake.
pub(super) fn base_url(text: &str) -> Result<Url, String> {
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
pub(super) fn address(text: &str) -> Result<Url, String> {
    let rule = "must be an http:// or https:// address";
    let url = Url::parse(text).map_err(|_| rule.to_owned())?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(rule.to_owned()) }
}

/// Where to listen: `HOST:PORT`, `[HOST]:PORT`, `localhost:PORT`, or for every address `:PORT` or `PORT`.
pub(super) fn listen(text: &str) -> Result<Listen, String> {
    let rule = "must be ADDRESS:PORT, such as 127.0.0.1:5200 or [::]:5200, or a PORT for every address";
    if let Ok(first) = text.parse::<SocketAddr>() {
        return Ok(Listen { first, fallback: None });
    }
    let port = |text: &str| text.parse::<u16>().map_err(|_| rule.to_owned());
    match text.split_once(':') {
        Some(("localhost", rest)) => Ok(Listen::loopback(port(rest)?)),
        Some(("", rest)) => Ok(Listen::everywhere(port(rest)?)),
        _ => Ok(Listen::everywhere(port(text)?)),
    }
}

/// A cron expression, with or without a field for seconds; printed with it.
pub(super) fn schedule(text: &str) -> Result<String, String> {
    let rule = "must be a cron expression in UTC, such as `0 * * * *` (hourly) or `0 */15 * * * *`";
    let with_seconds = match text.split_whitespace().count() {
        5 => format!("0 {text}"),
        _ => text.to_owned(),
    };
    crate::cron::Cron::parse(&with_seconds).map_err(|_| rule.to_owned())?;
    Ok(with_seconds)
}
