//! The layer of the environment.

use std::collections::HashMap;

use config::{Config, Environment};

use super::layers::{Sources, Values, upper};
use super::mistakes::Mistakes;
use super::table::Table;

/// What the environment sets, by key.
pub(super) fn read(table: &Table, sources: &Sources, mistakes: &mut Mistakes) -> Values {
    let is_ours = |name: &str| match table.prefix {
        // Everybody's names: only those that are meant are looked at.
        "" => table.is_known(name),
        prefix => name.starts_with(prefix),
    };
    let ours = sources.environment.iter().filter(|(name, _)| is_ours(name));
    let ours: HashMap<String, String> = ours.map(|(name, value)| (name.clone(), value.clone())).collect();
    let source = match table.prefix.strip_suffix('_') {
        Some(prefix) => Environment::with_prefix(prefix).prefix_separator("_"),
        None => Environment::default(),
    };
    let read = Config::builder().add_source(source.source(Some(ours))).build();
    match read.and_then(Config::try_deserialize) {
        Ok(values) => upper(values),
        Err(error) => {
            mistakes.add("environment", error.to_string());
            Values::new()
        }
    }
}

/// Variables that look like ours and are not. A misspelt name must be noticed; other programs' variables must not
/// stop this one.
pub(super) fn strangers(table: &Table, sources: &Sources) -> Vec<String> {
    if table.prefix.is_empty() {
        return Vec::new();
    }
    let is_strange = |name: &&String| name.strip_prefix(table.prefix).is_some_and(|key| !table.is_known(key));
    let mut names: Vec<String> = sources.environment.keys().filter(is_strange).cloned().collect();
    names.sort();
    names
}
