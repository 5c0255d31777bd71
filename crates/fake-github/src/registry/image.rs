//! An image: its tags, manifests and blobs.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::text::sha256_hex;

pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub(super) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";

/// Who may pull it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anyone, with a token that anyone gets.
    #[default]
    Public,
    /// Anyone, without a token.
    WithoutToken,
    /// Nobody gets a token.
    PrivateAtToken,
    /// Everybody gets a token, which then is not enough.
    PrivateAtManifest,
}

/// A manifest or index.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    pub(crate) media_type: &'static str,
    pub(crate) body: Bytes,
}

/// An image.
#[derive(Clone, Debug, Default)]
pub(crate) struct Image {
    pub(crate) access: Access,
    tags: BTreeMap<String, String>,
    manifests: HashMap<String, Manifest>,
    blobs: HashMap<String, Bytes>,
}

/// How a registry calls a media type: one of them, and several.
pub(super) fn words(media_type: &str) -> (&'static str, &'static str) {
    match media_type {
        OCI_INDEX => ("OCI index", "OCI indexes"),
        DOCKER_LIST => ("Manifest list", "manifest lists"),
        OCI_MANIFEST => ("OCI manifest", "OCI manifests"),
        _ => ("Schema 2 manifest", "schema 2 manifests"),
    }
}

impl Image {
    /// The manifest of a tag or digest, with its digest.
    pub(crate) fn manifest(&self, reference: &str) -> Option<(&str, &Manifest)> {
        let digest = self.tags.get(reference).map_or(reference, String::as_str);
        self.manifests.get_key_value(digest).map(|(digest, manifest)| (digest.as_str(), manifest))
    }

    pub(crate) fn blob(&self, digest: &str) -> Option<&Bytes> {
        self.blobs.get(digest)
    }

    pub(crate) fn tags(&self) -> Vec<&str> {
        self.tags.keys().map(String::as_str).collect()
    }

    pub(crate) fn digest_of(&self, tag: &str) -> Option<&str> {
        self.tags.get(tag).map(String::as_str)
    }

    pub(crate) fn remove(&mut self, tag: &str) {
        self.tags.remove(tag);
    }

    /// Points a tag at a list of these platforms, in the OCI or the Docker form.
    pub(crate) fn put_list(&mut self, tag: &str, platforms: &[&str], docker: bool, attested: bool) {
        let mut entries = Vec::new();
        for platform in platforms {
            let (digest, size) = self.put_manifest(tag, platform, docker);
            let media_type = if docker { DOCKER_MANIFEST } else { OCI_MANIFEST };
            entries.push(json!({ "mediaType": media_type, "digest": digest, "size": size,
                                 "platform": platform_object(platform) }));
            if attested {
                entries.push(attestation(&digest));
            }
        }
        let media_type = if docker { DOCKER_LIST } else { OCI_INDEX };
        let list = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": entries });
        let (digest, _) = self.store(media_type, &list);
        self.tags.insert(tag.to_owned(), digest);
    }

    /// Points a tag at one manifest, with a config blob for that platform.
    pub(crate) fn put_single(&mut self, tag: &str, platform: &str, docker: bool) {
        let (digest, _) = self.put_manifest(tag, platform, docker);
        self.tags.insert(tag.to_owned(), digest);
    }

    /// Points a tag at a body of one's own.
    pub(crate) fn put_raw(&mut self, tag: &str, media_type: &'static str, body: Bytes) {
        let digest = digest(&body);
        self.manifests.insert(digest.clone(), Manifest { media_type, body });
        self.tags.insert(tag.to_owned(), digest);
    }

    fn put_manifest(&mut self, tag: &str, platform: &str, docker: bool) -> (String, usize) {
        let config = Bytes::from(config(tag, platform).to_string());
        let config_digest = digest(&config);
        let config_size = config.len();
        self.blobs.insert(config_digest.clone(), config);
        let (media_type, config_type, layer_type) = if docker {
            (DOCKER_MANIFEST, DOCKER_CONFIG, "application/vnd.docker.image.rootfs.diff.tar.gzip")
        } else {
            (OCI_MANIFEST, OCI_CONFIG, "application/vnd.oci.image.layer.v1.tar+gzip")
        };
        let layer = Bytes::from(format!("a layer of {tag} for {platform}"));
        let layer_object = json!({ "mediaType": layer_type, "digest": digest(&layer), "size": layer.len() });
        self.blobs.insert(digest(&layer), layer);
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": { "mediaType": config_type, "digest": config_digest, "size": config_size },
            "layers": [layer_object],
        });
        self.store(media_type, &manifest)
    }

    fn store(&mut self, media_type: &'static str, manifest: &Value) -> (String, usize) {
        let body = Bytes::from(manifest.to_string());
        let digest = digest(&body);
        let size = body.len();
        self.manifests.insert(digest.clone(), Manifest { media_type, body });
        (digest, size)
    }
}

fn digest(body: &[u8]) -> String {
    format!("sha256:{}", sha256_hex(body))
}

/// `linux/arm64/v8` as an object.
fn platform_object(platform: &str) -> Value {
    let mut words = platform.splitn(3, '/');
    let (os, architecture) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match words.next() {
        Some(variant) => json!({ "architecture": architecture, "os": os, "variant": variant }),
        None => json!({ "architecture": architecture, "os": os }),
    }
}

fn config(tag: &str, platform: &str) -> Value {
    let mut config = platform_object(platform);
    config["created"] = json!("2026-01-20T08:00:00Z");
    config["config"] = json!({ "Env": ["PATH=/"], "Entrypoint": ["/app"],
                               "Labels": { "org.opencontainers.image.version": tag } });
    config["rootfs"] =
        json!({ "type": "layers", "diff_ids": [digest(format!("{tag} {platform}").as_bytes())] });
    config["history"] = json!([{ "created": "2026-01-20T08:00:00Z", "created_by": "COPY app /app" }]);
    config
}

/// The entry a builder adds for each platform.
fn attestation(of: &str) -> Value {
    json!({
        "mediaType": OCI_MANIFEST,
        "digest": digest(of.as_bytes()),
        "size": 566,
        "annotations": { "vnd.docker.reference.digest": of, "vnd.docker.reference.type": "attestation-manifest" },
        "platform": { "architecture": "unknown", "os": "unknown" },
    })
}
