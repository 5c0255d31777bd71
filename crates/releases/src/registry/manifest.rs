//! Reading manifests: an index, a single image, and the configuration that tells its platform.

use serde::Deserialize;

use super::Platform;
use crate::json::{self, Items, Loose, Maybe};

/// What a tag names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manifest {
    /// One image for each of these platforms; attestations are left out.
    Index(Vec<Platform>),
    /// One image; its configuration tells its platform.
    Single {
        /// Digest of the configuration blob.
        config: String,
    },
    /// One image of the old kind, which tells its platform itself.
    Old(Platform),
}

/// Not a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, or not an object.
    #[error("the manifest is not a JSON object")]
    NotJson,
    /// Neither index nor image.
    #[error("the manifest lists neither images nor a configuration")]
    NotAnImage,
    /// The image's configuration lacks its platform.
    #[error("the image's configuration names no platform")]
    NoPlatform,
}

#[derive(Deserialize)]
struct RawManifest {
    manifests: Option<Items<RawEntry>>,
    #[serde(default)]
    config: Maybe<RawConfig>,
    #[serde(default)]
    architecture: Loose,
}

#[derive(Deserialize)]
struct RawEntry {
    #[serde(default)]
    platform: Maybe<RawPlatform>,
}

#[derive(Deserialize)]
struct RawConfig {
    #[serde(default)]
    digest: Loose,
}

#[derive(Deserialize)]
struct RawPlatform {
    #[serde(default)]
    os: Loose,
    #[serde(default)]
    architecture: Loose,
    #[serde(default)]
    variant: Loose,
}

/// Reads what `GET /v2/{name}/manifests/{tag}` answers.
///
/// # Errors
/// [`ManifestError`] if it is none.
pub fn parse_manifest(body: &[u8]) -> Result<Manifest, ManifestError> {
    let raw: RawManifest = json::object(body).map_err(|_| ManifestError::NotJson)?;
    if let Some(entries) = raw.manifests {
        let platforms = entries.0.into_iter().filter_map(|entry| platform(&entry.platform.0?));
        return Ok(Manifest::Index(platforms.filter(|platform| !platform.is_unknown()).collect()));
    }
    if let Some(config) = raw.config.0 {
        let digest = config.digest.text().filter(|digest| is_digest(digest));
        return digest.map(|config| Manifest::Single { config }).ok_or(ManifestError::NotAnImage);
    }
    match raw.architecture.as_text() {
        Some(architecture) => {
            format!("linux/{architecture}").parse().map(Manifest::Old).map_err(|_| ManifestError::NotAnImage)
        }
        None => Err(ManifestError::NotAnImage),
    }
}

/// Reads an image's configuration blob.
///
/// # Errors
/// [`ManifestError`] if it names no platform.
pub fn parse_config_platform(body: &[u8]) -> Result<Platform, ManifestError> {
    let raw: RawPlatform = json::object(body).map_err(|_| ManifestError::NotJson)?;
    platform(&raw).ok_or(ManifestError::NoPlatform)
}

fn platform(raw: &RawPlatform) -> Option<Platform> {
    let (os, architecture) = (raw.os.as_text()?, raw.architecture.as_text()?);
    let variant = raw.variant.as_text().unwrap_or_default();
    let text = if variant.is_empty() {
        format!("{os}/{architecture}")
    } else {
        format!("{os}/{architecture}/{variant}")
    };
    text.parse().ok()
}

/// A digest as registries write it.
pub(super) fn is_digest(text: &str) -> bool {
    let Some((kind, hex)) = text.split_once(':') else { return false };
    let length = match kind {
        "sha256" => 64,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(body: &str) -> Vec<String> {
        match parse_manifest(body.as_bytes()) {
            Ok(Manifest::Index(platforms)) => platforms.iter().map(ToString::to_string).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_index_lists_platforms_without_attestations() {
        let body = r#"{"schemaVersion":2,"manifests":[
            {"platform":{"os":"linux","architecture":"amd64"}},
            {"platform":{"os":"linux","architecture":"arm64","variant":"v8"}},
            {"platform":{"os":"unknown","architecture":"unknown"}},
            {"digest":"sha256:00"}, {"platform":{"os":"lin ux","architecture":"x"}}, null]}"#;
        assert_eq!(index(body), ["linux/amd64", "linux/arm64"]);
        assert!(index(r#"{"manifests":[]}"#).is_empty());
    }

    #[test]
    fn a_single_image_names_its_configuration() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let body = format!(r#"{{"config":{{"digest":"{digest}"}},"layers":[]}}"#);
        assert_eq!(parse_manifest(body.as_bytes()), Ok(Manifest::Single { config: digest }));
        let config = parse_config_platform(br#"{"os":"linux","architecture":"arm","variant":"v6"}"#);
        assert_eq!(config.unwrap().to_string(), "linux/arm/v6");
        assert!(matches!(
            parse_manifest(br#"{"schemaVersion":1,"architecture":"amd64"}"#),
            Ok(Manifest::Old(_))
        ));
    }

    #[test]
    fn what_is_no_manifest_is_told() {
        assert_eq!(parse_manifest(b"<html>"), Err(ManifestError::NotJson));
        assert_eq!(parse_manifest(b"{}"), Err(ManifestError::NotAnImage));
        assert_eq!(
            parse_manifest(br#"{"config":{"digest":"sha256:../../x"}}"#),
            Err(ManifestError::NotAnImage)
        );
        assert_eq!(parse_config_platform(b"{}"), Err(ManifestError::NoPlatform));
    }
}
