use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;

use chrono::Utc;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::event::NewEvent;

pub(super) const SMALL: Limits =
    Limits { bytes: 20 << 10, segment_bytes: 1 << 10, transcripts: 3, aside_bytes: 4 << 10 };

pub(super) fn event(text: &str) -> Event {
    let (kind, session_id) = ("a.b".to_owned(), Some("s".to_owned()));
    let data = json!({ "text": text });
    NewEvent { kind, session_id, workspace: None, timestamp: Utc::now(), data }.check("laptop").unwrap()
}

pub(super) fn add(spool: &Spool, text: &str) {
    spool.add(vec![Entry::Event(event(text))]).unwrap();
}

pub(super) fn text(event: &Event) -> String {
    let data: Value = serde_json::from_str(event.data.as_ref().unwrap().get()).unwrap();
    data["text"].as_str().unwrap().to_owned()
}

/// Takes everything out as a sender does, `most` at a time.
pub(super) fn drain(spool: &Spool, most: usize) -> Vec<String> {
    let mut sender = spool.sender().unwrap().expect("nobody else sends");
    let mut texts = Vec::new();
    while let Some(batch) = sender.next(most).unwrap() {
        match batch {
            Batch::Events(events) => {
                texts.extend(events.iter().map(|(event, _)| text(event)));
                sender.let_go(events.last().unwrap().1.clone()).unwrap();
            }
            Batch::Transcript(kept, place) => {
                let content = sender.path_of(&kept).map(|path| fs::read_to_string(path).unwrap());
                texts.push(content.or(kept.trouble.clone()).unwrap());
                sender.let_go(place).unwrap();
                sender.remove(&kept);
            }
        }
    }
    texts
}

pub(super) fn spool_of(state: &TempDir) -> Spool {
    Spool::open_with(state.path(), None, SMALL).unwrap()
}

fn last_segment(spool: &Spool) -> PathBuf {
    spool.folder().join(&segments::list(spool.folder()).unwrap().last().unwrap().name)
}

#[test]
fn what_was_added_comes_out_in_order_over_many_segments() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    let texts: Vec<String> = (0..40).map(|number| format!("{number} {}", "x".repeat(100))).collect();
    texts.iter().for_each(|text| add(&spool, text));
    assert!(segments::list(spool.folder()).unwrap().len() > 5);
    let waiting = spool.waiting().unwrap();
    assert_eq!((waiting.events, waiting.transcripts), (40, 0));
    assert!(waiting.oldest.is_some());
    assert_eq!(drain(&spool, 7), texts);
    assert_eq!(spool.waiting().unwrap().entries(), 0);
    assert!(spool.is_empty().unwrap());
    assert!(segments::list(spool.folder()).unwrap().len() <= 1, "what has left makes room");
}

#[test]
fn files_are_for_their_owner_alone() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("spool/no-server");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let spool = spool_of(&state);
    add(&spool, "a");
    drop(spool.sender().unwrap());
    assert_eq!(fs::metadata(spool.folder()).unwrap().permissions().mode() & 0o777, 0o700);
    for entry in fs::read_dir(spool.folder()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
    }
}

#[test]
fn the_second_sender_is_turned_away_until_the_first_has_gone() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    let first = spool.sender().unwrap();
    assert!(first.is_some() && spool.sender().unwrap().is_none());
    drop(first);
    assert!(spool.sender().unwrap().is_some());
}

#[test]
fn a_sender_that_ended_before_it_let_go_leaves_everything_and_one_that_did_leaves_the_rest() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    ["a", "b", "c"].iter().for_each(|text| add(&spool, text));
    let mut sender = spool.sender().unwrap().unwrap();
    let Some(Batch::Events(events)) = sender.next(2).unwrap() else { panic!("no events") };
    assert_eq!(events.len(), 2);
    drop(sender);
    let mut sender = spool.sender().unwrap().unwrap();
    let Some(Batch::Events(events)) = sender.next(2).unwrap() else { panic!("no events") };
    sender.let_go(events[0].1.clone()).unwrap();
    drop(sender);
    assert_eq!(drain(&spool, 500), ["b", "c"]);
}

