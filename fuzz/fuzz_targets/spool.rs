//! The client's spool as it is read back from a disk that may have lost, cut or mixed up anything.
//!
//! The module is built from its file: the crate `cli` brings an HTTP client and a terminal.
#![no_main]

use libfuzzer_sys::fuzz_target;

use line::{Piece, Record};

#[expect(dead_code, reason = "not all of a module is fuzzed")]
#[path = "../../cli/src/spool/line.rs"]
mod line;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    loop {
        let length = match line::next(rest) {
            None => break,
            Some(Piece::Torn) => {
                // It is torn until its end is there; then the next write may only add the newline.
                assert!(!rest.contains(&b'\n'));
                break;
            }
            Some(Piece::Damaged(length, _) | Piece::Newer(length)) => length,
            Some(Piece::Record(record, length)) => {
                check(&record);
                length
            }
        };
        assert!(length > 0 && length <= rest.len());
        rest = &rest[length..];
    }
    let mut counted = bytes;
    while let Some((_, length)) = line::glance(counted) {
        counted = &counted[length..];
    }
    // What follows is no line, and is cut off before the next write or completed by its newline.
    if line::lacks_only_newline(counted) {
        let mut whole = counted.to_vec();
        whole.push(b'\n');
        assert!(!matches!(line::next(&whole), None | Some(Piece::Torn)));
    }
});

/// What was read can be written, and is the same when it is read again.
fn check(record: &Record) {
    let written = match record {
        Record::Event(event) => line::of_event(event),
        Record::Transcript(kept) => line::of_transcript(kept),
    };
    let Ok(written) = written else { return };
    let Some(Piece::Record(again, length)) = line::next(&written) else { panic!("cannot be read again") };
    assert_eq!(length, written.len());
    let same = match (record, &*again) {
        (Record::Event(one), Record::Event(other)) => one.id == other.id && one.timestamp == other.timestamp,
        (Record::Transcript(one), Record::Transcript(other)) => one.session_id == other.session_id,
        _ => false,
    };
    assert!(same);
}
