//! Names of images, as in a compose file; validated before they reach a URL.

use std::fmt;
use std::str::FromStr;

/// An image without its tag: registry and path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageName {
    registry: String,
    path: String,
}

/// Not the name of an image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an image: write REGISTRY/OWNER/NAME in lower case, without a tag or digest (the version is the tag)"
)]
pub struct NotAnImage;

const DOCKER_HUB: &str = "docker.io";

impl ImageName {
    /// The registry, as people write it (`ghcr.io`, `docker.io`).
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path on the registry (`owner/name`).
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The host that speaks the registry's protocol.
    #[must_use]
    pub fn registry_host(&self) -> &str {
        if self.registry == DOCKER_HUB { "registry-1.docker.io" } else { &self.registry }
    }
}

impl FromStr for ImageName {
    type Err = NotAnImage;

    /// A tag is dropped; a digest, which pins what must move, is refused.
    fn from_str(text: &str) -> Result<Self, NotAnImage> {
        let text = text.trim();
        let (first, rest) = text.split_once('/').unwrap_or(("", text));
        let is_host = first.contains(['.', ':']) || first == "localhost";
        let (registry, path) = if is_host { (first, rest) } else { (DOCKER_HUB, text) };
        let (path, tag) = path.split_once(':').map_or((path, None), |(path, tag)| (path, Some(tag)));
        let registry = match registry {
            "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" => DOCKER_HUB,
            other => other,
        };
        let official = registry == DOCKER_HUB && !path.contains('/');
        let path = if official { format!("library/{path}") } else { path.to_owned() };
        let valid = is_host_name(registry)
            && path.len() <= 255
            && path.split('/').all(is_component)
            && tag.is_none_or(is_tag);
        if valid { Ok(Self { registry: registry.to_owned(), path }) } else { Err(NotAnImage) }
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.registry, self.path)
    }
}

/// Host, and a port perhaps.
fn is_host_name(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    host.len() <= 253
        && host.split('.').all(label)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Lower-case words, joined by single dots, one or two underscores, or hyphens.
fn is_component(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().copied().is_some_and(word)
        && bytes.last().copied().is_some_and(word)
        && bytes.iter().all(|byte| word(*byte) || b"._-".contains(byte))
        && !text.contains("..")
        && !text.contains("___")
}

/// What a registry accepts as a tag.
#[must_use]
pub(super) fn is_tag(text: &str) -> bool {
    text.len() <= 128
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<String> {
        text.parse::<ImageName>().ok().map(|image| image.to_string())
    }

    #[test]
    fn names_are_completed_as_docker_does() {
        for (text, full) in [
            ("nginx", "docker.io/library/nginx"),
            ("octo/app", "docker.io/octo/app"),
            ("docker.io/library/x", "docker.io/library/x"),
            ("index.docker.io/x", "docker.io/library/x"),
            ("ghcr.io/octo/app", "ghcr.io/octo/app"),
            ("ghcr.io/octo/app:latest", "ghcr.io/octo/app"),
            ("localhost:5000/app", "localhost:5000/app"),
            ("registry.gitlab.com/a/b/c_d/e__f/g-h.i", "registry.gitlab.com/a/b/c_d/e__f/g-h.i"),
        ] {
            assert_eq!(name(text).as_deref(), Some(full));
        }
        assert_eq!("nginx".parse::<ImageName>().unwrap().registry_host(), "registry-1.docker.io");
    }

    #[test]
    fn anything_else_is_no_image() {
        for bad in [
            "",
            "/",
            "ghcr.io/",
            "ghcr.io/Octo/app",
            "ghcr.io/octo/../x",
            "ghcr.io//app",
            "ghcr.io/octo/app@sha256:00",
            "ghcr.io/octo/app:la test",
            "user@ghcr.io/octo/app",
            "ghcr.io:99999/octo/app",
            "https://ghcr.io/octo/app",
            "a b",
            "-x",
            "x\ny",
        ] {
            assert_eq!(name(bad), None, "{bad}");
        }
    }
}
