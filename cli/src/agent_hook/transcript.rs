//! The transcript that the agent names: uploaded only if it is one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why it is not uploaded. The path is not repeated: it is a stranger's text.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    /// It is not named from the root.
    #[error("the transcript's path is relative")]
    Relative,
    /// It is something else.
    #[error("the transcript is not a file that ends in .jsonl")]
    Kind,
    /// It could be anything that the agent was talked into naming.
    #[error("the transcript is neither below the home folder nor below CLAUDE_CONFIG_DIR")]
    Outside,
    /// It cannot be looked at.
    #[error("the transcript cannot be looked at")]
    File(#[source] io::Error),
}

/// The file itself, behind all links; none if there is none, as after a session without a word. `homes` are the folders
/// in which the agent keeps its files, the user's own first.
///
/// # Errors
/// If it must not be uploaded.
pub fn find(named: &str, homes: &[PathBuf]) -> Result<Option<PathBuf>, TranscriptError> {
    let path = match (named.strip_prefix("~/"), homes.first()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(named),
    };
    if !path.is_absolute() {
        return Err(TranscriptError::Relative);
    }
    let real = match fs::canonicalize(&path) {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(TranscriptError::File(error)),
    };
    if real.extension().is_none_or(|ending| ending != "jsonl") {
        return Err(TranscriptError::Kind);
    }
    let is_inside = |home: &Path| fs::canonicalize(home).is_ok_and(|home| real.starts_with(home));
    if !homes.iter().any(|home| is_inside(home)) {
        return Err(TranscriptError::Outside);
    }
    let metadata = fs::metadata(&real).map_err(TranscriptError::File)?;
    if metadata.is_file() { Ok(Some(real)) } else { Err(TranscriptError::Kind) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_a_jsonl_file_below_home_is_taken() {
        let (home, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let homes = [home.path().to_owned()];
        let at = |name: &str| home.path().join(name);
        let named = |name: &str| find(at(name).to_str().unwrap(), &homes);
        fs::write(at("a b.jsonl"), "{}").unwrap();
        fs::write(at("id_rsa"), "SECRET").unwrap();
        fs::write(outside.path().join("x.jsonl"), "{}").unwrap();
        symlink(outside.path().join("x.jsonl"), at("out.jsonl")).unwrap();
        symlink("id_rsa", at("key.jsonl")).unwrap();
        symlink("loop.jsonl", at("loop.jsonl")).unwrap();
        fs::create_dir(at("folder.jsonl")).unwrap();

        let real = fs::canonicalize(at("a b.jsonl")).unwrap();
        assert_eq!(named("a b.jsonl").unwrap(), Some(real.clone()));
        assert_eq!(find("~/a b.jsonl", &homes).unwrap(), Some(real));
        assert_eq!(named("missing.jsonl").unwrap(), None);
        assert!(matches!(named("out.jsonl"), Err(TranscriptError::Outside)));
        for name in ["id_rsa", "key.jsonl", "folder.jsonl"] {
            assert!(matches!(named(name), Err(TranscriptError::Kind)), "{name}");
        }
        assert!(matches!(named("loop.jsonl"), Err(TranscriptError::File(_))));
        assert!(matches!(find("a.jsonl", &homes), Err(TranscriptError::Relative)));
        assert!(matches!(find("/dev/zero", &homes), Err(TranscriptError::Kind)));
        assert!(find("/a\0b.jsonl", &homes).is_err());
        let elsewhere = outside.path().join("x.jsonl");
        let both = [home.path().to_owned(), outside.path().to_owned()];
        assert!(find(elsewhere.to_str().unwrap(), &both).unwrap().is_some());
    }
}