#[test]
fn a_lost_note_of_the_place_sends_again_and_never_too_little() {
    for damage in [None, Some("{"), Some(r#"{"segment":"000000000001-x.events","offset":9}"#)] {
        let state = tempfile::tempdir().unwrap();
        let spool = spool_of(&state);
        ["a", "b"].iter().for_each(|text| add(&spool, text));
        assert_eq!(drain(&spool, 500), ["a", "b"]);
        add(&spool, "c");
        match damage {
            None => fs::remove_file(spool.folder().join("sent")).unwrap(),
            Some(text) => fs::write(spool.folder().join("sent"), text).unwrap(),
        }
        assert_eq!(drain(&spool, 500), ["a", "b", "c"], "{damage:?}");
    }
}

#[test]
fn an_end_that_was_cut_off_at_any_byte_is_cut_away_and_hurts_nothing() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    add(&spool, "a");
    let path = last_segment(&spool);
    let whole = fs::read(&path).unwrap();
    let torn = line::of_event(&event("torn")).unwrap();
    for end in 0..torn.len() {
        for sender_first in [false, true] {
            let state = tempfile::tempdir().unwrap();
            let spool = spool_of(&state);
            let mut bytes = whole.clone();
            bytes.extend(&torn[..end]);
            fs::write(spool.folder().join(path.file_name().unwrap()), bytes).unwrap();
            let only_newline_is_missing = end == torn.len() - 1;
            let mut expected = vec!["a", "torn", "b"];
            if !only_newline_is_missing {
                expected.remove(1);
            }
            let mut texts = if sender_first { drain(&spool, 500) } else { Vec::new() };
            add(&spool, "b");
            texts.extend(drain(&spool, 500));
            assert_eq!(texts, expected, "cut off at {end}");
            assert_eq!(spool.waiting().unwrap().damaged, 0);
        }
    }
}

#[test]
fn damage_in_the_middle_is_set_aside_once_and_the_rest_goes_on() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    ["a", "b", "c"].iter().for_each(|text| add(&spool, text));
    let path = last_segment(&spool);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(drain(&spool, 500), ["a", "c"]);
    assert_eq!(drain(&spool, 500), Vec::<String>::new());
    assert_eq!(spool.waiting().unwrap().damaged, 1);
    let kept = fs::read_to_string(spool.folder().join("damaged.jsonl")).unwrap();
    let aside: Aside = serde_json::from_str(kept.trim()).unwrap();
    assert!(aside.text.unwrap().starts_with("e ") && aside.reason.contains("digest"));
}

#[test]
fn a_segment_that_is_garbage_does_not_block_and_does_not_fill_the_memory() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    fs::write(spool.folder().join("000000000001-garbage0.events"), vec![0; 9 << 20]).unwrap();
    fs::write(spool.folder().join("000000000002-garbage0.events"), vec![b'\n'; 30]).unwrap();
    fs::write(spool.folder().join("notes.txt"), "not ours").unwrap();
    let large = Spool::open_with(state.path(), None, Limits { bytes: 1 << 30, ..SMALL }).unwrap();
    add(&large, "a");
    assert_eq!(drain(&large, 500), ["a"]);
    let kept = fs::metadata(large.folder().join("damaged.jsonl")).unwrap().len();
    assert!(kept < 500 << 10, "{kept}");
    assert!(large.folder().join("notes.txt").exists());
}

#[test]
fn when_it_is_full_the_oldest_stay_and_what_is_refused_is_counted() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    let mut added = 0;
    let refusal = loop {
        match spool.add(vec![Entry::Event(event(&format!("{added} {}", "x".repeat(500))))]) {
            Ok(()) => added += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refusal, SpoolError::Full { .. }), "{refusal}");
    assert!(spool.add(vec![Entry::Event(event(&"x".repeat(500)))]).is_err());
    let waiting = spool.waiting().unwrap();
    assert_eq!((waiting.events, waiting.refused.unwrap().count), (added, 2));
    assert!(waiting.bytes <= SMALL.bytes);
    assert!(drain(&spool, 500)[0].starts_with("0 "));
    add(&spool, "room again");
}

