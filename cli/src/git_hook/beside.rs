//! Our hooks in a repository's own folder, where there are no others of their names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::TOLD;
use super::script::{self, Maker};
use crate::whole_file;

/// Hooks are run.
pub(super) const MODE: u32 = 0o755;
/// Longer files are no scripts of ours.
const LONGEST: u64 = 64 << 10;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// Somebody edited our script.
    #[error(
        "{} was made by this program and changed since; take your lines out of it, or move it away, and try again", path.display()
    )]
    Changed {
        /// Which one.
        path: PathBuf,
    },
    /// There is something in our folder that is not ours.
    #[error("{} is not ours; move it away and try again", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// Another configuration file sets the same, and wins.
    #[error("core.hooksPath is set by {origin} too, which counts for git; take it out there, and try again")]
    Overruled {
        /// Which one, as git names it.
        origin: String,
    },
    /// git does not take the setting.
    #[error("core.hooksPath cannot be set")]
    Setting(#[source] super::GitError),
    /// A file cannot be read or written.
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

/// What stands where a hook would be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Ours { current: bool },
    Foreign,
}

/// Whether there is a hook of one of our names that is not ours: then it keeps its place, because some look at their own
/// name and folder, and ours go elsewhere.
///
/// # Errors
/// If that cannot be told.
pub fn has_others(folder: &Path) -> Result<bool, HookError> {
    for hook in TOLD {
        if look(folder, hook, Path::new(""))? == Found::Foreign {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Adds our hooks; tells whether anything was changed.
///
/// # Errors
/// If somebody changed one of ours. Then nothing was changed.
pub fn install(folder: &Path, program: &Path) -> Result<bool, HookError> {
    let mut missing = Vec::new();
    for hook in TOLD {
        match look(folder, hook, program)? {
            Found::Ours { current: true } => {}
            Found::Ours { .. } | Found::Nothing => missing.push(hook),
            Found::Foreign => return Err(HookError::Foreign { path: folder.join(hook) }),
        }
    }
    fs::create_dir_all(folder).map_err(|source| failed("made", folder, source))?;
    for hook in &missing {
        let path = folder.join(hook);
        let script = script::alone(hook, program);
        whole_file::replace(&path, &script, MODE).map_err(|source| failed("written", &path, source))?;
    }
    Ok(!missing.is_empty())
}

/// Takes our hooks away; tells whether there were any. Hook managers that came later keep what was there, and call it,
/// under names of their own.
///
/// # Errors
/// If somebody changed one of them. Then nothing was changed.
pub fn uninstall(folder: &Path) -> Result<bool, HookError> {
    let mut ours = Vec::new();
    for hook in TOLD {
        for name in [hook.to_owned(), format!("{hook}.legacy"), format!("{hook}.old")] {
            let path = folder.join(name);
            if matches!(find(&path, b"")?, Found::Ours { .. }) {
                ours.push(path);
            }
        }
        whole_file::sweep(&folder.join(hook));
    }
    for path in &ours {
        fs::remove_file(path).map_err(|source| failed("removed", path, source))?;
    }
    if !ours.is_empty() {
        // Only an empty one goes: then we made it, or git does not miss it.
        drop(fs::remove_dir(folder));
    }
    Ok(!ours.is_empty())
}

fn look(folder: &Path, hook: &str, program: &Path) -> Result<Found, HookError> {
    find(&folder.join(hook), &script::alone(hook, program))
}

/// Who made what is in a hook's place.
pub(super) fn find(path: &Path, current: &[u8]) -> Result<Found, HookError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(failed("looked at", path, error)),
    };
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Ok(Found::Foreign);
    }
    let text = fs::read(path).map_err(|source| failed("read", path, source))?;
    match script::maker(&text) {
        Maker::Us => Ok(Found::Ours { current: text == current }),
        Maker::UsOnce => Err(HookError::Changed { path: path.to_owned() }),
        Maker::Others => Ok(Found::Foreign),
    }
}

pub(super) fn failed(what: &'static str, path: &Path, source: io::Error) -> HookError {
    HookError::File { what, path: path.to_owned(), source }
}
