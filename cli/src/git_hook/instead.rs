//! Our hooks in a folder that `core.hooksPath` names. The folder that it named before, or the repository's own, is called
//! from there, for every hook that git knows.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::beside::{Found, HookError, MODE, failed, find};
use super::git_process::ask;
use super::place::{Instead, WITHIN, configured, in_force};
use super::script::{self, KNOWN};
use crate::whole_file::{self, is_unfinished};

/// What is needed to take it back stands in this folder inside ours.
const BEFORE: &str = "before";
/// In it: the folder that is called from ours.
const CHAIN: &str = "chain";
/// In it: what `core.hooksPath` was.
const PREVIOUS: &str = "hooks-path";
/// In it: the name of the configuration file that was changed, and the file before and after that.
const CONFIG: [&str; 3] = ["config-path", "config-before", "config-after"];
/// Nobody else needs to write it, or has to read it.
const PRIVATE: u32 = 0o600;

/// What was done.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Whether anything was.
    pub changed: bool,
    /// The folder that was configured before, whose hooks ours call; the repository's own if there was none.
    pub chain: Option<PathBuf>,
}

/// Makes our folder and lets `core.hooksPath` name it.
///
/// # Errors
/// If something is in the way. Then git's configuration was not changed.
pub fn install(place: &Instead, program: &Path) -> Result<Done, HookError> {
    let notes = place.folder.join(BEFORE);
    let is_set = is_set(place)?;
    let chain = if is_set { read_path(&notes.join(CHAIN)) } else { place.chain.clone() };
    check(&place.folder, false)?;
    let mut done = Done { chain: chain.clone(), changed: false };
    fs::create_dir_all(&notes).map_err(|source| failed("made", &notes, source))?;
    if !is_set {
        remember(&notes, CHAIN, chain.as_deref().map(|path| path.as_os_str().as_bytes()))?;
        remember(&notes, PREVIOUS, place.previous.as_deref().map(OsStr::as_bytes))?;
    }
    for hook in KNOWN {
        let (path, script) = (place.folder.join(hook), script::instead(hook, program, chain.as_deref()));
        if fs::read(&path).is_ok_and(|there| there == script) {
            continue;
        }
        whole_file::replace(&path, &script, MODE).map_err(|source| failed("written", &path, source))?;
        done.changed = true;
    }
    if !is_set {
        set(place, &notes)?;
        keep_if_in_force(place, &notes)?;
        done.changed = true;
    }
    Ok(done)
}

/// Takes our folder away, and `core.hooksPath` back to what it was.
///
/// # Errors
/// If something in the folder is not ours. Then nothing was changed.
pub fn uninstall(place: &Instead) -> Result<Done, HookError> {
    check(&place.folder, true)?;
    let notes = place.folder.join(BEFORE);
    let mut done = Done::default();
    // Somebody may have set it to something else since; that is theirs.
    if is_set(place)? {
        reset(place, &notes)?;
        done.changed = true;
    }
    if place.folder.is_dir() {
        done.chain = read_path(&notes.join(CHAIN));
        clear(&place.folder)?;
        done.changed = true;
    }
    Ok(done)
}

/// Whether `core.hooksPath` names our folder now.
fn is_set(place: &Instead) -> Result<bool, HookError> {
    let asked = ["config", place.scope, "--get", "core.hooksPath"];
    let value = configured(&place.around, &asked).map_err(HookError::Setting)?;
    Ok(value.is_some_and(|value| Path::new(&value) == place.folder))
}

/// Whether everything in our folder is ours and unchanged. To write into it, files of others are no hindrance.
fn check(folder: &Path, whole: bool) -> Result<(), HookError> {
    for path in entries(folder)? {
        let in_the_way = whole || KNOWN.iter().any(|hook| path.file_name() == Some(OsStr::new(hook)));
        if !is_ours(&path)? && in_the_way {
            return Err(HookError::Foreign { path });
        }
    }
    Ok(())
}