#[test]
fn entries_are_added_all_or_none() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    let large = NewEvent { data: json!("x".repeat(30 << 10)), ..new("large") }.check("laptop").unwrap();
    spool.add(vec![Entry::Event(event("a")), Entry::Event(large)]).unwrap_err();
    assert_eq!(spool.waiting().unwrap().events, 0);
    assert!(spool.place(Vec::new()).unwrap().is_none());
}

fn new(kind: &str) -> NewEvent {
    let kind = kind.to_owned();
    NewEvent { kind, session_id: None, workspace: None, timestamp: Utc::now(), data: Value::Null }
}

fn transcript(path: &Path) -> Entry {
    let content_type = "application/jsonl".to_owned();
    Entry::Transcript { session_id: "s".into(), path: path.to_owned(), content_type }
}

#[test]
fn a_transcript_keeps_its_place_and_outlives_its_file() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    let file = state.path().join("transcript.jsonl");
    fs::write(&file, "said").unwrap();
    let link = state.path().join("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    spool.add(vec![Entry::Event(event("a")), transcript(&file), Entry::Event(event("b"))]).unwrap();
    spool.add(vec![transcript(&link)]).unwrap();
    fs::remove_file(&file).unwrap();
    assert_eq!(spool.waiting().unwrap().transcripts, 2);
    assert_eq!(drain(&spool, 500), ["a", "said", "b", "said"]);
    assert_eq!(fs::read_dir(files::folder(spool.folder())).unwrap().count(), 0);
}

#[test]
fn a_transcript_that_cannot_be_kept_costs_no_event() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    let file = state.path().join("transcript.jsonl");
    fs::write(&file, "said").unwrap();
    spool.add(vec![Entry::Event(event("a")), transcript(&state.path().join("absent"))]).unwrap();
    spool.add(vec![transcript(state.path())]).unwrap();
    (0..4).for_each(|_| spool.add(vec![transcript(&file)]).unwrap());
    let texts = drain(&spool, 500);
    assert_eq!(texts.len(), 7);
    assert!(
        texts[0] == "a" && texts[1].contains("No such file") && texts[2].contains("not a file"),
        "{texts:?}"
    );
    assert!(texts[6].contains("3 transcripts wait"), "{texts:?}");
}

#[test]
fn many_adders_and_a_sender_lose_and_double_nothing_and_keep_the_order_of_each() {
    let state = tempfile::tempdir().unwrap();
    let spool = Spool::open_with(state.path(), None, Limits { bytes: 1 << 20, ..SMALL }).unwrap();
    let mut texts = Vec::new();
    thread::scope(|scope| {
        let adders: Vec<_> = (0..4)
            .map(|adder| {
                let spool = spool.clone();
                scope.spawn(move || (0..50).for_each(|number| add(&spool, &format!("{adder} {number:02}"))))
            })
            .collect();
        while adders.iter().any(|adder| !adder.is_finished()) {
            texts.extend(drain(&spool, 3));
        }
    });
    texts.extend(drain(&spool, 3));
    for adder in 0..4 {
        let own: Vec<&String> = texts.iter().filter(|text| text.starts_with(&adder.to_string())).collect();
        assert_eq!(own.len(), 50);
        assert!(own.is_sorted(), "{own:?}");
    }
}

#[test]
fn one_that_was_added_has_left_when_the_sender_let_go_of_it() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    let place = spool.place(vec![Entry::Event(event("a"))]).unwrap().unwrap();
    add(&spool, "b");
    assert!(!spool.has_left(&place).unwrap());
    let mut sender = spool.sender().unwrap().unwrap();
    let Some(Batch::Events(events)) = sender.next(1).unwrap() else { panic!("no events") };
    sender.let_go(events[0].1.clone()).unwrap();
    assert!(spool.has_left(&place).unwrap());
}

