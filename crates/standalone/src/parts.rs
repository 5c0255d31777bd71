//! Settings of the two parts that stand beside each other in one process.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use app::config::Sources;

/// Where Remote Agent keeps its data if nothing else is said.
const DATA_DIR: &str = "./data";
/// Holds the key that was made.
const KEY_FILE: &str = "api-key";

/// The key that opens Remote Agent's API.
pub(crate) enum ApiKey {
    /// The person set it.
    Configured,
    /// It was made just now.
    Made(String),
    /// It was made at an earlier start, and stands in this file.
    Kept(String),
}

/// Remote Agent's settings: the person's, and what is missing for trying out.
pub(crate) fn app_sources(demo: Option<&Path>) -> anyhow::Result<(Sources, ApiKey)> {
    let mut sources = Sources::from_process(BTreeMap::new());
    if let Some(folder) = demo {
        forget_installation(&mut sources);
        sources.flags.insert("DATA_DIR", folder.display().to_string());
    }
    let is_set = |name: &str| sources.environment.get(name).is_some_and(|value| !value.trim().is_empty());
    if is_set("API_KEY") || is_set("API_KEY_FILE") {
        return Ok((sources, ApiKey::Configured));
    }
    let folder = sources.flags.get("DATA_DIR").or_else(|| sources.environment.get("DATA_DIR"));
    let folder = folder.cloned().unwrap_or_else(|| DATA_DIR.to_owned());
    let file = Path::new(&folder).join(KEY_FILE);
    let (key, made) = keep_key(&file)?;
    sources.flags.insert("API_KEY", key.clone());
    Ok((sources, if made { ApiKey::Made(key) } else { ApiKey::Kept(file.display().to_string()) }))
}

/// What of the environment still counts in the demo: the rest is about the person's own installation, whose data a
/// show must leave alone.
fn forget_installation(sources: &mut Sources) {
    const KEPT: [&str; 5] = ["PORT", "HOST", "METRICS_LISTEN", "LOG", "LOG_FORMAT"];
    let known = |name: &str| app::config::variables::TABLE.is_known(name);
    sources.environment.retain(|name, _| !known(name) || KEPT.contains(&name.as_str()));
}

/// The key in this file; it is made where there is none. Only its owner can read it.
fn keep_key(file: &Path) -> anyhow::Result<(String, bool)> {
    match fs::read_to_string(file) {
        Ok(key) => return Ok((key.trim().to_owned(), false)),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("read the API key in {}", file.display())),
    }
    let key = hex::encode(rand::random::<[u8; 32]>());
    let write = || {
        fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
        let mut open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        writeln!(open, "{key}")?;
        open.sync_all()
    };
    write().with_context(|| format!("keep the API key in {}", file.display()))?;
    Ok((key, true))
}

/// What lets Remote Agent decide at the watcher, if the person set nothing.
pub(crate) fn join(watcher: &mut watcher::config::Sources, app: &mut Sources) {
    let set = |name: &str| watcher.environment.contains_key(name);
    if set("SIDEWATCH_API_TOKEN") || set("SIDEWATCH_API_TOKEN_FILE") {
        return;
    }
    let token = hex::encode(rand::random::<[u8; 32]>());
    watcher.environment.insert("SIDEWATCH_API_TOKEN".into(), token.clone());
    app.environment.remove("WATCHER_TOKEN_FILE");
    app.flags.insert("WATCHER_TOKEN", token);
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data").join(KEY_FILE);
        let (first, made) = keep_key(&file).unwrap();
        assert!(made && first.len() == 64);
        assert_eq!(keep_key(&file).unwrap(), (first, false));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn the_demo_leaves_the_persons_own_data_alone() {
        let mut sources = Sources::default();
        let names = ["DATABASE_URL", "REDIS_URL_FILE", "S3_BUCKET", "DATA_DIR", "PORT", "LOG", "PATH"];
        sources.environment.extend(names.map(|name| (name.to_owned(), "x".to_owned())));
        forget_installation(&mut sources);
        let mut left: Vec<_> = sources.environment.into_keys().collect();
        left.sort();
        assert_eq!(left, ["LOG", "PATH", "PORT"]);
    }
}
