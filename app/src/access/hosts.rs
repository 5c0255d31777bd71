//! Under which names this server answers.
//!
//! A page on the internet can give its own name our address (DNS rebinding) and then read us as its own origin. Names
//! without a dot, addresses and `.local`/`.internal`/`.localhost` cannot be such a page; every other name must be
//! configured.

use std::net::IpAddr;

/// Names that no page on the internet has.
const PRIVATE_SUFFIXES: [&str; 6] = [".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test"];

/// The names that are answered to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// `*`: any.
    pub any: bool,
    /// In lower case, without a port.
    pub names: Vec<String>,
}

impl Hosts {
    /// Reads `ALLOWED_HOSTS`: names with commas between, or `*`.
    ///
    /// # Errors
    /// Says what is wrong with a name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut hosts = Self::default();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
            match name {
                "*" => hosts.any = true,
                _ if is_name => hosts.names.push(name.to_ascii_lowercase()),
                _ => return Err("must be host names with commas between (no scheme, no port), or `*`".into()),
            }
        }
        Ok(hosts)
    }

    /// Whether to answer a request with this `Host` header.
    #[must_use]
    pub fn allow(&self, host: &str) -> bool {
        let Some(name) = without_port(host) else { return false };
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        self.any
            || bare.parse::<IpAddr>().is_ok()
            || (!name.is_empty() && !name.contains('.'))
            || PRIVATE_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
            || self.names.contains(&name)
    }
}

fn without_port(host: &str) -> Option<&str> {
    let end = if host.starts_with('[') { host.find(']')? + 1 } else { host.find(':').unwrap_or(host.len()) };
    let (name, port) = host.split_at(end);
    let fits = port.is_empty() || port.strip_prefix(':')?.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_internet_must_be_configured() {
        let hosts = Hosts::parse("agent.example.org, Other.example.org").unwrap();
        for allowed in [
            "localhost:5100",
            "127.0.0.1:5100",
            "[::1]:5100",
            "[fe80::1]",
            "app:5100",
            "nas",
            "nas.local",
            "x.railway.internal",
            "agent.example.org",
            "AGENT.example.org:443",
            "other.example.org.",
        ] {
            assert!(hosts.allow(allowed), "{allowed}");
        }
        for refused in
            ["evil.example", "agent.example.org.evil.example", "", "[::1", "a:b", "127.0.0.1.evil.example"]
        {
            assert!(!hosts.allow(refused), "{refused}");
        }
        assert!(Hosts::parse("*").unwrap().allow("evil.example"));
        assert!(Hosts::parse("https://x").is_err());
    }
}