#[test]
fn what_was_rejected_is_found_by_its_id_and_bounded() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    let sender = spool.sender().unwrap().unwrap();
    let events: Vec<Event> = (0..100).map(|number| event(&number.to_string())).collect();
    events.iter().for_each(|event| sender.set_aside(event, "no").unwrap());
    assert_eq!(spool.rejection_of(&events[99].id).as_deref(), Some("no"));
    assert_eq!(spool.rejection_of("else"), None);
    let bytes: u64 = ["rejected.jsonl", "rejected.older.jsonl"]
        .iter()
        .map(|name| fs::metadata(spool.folder().join(name)).unwrap().len())
        .sum();
    assert!(bytes <= 2 * SMALL.aside_bytes, "{bytes}");
}

#[test]
fn a_folder_that_cannot_be_written_is_told_with_what_to_do() {
    let told = Spool::open(Path::new("/proc/nowhere")).unwrap_err().to_string();
    assert!(told.contains("/proc/nowhere"), "{told}");
    let state = tempfile::tempdir().unwrap();
    fs::write(state.path().join("spool"), "a file").unwrap();
    let told = Spool::open(state.path()).unwrap_err().to_string();
    assert!(told.contains("spool"), "{told}");
}

#[test]
fn each_server_has_its_own() {
    let state = tempfile::tempdir().unwrap();
    let addresses = ["http://a:1", "http://a-1", "https://a:1", "http://a:1/sub"];
    for address in addresses {
        let spool = Spool::for_server(state.path(), address).unwrap();
        spool.add(vec![Entry::Event(event(address))]).unwrap();
    }
    let all = Spool::all(state.path());
    assert_eq!(all.len(), addresses.len());
    for spool in all {
        let address = spool.address().unwrap().to_owned();
        assert_eq!(drain(&spool, 500), [address]);
    }
}

#[test]
fn a_label_that_names_another_server_misleads_nobody() {
    let state = tempfile::tempdir().unwrap();
    let spool = Spool::for_server(state.path(), "http://a:1").unwrap();
    add(&spool, "a");
    fs::write(spool.folder().join("spool.json"), r#"{"format":1,"address":"http://b:1"}"#).unwrap();
    assert!(Spool::all(state.path()).is_empty());
    let spool = Spool::for_server(state.path(), "http://a:1").unwrap();
    assert_eq!(Spool::all(state.path())[0].address(), Some("http://a:1"));
    assert_eq!(drain(&spool, 500), ["a"]);
}

#[test]
fn what_a_newer_version_wrote_stays_where_it_is_and_waits() {
    let state = tempfile::tempdir().unwrap();
    let spool = spool_of(&state);
    add(&spool, "a");
    let line = String::from_utf8(line::of_event(&event("b")).unwrap()).unwrap();
    let json = line.splitn(4, ' ').nth(3).unwrap().trim_end();
    let hash = <sha2::Sha256 as sha2::Digest>::digest(format!("n{json}").as_bytes());
    let digest: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let path = last_segment(&spool);
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend(format!("n {digest} {} {json}\n", json.len()).into_bytes());
    fs::write(&path, &bytes).unwrap();
    let mut sender = spool.sender().unwrap().unwrap();
    let Some(Batch::Events(events)) = sender.next(500).unwrap() else { panic!("no events") };
    sender.let_go(events[0].1.clone()).unwrap();
    assert!(matches!(sender.next(500), Err(SpoolError::Newer(_))));
    let waiting = spool.waiting().unwrap();
    assert_eq!((waiting.newer, waiting.entries(), waiting.damaged), (1, 1, 0));
    assert_eq!(fs::read(&path).unwrap(), bytes);
    fs::write(spool.folder().join("spool.json"), r#"{"format":2,"address":null,"more":1}"#).unwrap();
    assert!(matches!(Spool::open(state.path()), Err(SpoolError::Newer(_))));
}
