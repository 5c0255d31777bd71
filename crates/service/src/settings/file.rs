//! The layer of the TOML file, and its list of tables.

use std::collections::HashMap;
use std::path::Path;

use config::{Config, File, FileFormat, Value, ValueKind};

use super::layers::{Setting, Values};
use super::mistakes::Mistakes;
use super::table::Table;

/// What the file holds.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) top: Values,
    pub(super) list: Vec<Values>,
}

/// Reads the file that `named` names.
pub(super) fn read(table: &Table, named: &Setting, mistakes: &mut Mistakes) -> Contents {
    let name = named.value.as_str();
    let source = File::from(Path::new(name)).format(FileFormat::Toml).required(true);
    let read = Config::builder().add_source(source).build();
    let values: HashMap<String, Value> = match read.and_then(Config::try_deserialize) {
        Ok(values) => values,
        Err(error) => {
            mistakes.add(named.name.clone(), format!("cannot use the file {name}: {error}"));
            return Contents::default();
        }
    };
    let mut contents = Contents::default();
    let mut scalars = Scalars { table, file: name, mistakes };
    for (key, value) in values {
        match table.list.filter(|list| key == *list) {
            Some(list) => contents.list = scalars.list(list, value),
            None => contents.top.extend(scalars.scalar(&key, value, None)),
        }
    }
    contents
}

/// Takes single values out of the file.
struct Scalars<'a> {
    table: &'a Table,
    file: &'a str,
    mistakes: &'a mut Mistakes,
}

impl Scalars<'_> {
    fn list(&mut self, list: &str, value: Value) -> Vec<Values> {
        let rule = format!("in {}, write {list}s as [[{list}]] tables", self.file);
        let Ok(tables) = value.into_array() else {
            self.mistakes.add(list, rule);
            return Vec::new();
        };
        let mut read = Vec::new();
        for table in tables {
            let Ok(table) = table.into_table() else {
                self.mistakes.add(list, rule.clone());
                continue;
            };
            let entries = table.into_iter().filter_map(|(key, value)| self.scalar(&key, value, Some(list)));
            read.push(entries.collect());
        }
        read
    }

    /// The key as in the table of variables, and the value as text.
    fn scalar(&mut self, key: &str, value: Value, list: Option<&str>) -> Option<(String, String)> {
        let (file, upper) = (self.file, key.to_ascii_uppercase());
        let known = match list {
            Some(_) => self.table.find(&upper).is_some_and(|variable| variable.listed),
            None => self.table.is_known(&upper),
        };
        if !known {
            let place = list.map(|list| format!(" in a [[{list}]]")).unwrap_or_default();
            let rule = format!("no such key{place} ({file}); see .env.example for the ones there are");
            self.mistakes.add(key, rule);
            return None;
        }
        if matches!(value.kind, ValueKind::Float(_)) {
            // As a number, 1.10 is 1.1.
            let rule =
                format!("is a number with a point, which loses its zeros; write it in quotes ({file})");
            self.mistakes.add(key, rule);
            return None;
        }
        let value = value.into_string();
        let value = value.map_err(|_| self.mistakes.add(key, format!("must be a single value ({file})")));
        Some((upper, value.ok()?))
    }
}
