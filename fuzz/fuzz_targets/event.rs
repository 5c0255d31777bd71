//! Events as clients send them and as they are queued, what they change, and cursors.
//!
//! The pure modules are built from their files: the crate `app` brings two database drivers, a web server and an S3
//! client, which would all have to be built with coverage counters.
#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;

use change::Changes;
use event::Event;
use page::Cursor;

#[path = "../../app/src/domain/change.rs"]
mod change;
#[expect(dead_code, reason = "not all of a module is fuzzed")]
#[path = "../../app/src/domain/event.rs"]
mod event;
#[path = "../../app/src/domain/json.rs"]
mod json;
#[expect(dead_code, reason = "not all of a module is fuzzed")]
#[path = "../../app/src/domain/page.rs"]
mod page;
#[path = "../../app/src/domain/text.rs"]
mod text;

fuzz_target!(|text: &str| {
    if let Ok(cursor) = Cursor::decode(text) {
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
    }
    let Some(received_at) = DateTime::from_timestamp_micros(1_790_000_000_000_001) else { return };
    // A batch is one event a line; the whole may be one that has line breaks.
    let whole = Event::parse(text, received_at);
    let mut events: Vec<Event> =
        text.lines().filter_map(|line| Event::parse(line, received_at).ok()).collect();
    events.extend(whole);
    events.iter().for_each(check);
    let changes = Changes::of(&events);
    events.reverse();
    let reversed = Changes::of(&events);
    // In whatever order they come.
    assert_eq!((&changes.sessions, &changes.workspaces), (&reversed.sessions, &reversed.workspaces));
    assert!(changes.sessions.values().all(|change| change.first_at <= change.last_at));
});

fn check(event: &Event) {
    // What was accepted into the queue must come out of it the same.
    let queued = serde_json::to_string(&event.to_stored()).unwrap_or_else(|error| panic!("{error}"));
    let read = Event::from_queue(&queued).unwrap_or_else(|error| panic!("{error}: {queued}"));
    assert_eq!((read.id, read.at(), read.digest()), (event.id, event.at(), event.digest()));
    assert_eq!((read.timestamp, read.received_at), (event.timestamp, event.received_at));
    assert_eq!(serde_json::to_string(&read.to_stored()).ok(), Some(queued));
    let activity = Changes::of([event]).activity;
    assert!(activity.iter().all(|activity| serde_json::to_string(activity).is_ok()));
}
