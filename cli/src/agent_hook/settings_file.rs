//! The agent's settings on disk: written whole or not at all, with what was there before kept beside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::settings::{self, SettingsError};
use crate::whole_file;

/// What the settings were before our entries came in.
const KEPT: &str = ".before-remote-agent";
/// Larger settings are no settings.
const LARGEST: u64 = 8 << 20;
/// For their owner, as the agent makes them.
const MODE: u32 = 0o600;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsFileError {
    /// There is no place for our entries.
    #[error("{} {reason}; nothing was changed", path.display())]
    Settings {
        /// Which file.
        path: PathBuf,
        /// Why not.
        reason: SettingsError,
    },
    /// A repository can bring such a link along, and it may lead anywhere.
    #[error("{} is a link or no file; look where it leads, take it away, and try again", path.display())]
    Link {
        /// Which one.
        path: PathBuf,
    },
    /// It cannot be read or written.
    #[error("{} cannot be {what}", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub struct Done {
    /// Whether anything was.
    pub changed: bool,
    /// Whether the settings tell the agent to run no hooks.
    pub are_off: bool,
}

/// Adds our entries.
///
/// # Errors
/// If there is no place for them.
pub fn install(path: &Path, command: &str) -> Result<Done, SettingsFileError> {
    whole_file::sweep(path);
    let before = read(path)?;
    let told = |reason| SettingsFileError::Settings { path: path.to_owned(), reason };
    let after = settings::add(before.as_deref(), command).map_err(told)?;
    let done = Done { changed: before.as_deref() != Some(&after), are_off: settings::are_off(&after) };
    if !done.changed {
        return Ok(done);
    }
    let is_clean =
        |text: &str| text.trim().is_empty() || settings::commands(text).is_ok_and(|found| found.is_empty());
    let was_clean = before.as_deref().is_none_or(is_clean);
    if was_clean {
        keep(path, before.as_deref())?;
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| failed("made", folder, source))?;
    }
    whole_file::replace(path, after.as_bytes(), MODE).map_err(|source| failed("written", path, source))?;
    Ok(done)
}

/// Takes our entries out. If nothing else changed since they came in, the file is to the byte what it was.
///
/// # Errors
/// If the settings cannot be read or written.
pub fn uninstall(path: &Path) -> Result<Done, SettingsFileError> {
    let told = |reason| SettingsFileError::Settings { path: path.to_owned(), reason };
    let now = read(path)?.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| "{}".to_owned());
    let commands = settings::commands(&now).map_err(told)?;
    let kept = kept(path);
    whole_file::sweep(path);
    whole_file::sweep(&kept);
    let Some(command) = commands.first() else {
        // An installation that was killed had come so far.
        if fs::symlink_metadata(&kept).is_ok_and(|metadata| metadata.is_file()) {
            remove(&kept)?;
        }
        return Ok(Done { changed: false, are_off: false });
    };
    refuse_link(&kept)?;
    let before = read(&kept)?;
    if settings::add(before.as_deref(), command).is_ok_and(|after| after == now) {
        match &before {
            Some(before) => whole_file::replace(path, before.as_bytes(), MODE),
            None => whole_file::remove(path),
        }
        .map_err(|source| failed("restored", path, source))?;
    } else {
        let after = settings::remove(&now).map_err(told)?;
        whole_file::replace(path, after.as_bytes(), MODE)
            .map_err(|source| failed("written", path, source))?;
    }
    remove(&kept)?;
    Ok(Done { changed: true, are_off: false })
}

/// Keeps what is there as it is, or the knowledge that there is nothing.
fn keep(path: &Path, before: Option<&str>) -> Result<(), SettingsFileError> {
    let kept = kept(path);
    refuse_link(&kept)?;
    match before {
        Some(text) => whole_file::replace(&kept, text.as_bytes(), MODE)
            .map_err(|source| failed("written", &kept, source)),
        None => remove(&kept),
    }
}

/// Refuses a path that is there and no plain file.
///
/// # Errors
/// If it is something else, such as a link.
pub fn refuse_link(path: &Path) -> Result<(), SettingsFileError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err(SettingsFileError::Link { path: path.to_owned() }),
        _ => Ok(()),
    }
}

fn remove(path: &Path) -> Result<(), SettingsFileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("removed", path, error)),
        _ => Ok(()),
    }
}

fn kept(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(KEPT);
    PathBuf::from(name)
}

fn read(path: &Path) -> Result<Option<String>, SettingsFileError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > LARGEST || !metadata.is_file() => {
            Err(failed("read", path, io::Error::other("it is no settings file")))
        }
        Ok(_) => fs::read_to_string(path).map(Some).map_err(|source| failed("read", path, source)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path, error)),
    }
}

fn failed(what: &'static str, path: &Path, source: io::Error) -> SettingsFileError {
    SettingsFileError::File { what, path: path.to_owned(), source }
}
