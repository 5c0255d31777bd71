//! Reads settings one by one and gathers what is wrong with them.

use std::collections::HashMap;

use secrecy::SecretString;

use super::layers::{Layers, Setting, Sources};
use super::mistakes::Mistakes;
use super::parse;
use super::table::Table;
use crate::telemetry::Log;

/// Reads settings one by one, gathering mistakes.
pub struct Reader {
    layers: Layers,
    mistakes: Mistakes,
}

impl Reader {
    /// Looks into all sources.
    #[must_use]
    pub fn gather(table: &'static Table, sources: &Sources) -> Self {
        let mut mistakes = Mistakes::default();
        let layers = Layers::gather(table, sources, &mut mistakes);
        Self { layers, mistakes }
    }

    /// The same for who only wants one setting: what is wrong with a source as a whole is not told.
    #[must_use]
    pub fn gather_leniently(table: &'static Table, sources: &Sources) -> Self {
        let layers = Layers::gather(table, sources, &mut Mistakes::default());
        Self { layers, mistakes: Mistakes::default() }
    }

    /// The setting of `key`, else its default, through `parse`; a mistake is noted and gives `None`.
    pub fn value<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let setting = self.setting(key).or_else(|| self.default(key))?;
        self.parsed(&setting, parse)
    }

    /// The same for a secret, which is checked and kept as it is.
    pub fn secret(&mut self, key: &str, check: impl Fn(&str) -> Result<(), String>) -> Option<SecretString> {
        self.value(key, |text| check(text).map(|()| SecretString::from(text)))
    }

    /// What somebody set for `key`, not yet parsed.
    pub fn setting(&mut self, key: &str) -> Option<Setting> {
        self.layers.get(key, &mut self.mistakes)
    }

    /// The default of `key`, not yet parsed.
    #[must_use]
    pub fn default(&self, key: &str) -> Option<Setting> {
        self.layers.default(key)
    }

    /// A setting through `parse`; a mistake is noted and gives `None`.
    pub fn parsed<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        parse(&setting.value).map_err(|rule| self.mistakes.add(setting.name.clone(), rule)).ok()
    }

    /// `LOG` and `LOG_FORMAT`; a mistake in the filter is told with `module` as the example.
    pub fn log(&mut self, module: &str) -> Log {
        let filter = self.value("LOG", |text| parse::log_filter(text, module));
        let json = self.value("LOG_FORMAT", parse::log_format);
        Log { filter: filter.unwrap_or_default(), json: json.unwrap_or_default() }
    }

    /// Notes what is wrong with several settings together.
    pub fn mistake(&mut self, variable: impl Into<String>, rule: impl Into<String>) {
        self.mistakes.add(variable, rule);
    }

    /// Whether a flag or the environment sets `key`, which beats the whole file.
    #[must_use]
    pub fn is_set_above_the_file(&self, key: &str) -> bool {
        self.layers.is_set_above_the_file(key)
    }

    /// Whether the file sets `key` for all of it.
    #[must_use]
    pub fn is_set_in_the_file(&self, key: &str) -> bool {
        self.layers.is_set_in_the_file(key)
    }

    /// The tables of the file's list, each by key.
    pub fn take_list(&mut self) -> Vec<HashMap<String, String>> {
        std::mem::take(&mut self.layers.list)
    }

    /// Variables in the environment that begin like ours and are none: misspelt, or of a newer version.
    pub fn take_strangers(&mut self) -> Vec<String> {
        std::mem::take(&mut self.layers.strangers)
    }

    /// What was read, if nothing is wrong.
    ///
    /// # Errors
    /// All mistakes that were noted.
    pub fn finish<T>(self, read: T) -> Result<T, Mistakes> {
        if self.mistakes.is_empty() { Ok(read) } else { Err(self.mistakes) }
    }
}
