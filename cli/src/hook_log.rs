//! What went wrong in a hook. Hooks say nothing to whoever runs them, so it stands in a small file for `status` to find.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};

use crate::whole_file;

/// The file grows to this, and loses its older half then.
const LARGEST: u64 = 64 << 10;
/// Longest line, in characters.
const LONGEST: usize = 500;

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// When.
    pub at: DateTime<Utc>,
    /// What: one line that a terminal can show.
    pub text: String,
}

/// Where it stands.
#[must_use]
pub fn path(state: &Path) -> PathBuf {
    state.join("hook.log")
}

/// Adds a problem. If that fails there is nobody to tell.
pub fn add(state: &Path, at: DateTime<Utc>, text: &str) {
    let path = path(state);
    let time = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let line = format!("{time} {}\n", contract::terminal::one_line(text, LONGEST));
    if !is_ours_to_make(state) {
        return;
    }
    drop(DirBuilder::new().recursive(true).mode(0o700).create(state));
    drop(shorten(&path));
    // One write: hooks run side by side, and lines must not.
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
    drop(opened.and_then(|mut file| file.write_all(line.as_bytes())));
}

/// The last problem.
#[must_use]
pub fn latest(state: &Path) -> Option<Problem> {
    let text = String::from_utf8_lossy(&fs::read(path(state)).ok()?).into_owned();
    text.lines().rev().find_map(parse)
}

fn parse(line: &str) -> Option<Problem> {
    let (time, text) = line.split_once(' ')?;
    let at = DateTime::parse_from_rfc3339(time).ok()?.with_timezone(&Utc);
    Some(Problem { at, text: contract::terminal::one_line(text, LONGEST) })
}

/// Whether the folder belongs to whoever runs this, or would be made in one that does: `sudo git commit` in somebody's
/// home must leave nothing there that they cannot write.
fn is_ours_to_make(state: &Path) -> bool {
    let above = state.ancestors().find_map(|place| fs::metadata(place).ok());
    above.is_some_and(|above| above.uid() == rustix::process::geteuid().as_raw())
}

/// Two hooks that do this at once lose some lines, and never the file.
fn shorten(path: &Path) -> std::io::Result<()> {
    if fs::metadata(path)?.len() < LARGEST {
        return Ok(());
    }
    let text = fs::read(path)?;
    let half = &text[text.len() / 2..];
    let start = half.iter().position(|byte| *byte == b'\n').map_or(half.len(), |end| end + 1);
    whole_file::replace(path, &half[start..], 0o600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_problem_is_told_as_one_plain_line() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("not there yet");
        let at = DateTime::parse_from_rfc3339("2026-01-30T14:30:00Z").unwrap().to_utc();
        assert_eq!(latest(&state), None);
        add(&state, at, "one");
        add(&state, at, "two\nlines \u{1b}[31mred");
        assert_eq!(latest(&state), Some(Problem { at, text: "two lines red".into() }));
        fs::write(path(&state), "garbage\n\u{1}\n").unwrap();
        assert_eq!(latest(&state), None);
    }

    #[test]
    fn the_file_stays_small_and_keeps_what_is_new() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..2000 {
            add(folder.path(), Utc::now(), &format!("problem {number} {}", "x".repeat(100)));
        }
        assert!(fs::metadata(path(folder.path())).unwrap().len() <= LARGEST + 1000);
        assert!(latest(folder.path()).unwrap().text.starts_with("problem 1999 "));
    }
}
