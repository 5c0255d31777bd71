//! Our hooks in a repository's own folder; the ones that were there stand beside them, under another name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::TOLD;
use super::script::{self, KEPT};
use crate::whole_file;

/// Hooks are run.
pub(super) const MODE: u32 = 0o755;
/// Longer files are no scripts of ours.
const LONGEST: u64 = 64 << 10;

/// What was done.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Whether anything was.
    pub changed: bool,
    /// Hooks that were there, under the names that they have now.
    pub kept: Vec<PathBuf>,
}

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
    /// There are two that are not ours, and it cannot be told which one counts.
    #[error(
        "{} is not ours, and {} is there too; keep one of them as the first, move the other away, and try again", path.display(), kept.display()
    )]
    Both {
        /// The hook.
        path: PathBuf,
        /// The one that was kept.
        kept: PathBuf,
    },
    /// There is something in our folder that is not ours.
    #[error("{} is not ours; move it away and try again", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
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

/// Adds our hooks.
///
/// # Errors
/// If a hook is in the way that cannot be kept. Then nothing was changed.
pub fn install(folder: &Path, program: &Path) -> Result<Done, HookError> {
    for hook in TOLD {
        look(folder, hook, program)?;
    }
    fs::create_dir_all(folder).map_err(|source| failed("made", folder, source))?;
    let mut done = Done::default();
    for hook in TOLD {
        let (path, kept) = (folder.join(hook), kept(folder, hook));
        let found = look(folder, hook, program)?;
        if found == Found::Foreign {
            fs::rename(&path, &kept).map_err(|source| failed("moved", &path, source))?;
        }
        if found != (Found::Ours { current: true }) {
            let script = script::beside(hook, program);
            whole_file::replace(&path, &script, MODE).map_err(|source| failed("written", &path, source))?;
            done.changed = true;
        }
        if is_there(&kept) {
            done.kept.push(kept);
        }
    }
    Ok(done)
}

/// Takes our hooks away; what was there before is there again.
///
/// # Errors
/// If one of them was changed, or replaced. Then nothing was changed.
pub fn uninstall(folder: &Path) -> Result<Done, HookError> {
    for hook in TOLD {
        look(folder, hook, Path::new(""))?;
    }
    let mut done = Done::default();
    for hook in TOLD {
        let (path, kept) = (folder.join(hook), kept(folder, hook));
        let ours = matches!(look(folder, hook, Path::new(""))?, Found::Ours { .. });
        if is_there(&kept) {
            fs::rename(&kept, &path).map_err(|source| failed("moved back", &kept, source))?;
            done.kept.push(path);
            done.changed = true;
        } else if ours {
            fs::remove_file(&path).map_err(|source| failed("removed", &path, source))?;
            done.changed = true;
        }
    }
    if done.changed {
        // Only an empty one goes: then we made it, or git does not miss it.
        drop(fs::remove_dir(folder));
    }
    Ok(done)
}

/// What is in a hook's place, if it is something that can be dealt with.
fn look(folder: &Path, hook: &str, program: &Path) -> Result<Found, HookError> {
    let (path, kept) = (folder.join(hook), kept(folder, hook));
    let found = find(&path, program, |program| script::beside(hook, program))?;
    if found == Found::Foreign && is_there(&kept) {
        return Err(HookError::Both { path, kept });
    }
    Ok(found)
}

/// Whether a file is ours: it has our mark, and is what we would write for the program that it names.
pub(super) fn find(path: &Path, program: &Path, made: impl Fn(&Path) -> Vec<u8>) -> Result<Found, HookError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(failed("looked at", path, error)),
    };
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Ok(Found::Foreign);
    }
    let text = fs::read(path).map_err(|source| failed("read", path, source))?;
    match script::program_of(&text) {
        None => Ok(Found::Foreign),
        Some(named) if made(&named) == text => Ok(Found::Ours { current: named == program }),
        Some(_) => Err(HookError::Changed { path: path.to_owned() }),
    }
}

pub(super) fn failed(what: &'static str, path: &Path, source: io::Error) -> HookError {
    HookError::File { what, path: path.to_owned(), source }
}

fn kept(folder: &Path, hook: &str) -> PathBuf {
    folder.join(format!("{hook}{KEPT}"))
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
