//! Where settings come from: flags, environment, file; looked up in that order.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;

use super::mistakes::Mistakes;
use super::table::Table;
use super::{environment, file};

/// Where settings come from. The environment is an argument, so that tests never set it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// From the command line, by key (`REPO`).
    pub flags: BTreeMap<&'static str, String>,
    /// The environment, by full name.
    pub environment: HashMap<String, String>,
}

impl Sources {
    /// The environment of this process.
    #[must_use]
    pub fn from_process(flags: BTreeMap<&'static str, String>) -> Self {
        let text =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        Self { flags, environment: std::env::vars_os().filter_map(text).collect() }
    }
}

/// A setting and the name under which the person set it.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What is set, without the spaces around it.
    pub value: String,
    /// The name of the flag, the variable or the key.
    pub name: String,
}

/// Settings by key.
pub(super) type Values = HashMap<String, String>;

/// The settings by layer, strongest first.
pub(super) struct Layers {
    table: &'static Table,
    layers: Vec<(Naming, Values)>,
    /// The tables of the file's list.
    pub(super) list: Vec<Values>,
    /// Variables that look like ours and are not.
    pub(super) strangers: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    Flag,
    Environment,
    File,
}

impl Layers {
    pub(super) fn gather(table: &'static Table, sources: &Sources, mistakes: &mut Mistakes) -> Self {
        let flags = sources.flags.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let environment = environment::read(table, sources, mistakes);
        let layers = vec![(Naming::Flag, flags), (Naming::Environment, environment)];
        let strangers = environment::strangers(table, sources);
        let mut layers = Self { table, layers, list: Vec::new(), strangers };
        if let Some(named) = table.file.and_then(|key| layers.get(key, mistakes)) {
            let contents = file::read(table, &named, mistakes);
            layers.layers.push((Naming::File, contents.top));
            layers.list = contents.list;
        }
        layers
    }

    /// The strongest setting of `key`; an empty text counts as not set. A secret may come from a file.
    pub(super) fn get(&self, key: &str, mistakes: &mut Mistakes) -> Option<Setting> {
        let secret = self.table.find(key).is_some_and(|variable| variable.secret);
        for (naming, layer) in &self.layers {
            let direct = layer.get(key).filter(|value| !value.trim().is_empty());
            let file_key = format!("{key}_FILE");
            let from_file = layer.get(&file_key).filter(|value| secret && !value.trim().is_empty());
            match (direct, from_file) {
                (Some(_), Some(_)) => {
                    let rule = format!("set this or {}, not both", self.name(*naming, &file_key));
                    mistakes.add(self.name(*naming, key), rule);
                    return None;
                }
                (Some(value), None) => {
                    return Some(Setting { value: value.trim().into(), name: self.name(*naming, key) });
                }
                (None, Some(path)) => {
                    return read_secret(path, self.name(*naming, &file_key), mistakes);
                }
                (None, None) => {}
            }
        }
        None
    }

    /// The default of `key`, where it has one.
    pub(super) fn default(&self, key: &str) -> Option<Setting> {
        let variable = self.table.find(key).filter(|variable| !variable.default.is_empty())?;
        Some(Setting { value: variable.default.into(), name: self.table.name(key) })
    }

    /// Whether a flag or the environment sets `key`, which beats the whole file.
    pub(super) fn is_set_above_the_file(&self, key: &str) -> bool {
        self.is_set(key, |naming| naming != Naming::File)
    }

    /// Whether the file sets `key` for all of it.
    pub(super) fn is_set_in_the_file(&self, key: &str) -> bool {
        self.is_set(key, |naming| naming == Naming::File)
    }

    fn is_set(&self, key: &str, counts: impl Fn(Naming) -> bool) -> bool {
        let sets = |layer: &Values| layer.get(key).is_some_and(|value| !value.trim().is_empty());
        self.layers.iter().any(|(naming, layer)| counts(*naming) && sets(layer))
    }

    fn name(&self, naming: Naming, key: &str) -> String {
        match naming {
            Naming::Flag => format!("--{}", key.to_ascii_lowercase().replace('_', "-")),
            Naming::Environment => self.table.name(key),
            Naming::File => key.to_ascii_lowercase(),
        }
    }
}

pub(super) fn upper(values: Values) -> Values {
    values.into_iter().map(|(key, value)| (key.to_ascii_uppercase(), value)).collect()
}

fn read_secret(path: &str, name: String, mistakes: &mut Mistakes) -> Option<Setting> {
    match std::fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => Some(Setting { value: text.trim().into(), name }),
        Ok(_) => {
            mistakes.add(name, format!("the file {path} is empty; write the secret into it"));
            None
        }
        Err(error) => {
            mistakes.add(name, format!("cannot read the file {path}: {error}"));
            None
        }
    }
}
