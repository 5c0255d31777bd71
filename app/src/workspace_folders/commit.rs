//! A commit's first line and time, from the commit or from the log of what was checked out.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use chrono::{DateTime, Utc};
use flate2::read::ZlibDecoder;

/// So much of a commit is read; messages may go on.
const READ: u64 = 64 << 10;
/// The end of a log, which holds its last line.
const LOG_END: u64 = 8 << 10;
/// Longest first line, in characters.
const LONGEST: usize = 500;

/// What is told of a commit.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) subject: Option<String>,
    pub(super) committed_at: Option<DateTime<Utc>>,
}

/// The beginning of a commit that lies in a file of its own.
pub(super) fn loose(file: File) -> Option<Vec<u8>> {
    let object = inflate(file)?;
    let end = object.iter().position(|byte| *byte == 0)?;
    object.starts_with(b"commit ").then(|| object[end + 1..].to_vec())
}

/// The beginning of what is packed.
pub(super) fn inflate(packed: impl Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    ZlibDecoder::new(packed.take(2 * READ)).take(READ).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Reads a commit as git keeps it: lines with names, an empty line, the message.
pub(super) fn parse(commit: &[u8]) -> Summary {
    let commit = String::from_utf8_lossy(commit);
    let (head, message) = commit.split_once("\n\n").unwrap_or((&commit, ""));
    let committer = head.lines().find_map(|line| line.strip_prefix("committer "));
    Summary {
        subject: message.lines().find_map(shown),
        // Seconds and a time zone after the name and the address.
        committed_at: committer.and_then(|committer| seconds(committer.rsplit(' ').nth(1)?)),
    }
}

/// What the log of `HEAD` tells of this commit, if committing it was the last that happened.
pub(super) fn logged(mut log: File, commit: &str) -> Option<Summary> {
    let length = log.metadata().ok()?.len();
    log.seek(SeekFrom::Start(length.saturating_sub(LOG_END))).ok()?;
    let mut end = Vec::new();
    log.take(LOG_END).read_to_end(&mut end).ok()?;
    let end = String::from_utf8_lossy(&end);
    // OLD NEW Name <address> SECONDS ZONE, a tab, what happened.
    let (who, what) = end.lines().next_back()?.split_once('\t')?;
    let is_commit = who.split(' ').nth(1) == Some(commit) && what.starts_with("commit");
    let (_, subject) = what.split_once(": ").filter(|_| is_commit)?;
    Some(Summary { subject: shown(subject), committed_at: seconds(who.rsplit(' ').nth(1)?) })
}

fn seconds(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(text.parse().ok()?, 0)
}

/// A line without what a terminal or a page would act on; `None` if nothing is left.
fn shown(line: &str) -> Option<String> {
    let line: String = line.trim().chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_line_of_the_message_is_the_subject() {
        let commit = b"tree 1\nparent 2\nauthor A <a@b> 5 +0100\ncommitter B <committer 7> 1700000000 -0800\ngpgsig x\n y\n\n\n First \x1b[31m\n\nmore\n";
        let summary = parse(commit);
        assert_eq!(summary.subject.as_deref(), Some("First [31m"));
        assert_eq!(summary.committed_at.unwrap().timestamp(), 1_700_000_000);
        assert_eq!(parse(b""), Summary::default());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in any::<i64>()) {
            parse(&bytes);
            parse(format!("committer {at} {at} {at}\n\n").as_bytes());
            prop_assert!(inflate(bytes.as_slice()).is_none_or(|out| out.len() as u64 <= READ));
        }
    }
}