/// Takes away what is ours in a folder, and the folder if nothing else is in it.
fn clear(folder: &Path) -> Result<(), HookError> {
    for path in entries(folder)? {
        if is_ours(&path)? {
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(|source| failed("removed", &path, source))?;
        }
    }
    // Something of others may be left.
    drop(fs::remove_dir(folder));
    Ok(())
}

fn is_ours(path: &Path) -> Result<bool, HookError> {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    // A run that was killed may have left files that are not finished.
    Ok(name == BEFORE || is_unfinished(name) || matches!(find(path, b"")?, Found::Ours { .. }))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, HookError> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    paths.map_err(|source| failed("read", folder, source))
}

/// A file that is included later, or one of a narrower scope, wins over what was set. Then it is taken back: hooks of ours
/// that nobody calls are none.
fn keep_if_in_force(place: &Instead, notes: &Path) -> Result<(), HookError> {
    match in_force(&place.around).map_err(HookError::Setting)? {
        Some((_, value)) if Path::new(&value) == place.folder => Ok(()),
        other => {
            reset(place, notes)?;
            clear(&place.folder)?;
            Err(HookError::Overruled { origin: other.map_or_else(String::new, |(origin, _)| origin) })
        }
    }
}

/// Sets `core.hooksPath`, and remembers the file that changes by it as it is before and after.
fn set(place: &Instead, notes: &Path) -> Result<(), HookError> {
    let before: Vec<_> = place.config_files.iter().map(|path| (path, fs::read(path).ok())).collect();
    let mut asked = vec!["config".as_ref(), place.scope.as_ref(), "core.hooksPath".as_ref()];
    asked.push(place.folder.as_os_str());
    ask(&place.around, &asked, WITHIN).map_err(HookError::Setting)?;
    for (path, before) in before {
        let after = fs::read(path).ok();
        if after != before {
            remember(notes, CONFIG[0], Some(path.as_os_str().as_bytes()))?;
            remember(notes, CONFIG[1], before.as_deref())?;
            remember(notes, CONFIG[2], after.as_deref())?;
        }
    }
    Ok(())
}

/// Sets `core.hooksPath` back. If nothing else changed in the file, it is to the byte what it was.
fn reset(place: &Instead, notes: &Path) -> Result<(), HookError> {
    let [config, before, after] = CONFIG.map(|name| notes.join(name));
    if let (Some(path), Ok(after)) = (read_path(&config), fs::read(after))
        && fs::read(&path).is_ok_and(|now| now == after)
    {
        let restored = match fs::read(before) {
            Ok(before) => whole_file::replace(&path, &before, PRIVATE),
            Err(_) => fs::remove_file(&path),
        };
        return restored.map_err(|source| failed("restored", &path, source));
    }
    let previous = read_path(&notes.join(PREVIOUS));
    let asked: Vec<&OsStr> = match &previous {
        Some(previous) => ["config", place.scope, "core.hooksPath"]
            .map(OsStr::new)
            .into_iter()
            .chain([previous.as_os_str()])
            .collect(),
        None => ["config", place.scope, "--unset", "core.hooksPath"].map(OsStr::new).to_vec(),
    };
    ask(&place.around, &asked, WITHIN).map_err(HookError::Setting)?;
    Ok(())
}

/// Keeps a note, or the knowledge that there is none.
fn remember(notes: &Path, name: &str, value: Option<&[u8]>) -> Result<(), HookError> {
    let path = notes.join(name);
    match value {
        Some(bytes) => {
            whole_file::replace(&path, bytes, PRIVATE).map_err(|source| failed("written", &path, source))
        }
        None => match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(failed("removed", &path, error))
            }
            _ => Ok(()),
        },
    }
}

fn read_path(note: &Path) -> Option<PathBuf> {
    fs::read(note).ok().map(|bytes| PathBuf::from(OsStr::from_bytes(&bytes)))
}
