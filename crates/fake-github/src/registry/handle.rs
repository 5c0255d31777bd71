//! What a test does with one image.

use std::sync::Arc;

use bytes::Bytes;

use super::image::{Access, Image, OCI_INDEX};
use crate::shared::Shared;

/// One image; every method takes effect at once.
#[derive(Clone)]
pub struct ImageHandle {
    shared: Arc<Shared>,
    name: String,
}

impl ImageHandle {
    pub(crate) fn open(shared: Arc<Shared>, name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        shared.world().image_mut(&name);
        Self { shared, name }
    }

    fn change(&self, change: impl FnOnce(&mut Image)) -> &Self {
        change(self.shared.world().image_mut(&self.name));
        self
    }

    /// An OCI index of these platforms (`linux/amd64`, `linux/arm64/v8`), each with the `unknown/unknown` attestation
    /// entry that builders add.
    pub fn index(&self, tag: &str, platforms: &[&str]) -> &Self {
        self.change(|image| image.put_list(tag, platforms, false, true))
    }

    /// A Docker manifest list of these platforms.
    pub fn docker_list(&self, tag: &str, platforms: &[&str]) -> &Self {
        self.change(|image| image.put_list(tag, platforms, true, false))
    }

    /// An OCI index with no entries.
    pub fn empty_index(&self, tag: &str) -> &Self {
        self.change(|image| image.put_list(tag, &[], false, false))
    }

    /// One OCI manifest; its platform stands only in its config blob.
    pub fn single(&self, tag: &str, platform: &str) -> &Self {
        self.change(|image| image.put_single(tag, platform, false))
    }

    /// One Docker (schema 2) manifest; its platform stands only in its config blob.
    pub fn docker_single(&self, tag: &str, platform: &str) -> &Self {
        self.change(|image| image.put_single(tag, platform, true))
    }

    /// This body, called an OCI index, whatever it is.
    pub fn raw_index(&self, tag: &str, body: &str) -> &Self {
        let body = Bytes::copy_from_slice(body.as_bytes());
        self.change(|image| image.put_raw(tag, OCI_INDEX, body))
    }

    /// Takes a tag away.
    pub fn remove(&self, tag: &str) -> &Self {
        self.change(|image| image.remove(tag))
    }

    /// The digest a tag points at.
    #[must_use]
    pub fn digest(&self, tag: &str) -> Option<String> {
        self.shared.world().image_mut(&self.name).digest_of(tag).map(str::to_owned)
    }

    /// Private: the token service answers 401.
    pub fn private_at_token(&self) -> &Self {
        self.change(|image| image.access = Access::PrivateAtToken)
    }

    /// Private: anyone gets a token, and 403 for it at the manifest.
    pub fn private_at_manifest(&self) -> &Self {
        self.change(|image| image.access = Access::PrivateAtManifest)
    }

    /// Public: anyone gets a token, and with it the image (the default).
    pub fn public(&self) -> &Self {
        self.change(|image| image.access = Access::Public)
    }

    /// Public without any token, as in a plain local registry.
    pub fn without_token(&self) -> &Self {
        self.change(|image| image.access = Access::WithoutToken)
    }
}
