//! The web components, joined at build time: one module, and one file of words for each language but English.

use std::io::Read;
use std::sync::LazyLock;

use actix_web::http::header::HeaderValue;
use flate2::read::GzDecoder;

use crate::watched::etag;

/// A file as it is kept: compressed.
pub struct Asset {
    /// The bytes.
    pub gzip: &'static [u8],
    /// Of the compressed bytes.
    pub etag: HeaderValue,
}

const LANGUAGES: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/languages.rs"));

static MODULE: LazyLock<Asset> =
    LazyLock::new(|| Asset::of(include_bytes!(concat!(env!("OUT_DIR"), "/update-banner.js.gz"))));

/// The module that defines both elements.
#[must_use]
pub fn module() -> &'static Asset {
    &MODULE
}

/// The words of a language, as one JSON object; `None` for one that there is not. English is part of the module.
#[must_use]
pub fn words(language: &str) -> Option<Asset> {
    LANGUAGES.iter().find(|(code, _)| *code == language).map(|(_, gzip)| Asset::of(gzip))
}

/// The languages that have a file of words.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|(code, _)| *code)
}

impl Asset {
    fn of(gzip: &'static [u8]) -> Self {
        Self { gzip, etag: etag(gzip) }
    }

    /// As text, for the few who take nothing compressed.
    ///
    /// # Errors
    /// Never: what the build compressed can be read.
    pub fn text(&self) -> std::io::Result<String> {
        let mut text = String::new();
        GzDecoder::new(self.gzip).read_to_string(&mut text)?;
        Ok(text)
    }
}
