//! Where a redirect may lead.

use contract::ErrorCode;
use url::{Host, Url};

use super::failure::{host_label, plain};
use crate::source::SourceFailure;

/// The most redirects that are followed in one call.
pub(super) const MAX_HOPS: usize = 3;

/// Whether a status asks to go elsewhere.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Same scheme, host and port.
pub(super) fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

/// The next address of a call to `asked` that was sent from `here` to `location`.
///
/// The same origin is always allowed; another host only by name, over HTTPS, and never a loopback or
/// literal address, which is how a redirect would reach into the local network.
pub(super) fn next_hop(
    asked: &Url,
    here: &Url,
    location: &str,
    allow: &[&str],
) -> Result<Url, SourceFailure> {
    let refuse = |why: &str| {
        let to = here.join(location).map_or_else(|_| plain(location), |url| plain(&host_label(&url)));
        let message = format!("{}: redirected to {to}, which is not followed: {why}", host_label(here));
        SourceFailure::new(ErrorCode::HttpStatus, message)
    };
    let mut next = here.join(location).map_err(|_| refuse("no address"))?;
    next.set_fragment(None);
    if !matches!(next.scheme(), "http" | "https") {
        return Err(refuse("neither http nor https"));
    }
    if same_origin(asked, &next) {
        return Ok(next);
    }
    if !next.username().is_empty() || next.password().is_some() {
        return Err(refuse("it holds a login"));
    }
    if asked.scheme() == "https" && next.scheme() != "https" {
        return Err(refuse("it leaves https"));
    }
    match next.host() {
        Some(Host::Domain(name)) if !is_local_name(name) => {}
        _ => return Err(refuse("a literal or local address")),
    }
    let label = host_label(&next);
    if allow.contains(&label.as_str()) { Ok(next) } else { Err(refuse("another host")) }
}

fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go(from: &str, to: &str) -> Option<String> {
        let from: Url = from.parse().unwrap();
        next_hop(&from, &from, to, &["assets.example", "assets.example:8443"]).ok().map(String::from)
    }

    #[test]
    fn the_same_origin_and_allowed_hosts_are_followed() {
        assert_eq!(go("https://a.example/x", "/y#z").as_deref(), Some("https://a.example/y"));
        assert_eq!(go("http://127.0.0.1:8080/x", "/y").as_deref(), Some("http://127.0.0.1:8080/y"));
        assert!(go("https://a.example/x", "https://assets.example/y").is_some());
        assert!(go("https://a.example/x", "https://assets.example:8443/y").is_some());
    }

    #[test]
    fn anything_else_is_refused() {
        let targets = [
            "http://a.example/x",
            "https://b.example/",
            "https://a.example:444/",
            "http://assets.example/",
            "https://u:p@assets.example/",
            "file:///etc/passwd",
            "https://169.254.169.254/latest",
            "https://[::1]/",
            "https://localhost/",
            "https://x.localhost./",
            "//b.example/",
            "https://",
        ];
        for target in targets {
            assert_eq!(go("https://a.example/x", target), None, "{target}");
        }
        assert_eq!(go("http://127.0.0.1:8080/", "http://127.0.0.1:8081/"), None);
    }
}
