//! The registry's `WWW-Authenticate`, and to which token services it may send us.

use url::{Host, Url};

use super::ImageName;

/// What a registry asks for with a 401.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// A token from this address, for this service.
    Bearer {
        /// The token service.
        realm: String,
        /// To be repeated to it.
        service: Option<String>,
    },
    /// A login.
    Login,
}

/// Registries whose token service is on another host.
const ELSEWHERE: &[(&str, &str)] = &[
    ("registry-1.docker.io", "auth.docker.io"),
    ("lscr.io", "ghcr.io"),
    ("registry.gitlab.com", "gitlab.com"),
];

/// Reads a `WWW-Authenticate` header; the first scheme that is known counts.
#[must_use]
pub fn parse_challenge(header: &str) -> Option<Challenge> {
    let header = header.trim();
    let (scheme, parameters) = header.split_once(' ').unwrap_or((header, ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Login);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let (mut realm, mut service) = (None, None);
    let mut rest = parameters;
    while let Some((name, value, further)) = parameter(rest) {
        match name.to_ascii_lowercase().as_str() {
            "realm" => realm = realm.or(Some(value)),
            "service" => service = service.or(Some(value)),
            _ => {}
        }
        rest = further;
    }
    let service = service.filter(|text| text.len() <= 255 && text.chars().all(|letter| !letter.is_control()));
    Some(Challenge::Bearer { realm: realm?, service })
}

/// `name="value"` or `name=value`, and what follows it.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let text = text.trim_start_matches([' ', ',', '\t']);
    let (name, rest) = text.split_once('=')?;
    let Some(quoted) = rest.strip_prefix('"') else {
        let (value, further) = rest.split_once(',').unwrap_or((rest, ""));
        return Some((name.trim(), value.trim().to_owned(), further));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((name.trim(), value, quoted.get(at + 1..)?)),
            '\\' => value.push(letters.next()?.1),
            _ => value.push(letter),
        }
    }
    None
}

/// The address to get a token from, if the registry may send us there.
///
/// The registry's own host, or the pairs that are known; over HTTPS, unless the registry itself is not.
#[must_use]
pub(super) fn token_url(
    image: &ImageName,
    registry: &Url,
    realm: &str,
    service: Option<&str>,
) -> Option<Url> {
    let mut url: Url = realm.parse().ok()?;
    let own_host = url.host() == registry.host();
    let known = ELSEWHERE.contains(&(image.registry_host(), url.host_str()?));
    let scheme =
        url.scheme() == "https" || (url.scheme() == "http" && registry.scheme() == "http" && own_host);
    let named = own_host || matches!(url.host(), Some(Host::Domain(_)));
    if !scheme || !named || !(own_host || known) || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    url.set_fragment(None);
    if let Some(service) = service {
        url.query_pairs_mut().append_pair("service", service);
    }
    url.query_pairs_mut().append_pair("scope", &format!("repository:{}:pull", image.path()));
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_realm_and_service_are_read() {
        let header =
            r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:o/n:pull,push""#;
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer { realm: realm.into(), service: service.map(str::to_owned) })
        };
        assert_eq!(parse_challenge(header), bearer("https://ghcr.io/token", Some("ghcr.io")));
        assert_eq!(parse_challenge("bearer scope=a, REALM=x"), bearer("x", None));
        assert_eq!(parse_challenge(r#"Bearer realm="a\"b""#), bearer("a\"b", None));
        assert_eq!(parse_challenge(r#"Basic realm="x""#), Some(Challenge::Login));
        for bad in
            ["", "Bearer", "Bearer service=x", r#"Bearer realm="x"#, "Digest realm=x", r#"Bearer realm="\"#]
        {
            assert_eq!(parse_challenge(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_token_services_that_belong_to_the_registry_are_asked() {
        let go = |image: &str, registry: &str, realm: &str| {
            token_url(&image.parse().unwrap(), &registry.parse().unwrap(), realm, Some("s")).map(String::from)
        };
        let ghcr = |realm: &str| go("ghcr.io/o/n", "https://ghcr.io", realm);
        assert_eq!(
            ghcr("https://ghcr.io/token").as_deref(),
            Some("https://ghcr.io/token?service=s&scope=repository%3Ao%2Fn%3Apull")
        );
        assert!(go("o/n", "https://registry-1.docker.io", "https://auth.docker.io/token").is_some());
        assert!(go("x.example/n", "http://127.0.0.1:5000", "http://127.0.0.1:5000/token").is_some());
        for bad in [
            "http://ghcr.io/token",
            "https://auth.docker.io/token",
            "https://169.254.169.254/",
            "http://127.0.0.1/",
            "file:///x",
            "https://u:p@ghcr.io/token",
            "/token",
            "",
        ] {
            assert_eq!(ghcr(bad), None, "{bad}");
        }
        assert_eq!(go("o/n", "https://registry-1.docker.io", "http://auth.docker.io/token"), None);
    }
}
