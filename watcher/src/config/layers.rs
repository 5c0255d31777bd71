//! Where settings come from: flags, environment, file; looked up in that order.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use config::{Environment, File, FileFormat, Value, ValueKind};

use super::mistakes::Mistakes;
use super::variables::{self, CONFIG_FILE, PREFIX};

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
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { flags, environment: std::env::vars_os().filter_map(text).collect() }
    }
}

/// A setting and the name under which the person set it.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) value: String,
    pub(super) name: String,
}

/// The settings by layer, strongest first.
pub(super) struct Layers {
    layers: Vec<(Naming, HashMap<String, String>)>,
    /// `[[target]]` tables of the file.
    pub(super) targets: Vec<HashMap<String, String>>,
    /// Variables that look like ours and are not.
    pub(super) strangers: Vec<String>,
}

#[derive(Clone, Copy)]
enum Naming {
    Flag,
    Environment,
    File,
}

impl Layers {
    pub(super) fn gather(sources: &Sources, mistakes: &mut Mistakes) -> Self {
        let flags = sources.flags.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let layers = vec![(Naming::Flag, flags), (Naming::Environment, environment(sources, mistakes))];
        let mut layers = Self { layers, targets: Vec::new(), strangers: strangers(sources) };
        if let Some(named) = layers.get(CONFIG_FILE, mistakes) {
            let (file, targets) = file(&named, mistakes);
            layers.layers.push((Naming::File, file));
            layers.targets = targets;
        }
        layers
    }

    /// The strongest setting of `key`; an empty text counts as not set. A secret may come from a file.
    pub(super) fn get(&self, key: &str, mistakes: &mut Mistakes) -> Option<Setting> {
        let secret = variables::find(key).is_some_and(|variable| variable.secret);
        for (naming, layer) in &self.layers {
            let direct = layer.get(key).filter(|value| !value.trim().is_empty());
            let file_key = format!("{key}_FILE");
            let from_file = layer.get(&file_key).filter(|value| secret && !value.trim().is_empty());
            match (direct, from_file) {
                (Some(_), Some(_)) => {
                    let rule = format!("set this or {}, not both", naming.name(&file_key));
                    mistakes.add(naming.name(key), rule);
                    return None;
                }
                (Some(value), None) => {
                    return Some(Setting { value: value.trim().into(), name: naming.name(key) });
                }
                (None, Some(path)) => return read_secret(path, naming.name(&file_key), mistakes),
                (None, None) => {}
            }
        }
        None
    }
}

impl Layers {
    /// Whether a flag or the environment sets `key`, which beats the whole file.
    pub(super) fn is_set_above_the_file(&self, key: &str) -> bool {
        self.is_set(key, |naming| !matches!(naming, Naming::File))
    }

    /// Whether the file sets `key` for all of it.
    pub(super) fn is_set_in_the_file(&self, key: &str) -> bool {
        self.is_set(key, |naming| matches!(naming, Naming::File))
    }

    fn is_set(&self, key: &str, counts: impl Fn(Naming) -> bool) -> bool {
        let sets =
            |layer: &HashMap<String, String>| layer.get(key).is_some_and(|value| !value.trim().is_empty());
        self.layers.iter().any(|(naming, layer)| counts(*naming) && sets(layer))
    }
}

impl Naming {
    fn name(self, key: &str) -> String {
        match self {
            Self::Flag => format!("--{}", key.to_ascii_lowercase().replace('_', "-")),
            Self::Environment => format!("{PREFIX}{key}"),
            Self::File => key.to_ascii_lowercase(),
        }
    }
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

fn environment(sources: &Sources, mistakes: &mut Mistakes) -> HashMap<String, String> {
    let ours = sources.environment.iter().filter(|(name, _)| name.starts_with(PREFIX));
    let ours: HashMap<String, String> = ours.map(|(name, value)| (name.clone(), value.clone())).collect();
    let source = Environment::with_prefix("SIDEWATCH").prefix_separator("_").source(Some(ours));
    match config::Config::builder().add_source(source).build().and_then(config::Config::try_deserialize) {
        Ok(values) => upper(values),
        Err(error) => {
            mistakes.add("environment", error.to_string());
            HashMap::new()
        }
    }
}

/// A misspelt name must be noticed; other programs' variables must not stop this one.
fn strangers(sources: &Sources) -> Vec<String> {
    let is_strange = |name: &&String| name.strip_prefix(PREFIX).is_some_and(|key| !variables::is_known(key));
    let mut names: Vec<String> = sources.environment.keys().filter(is_strange).cloned().collect();
    names.sort();
    names
}

fn upper(values: HashMap<String, String>) -> HashMap<String, String> {
    values.into_iter().map(|(key, value)| (key.to_ascii_uppercase(), value)).collect()
}

type FileContents = (HashMap<String, String>, Vec<HashMap<String, String>>);

fn file(named: &Setting, mistakes: &mut Mistakes) -> FileContents {
    let name = named.value.as_str();
    let source = File::from(Path::new(name)).format(FileFormat::Toml).required(true);
    let read = config::Config::builder().add_source(source).build();
    let values: HashMap<String, Value> = match read.and_then(config::Config::try_deserialize) {
        Ok(values) => values,
        Err(error) => {
            mistakes.add(named.name.clone(), format!("cannot use the file {name}: {error}"));
            return FileContents::default();
        }
    };
    let mut top = HashMap::new();
    let mut targets = Vec::new();
    for (key, value) in values {
        if key == "target" {
            targets = target_tables(value, name, mistakes);
        } else if let Some(value) = scalar(&key, value, name, false, mistakes) {
            top.insert(key.to_ascii_uppercase(), value);
        }
    }
    (top, targets)
}

fn target_tables(value: Value, name: &str, mistakes: &mut Mistakes) -> Vec<HashMap<String, String>> {
    let Ok(tables) = value.into_array() else {
        mistakes.add("target", format!("in {name}, write targets as [[target]] tables"));
        return Vec::new();
    };
    let mut targets = Vec::new();
    for table in tables {
        let Ok(table) = table.into_table() else {
            mistakes.add("target", format!("in {name}, write targets as [[target]] tables"));
            continue;
        };
        let entries = table.into_iter().filter_map(|(key, value)| {
            scalar(&key, value, name, true, mistakes).map(|value| (key.to_ascii_uppercase(), value))
        });
        targets.push(entries.collect());
    }
    targets
}

fn scalar(key: &str, value: Value, file: &str, in_target: bool, mistakes: &mut Mistakes) -> Option<String> {
    let upper = key.to_ascii_uppercase();
    let known = if in_target {
        variables::find(&upper).is_some_and(|variable| variable.per_target)
    } else {
        variables::is_known(&upper)
    };
    if !known {
        let place = if in_target { " in a [[target]]" } else { "" };
        mistakes.add(key, format!("no such key{place} ({file}); see .env.example for the ones there are"));
        return None;
    }
    if matches!(value.kind, ValueKind::Float(_)) {
        // As a number, 1.10 is 1.1.
        mistakes.add(
            key,
            format!("is a number with a point, which loses its zeros; write it in quotes ({file})"),
        );
        return None;
    }
    value.into_string().map_err(|_| mistakes.add(key, format!("must be a single value ({file})"))).ok()
}
