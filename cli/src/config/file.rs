//! `config.toml`.

use std::io;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// What may stand in it. A misspelt key is a mistake, not a setting that silently does nothing.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) url: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) api_key_file: Option<PathBuf>,
    pub(super) device: Option<String>,
    pub(super) disable_update_check: Option<bool>,
}

impl File {
    /// Its content, or none if there is no such file; everything that is wrong with it otherwise.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Vec<String>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(vec![format!("cannot be read: {error}")]),
        };
        // The library's own text would quote the line, which may hold the key.
        let table: Table = toml::from_str(&text).map_err(|error: toml::de::Error| {
            let line =
                error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
            vec![format!("line {line}: {}", error.message())]
        })?;
        let (mut file, mut mistakes) = (Self::default(), Vec::new());
        for (key, value) in table {
            mistakes.extend(file.set(&key, value).err());
        }
        if mistakes.is_empty() { Ok(Some(file)) } else { Err(mistakes) }
    }

    fn set(&mut self, key: &str, value: Value) -> Result<(), String> {
        match (key, value) {
            ("url", Value::String(text)) => self.url = Some(text),
            ("api_key", Value::String(text)) => self.api_key = Some(text),
            ("api_key_file", Value::String(text)) => self.api_key_file = Some(text.into()),
            ("device", Value::String(text)) => self.device = Some(text),
            ("disable_update_check", Value::Boolean(flag)) => self.disable_update_check = Some(flag),
            ("disable_update_check", _) => {
                return Err(format!("{key}: must be true or false, without quotes"));
            }
            ("url" | "api_key" | "api_key_file" | "device", _) => {
                return Err(format!("{key}: must be a text in quotes"));
            }
            _ => {
                let known: Vec<&str> = super::SETTINGS.iter().map(|(_, key)| *key).collect();
                let key = contract::terminal::one_line(key, 60);
                return Err(format!("{key}: is no setting; there are {}", known.join(", ")));
            }
        }
        Ok(())
    }
}
