//! `config.toml`.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What may stand in it. A misspelt key is an error, not a setting that silently does nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) url: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) api_key_file: Option<PathBuf>,
    pub(super) device: Option<String>,
    pub(super) disable_update_check: Option<bool>,
}

impl File {
    /// Its content, or none if there is no such file.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, String> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("cannot be read: {error}")),
        };
        // The library's message would quote the line, which may hold the key.
        toml::from_str(&text).map(Some).map_err(|error: toml::de::Error| {
            let line =
                error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
            format!("line {line}: {}", error.message())
        })
    }
}
