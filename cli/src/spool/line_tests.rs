use chrono::Utc;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::event::{self, NewEvent};

fn event_of(text: &str) -> Event {
    let event = NewEvent {
        kind: "a.b".into(),
        session_id: Some("s".into()),
        workspace: None,
        timestamp: Utc::now(),
        data: json!({ "text": text }),
    };
    event.check("laptop").unwrap()
}

fn id(piece: Option<Piece>) -> String {
    let Some(Piece::Record(record, _)) = piece else { panic!("no entry: {piece:?}") };
    let Record::Event(event) = *record else { panic!("no event: {record:?}") };
    event.id
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(text in "\\PC{0,200}") {
        let event = event_of(&text);
        let line = of_event(&event).unwrap();
        let Some(Piece::Record(record, length)) = next(&line) else { panic!("no entry") };
        prop_assert_eq!(length, line.len());
        let Record::Event(read) = *record else { panic!("no event") };
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), serde_json::to_string(&event).unwrap());
    }

    #[test]
    fn a_line_that_was_cut_off_anywhere_is_torn_and_the_one_before_it_is_whole(text in "\\PC{0,60}") {
        let (first, second) = (event_of(&text), event_of("second"));
        let whole = of_event(&first).unwrap();
        let mut lines = whole.clone();
        lines.extend(of_event(&second).unwrap());
        for end in whole.len()..lines.len() {
            let cut = &lines[..end];
            prop_assert_eq!(id(next(cut)), first.id.clone());
            match next(&cut[whole.len()..]) {
                None => prop_assert_eq!(end, whole.len()),
                Some(piece) => prop_assert!(matches!(piece, Piece::Torn), "{:?} at {}", piece, end),
            }
        }
    }

    #[test]
    fn a_changed_byte_never_makes_another_entry_and_never_hurts_the_next_one(
        text in "\\PC{0,60}", place: prop::sample::Index, bits in 1_u8..
    ) {
        let (first, second) = (event_of(&text), event_of("second"));
        let whole = of_event(&first).unwrap();
        let mut lines = whole.clone();
        lines.extend(of_event(&second).unwrap());
        lines[place.index(whole.len() - 1)] ^= bits;
        // A byte that became a newline makes two damaged pieces.
        let mut rest = lines.as_slice();
        while let Some(Piece::Damaged(length, _)) = next(rest) {
            rest = &rest[length..];
        }
        prop_assert_eq!(id(next(rest)), second.id);
    }

    #[test]
    fn no_bytes_make_it_panic_and_it_always_gets_ahead(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut rest = bytes.as_slice();
        loop {
            match next(rest) {
                None | Some(Piece::Torn) => break,
                Some(Piece::Record(_, length) | Piece::Damaged(length, _) | Piece::Newer(length)) => {
                    prop_assert!(length > 0 && length <= rest.len());
                    rest = &rest[length..];
                }
            }
        }
    }
}

#[test]
fn an_entry_whose_newline_was_lost_is_whole() {
    let (first, second) = (event_of("first"), event_of("second"));
    let mut lines = of_event(&first).unwrap();
    let end = lines.len();
    lines[end - 1] = b'?';
    lines.extend(of_event(&second).unwrap());
    assert_eq!(id(next(&lines)), first.id);
    assert_eq!(id(next(&lines[end..])), second.id);
}

#[test]
fn an_entry_of_a_version_to_come_is_neither_cut_off_nor_damaged() {
    let mut line = of_event(&event_of("first")).unwrap();
    let json = br#"{"new":true}"#;
    line.splice(.., format!("x {} {} ", digest(b'x', json), json.len()).into_bytes());
    line.extend(json);
    line.push(b'\n');
    assert!(matches!(next(&line), Some(Piece::Newer(length)) if length == line.len()));
}

#[test]
fn the_largest_event_fits_into_a_line() {
    assert_eq!(LARGEST, event::LARGEST);
}
