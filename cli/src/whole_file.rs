//! Replaces a file whole or not at all; what reads it meanwhile sees the old one or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// In the name of a file that is not finished; the number of the process follows.
const UNFINISHED: &str = ".remote-agent-";

/// Writes a file. One that is there keeps its mode, a new one gets `mode`; a link is followed, and stays.
///
/// # Errors
/// If it cannot be written; then the file is as it was.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let path = followed(path)?;
    let mode = match fs::metadata(&path) {
        Ok(there) => there.permissions().mode() & 0o7777,
        Err(_) => mode,
    };
    let beside = beside(&path);
    let written = write(&beside, bytes, mode).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        // Left over it would only be in the way.
        drop(fs::remove_file(&beside));
    }
    written
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    // One that a killed run left.
    drop(fs::remove_file(path));
    let mut file: File = OpenOptions::new().write(true).create_new(true).mode(mode & 0o777).open(path)?;
    file.write_all(bytes)?;
    // The umask took from it what the file before may have had.
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.sync_all()
}

/// Where a link leads, so that it is not replaced by a file. A link to nothing leads to the file to be made.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..16 {
        match fs::read_link(&place) {
            Ok(target) => place = place.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(place),
        }
    }
    Err(io::Error::other(format!("{} is a link that leads nowhere", path.display())))
}

/// Removes a file; where there is a link to it, the link stays.
///
/// # Errors
/// If it cannot be removed.
pub fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(followed(path)?)
}

/// Takes away what runs left that were killed while they wrote this file.
pub fn sweep(path: &Path) {
    let Ok(path) = followed(path) else { return };
    let Some(folder) = path.parent() else { return };
    let begin = unfinished(&path);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&begin) && is_unfinished(&name) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

/// Whether a file is such a left-over, of whatever file.
#[must_use]
pub fn is_unfinished(name: &str) -> bool {
    let number = name.rsplit_once(UNFINISHED).map(|(_, number)| number);
    name.starts_with('.') && number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn beside(path: &Path) -> PathBuf {
    path.with_file_name(format!("{}{}", unfinished(path), std::process::id()))
}

fn unfinished(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}{UNFINISHED}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_mode_and_a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::os::unix::fs::symlink("file", &link).unwrap();
        replace(&link, b"one", 0o600).unwrap();
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
        replace(&link, b"two", 0o600).unwrap();
        assert_eq!((fs::read(&file).unwrap(), mode()), (b"two".to_vec(), 0o664));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_a_killed_run_left_is_swept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let names = [".file.remote-agent-77", ".file.remote-agent-x", ".other.remote-agent-77", "file"];
        for name in names {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert!(is_unfinished(names[0]) && is_unfinished(names[2]));
        assert!(!is_unfinished(names[1]) && !is_unfinished(names[3]) && !is_unfinished("a.remote-agent-7"));
        sweep(&path);
        assert!(!folder.path().join(names[0]).exists());
        assert!(folder.path().join(names[2]).exists() && path.exists());
    }

    #[test]
    fn a_link_to_itself_is_an_error_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("link", &link).unwrap();
        assert!(replace(&link, b"x", 0o600).is_err());
    }
}
