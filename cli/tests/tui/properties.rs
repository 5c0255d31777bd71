//! Whatever is pressed and whatever comes, in whatever order, at whatever size.

use cli::tui::arrangement::list_height;
use cli::tui::key::Key;
use cli::tui::look::Look;
use cli::tui::message::{Decision, Message, Place};
use cli::tui::trouble::TroubleKind;
use contract::Page;
use proptest::prelude::*;
use serde_json::json;

use crate::stage::{Stage, activity, changelog, events, health, session, trouble, version};

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        4 => any::<char>().prop_map(Key::Char),
        8 => prop::sample::select("1234/?jkgGrcfsSy nqx".chars().collect::<Vec<_>>()).prop_map(Key::Char),
        2 => prop::sample::select(vec!['b', 'f', 'n', 'p', 'u', 'h']).prop_map(Key::Ctrl),
        8 => prop::sample::select(vec![
            Key::Enter, Key::Esc, Key::Backspace, Key::Up, Key::Down, Key::Left, Key::Right, Key::PageUp, Key::PageDown,
            Key::Home, Key::End, Key::Tab, Key::BackTab,
        ]),
    ]
}

fn sessions() -> impl Strategy<Value = Message> {
    let place = prop::sample::select(vec![Place::First, Place::Newest, Place::Next]);
    (place, prop::collection::vec(0i64..300, 0..40), prop::option::of("c")).prop_map(
        |(place, numbers, next_cursor)| {
            Message::Sessions(place, Page { items: numbers.into_iter().map(session).collect(), next_cursor })
        },
    )
}

fn from_server() -> impl Strategy<Value = Message> {
    let kind = prop::sample::select(vec![TroubleKind::Away, TroubleKind::WrongKey, TroubleKind::Slow]);
    prop_oneof![
        sessions(),
        (0usize..30).prop_map(|count| {
            let items = activity().into_iter().take(count).collect();
            Message::Activity(Place::First, Page { items, next_cursor: None })
        }),
        (0i64..50).prop_map(|count| Message::Live(events(count))),
        (0i64..50).prop_map(|count| {
            Message::Opened("session-0000".into(), Ok((events(count), session(0).first_event_at)))
        }),
        kind.clone().prop_map(|kind| Message::NoLists(trouble(kind, "it went wrong"))),
        kind.clone()
            .prop_map(|kind| Message::Opened("session-0000".into(), Err(trouble(kind, "it went wrong")))),
        kind.clone().prop_map(|kind| Message::Health(Err(trouble(kind, "it went wrong")))),
        kind.prop_map(|kind| Message::Changes(Err(trouble(kind, "it went wrong")))),
        prop::sample::select(vec!["ok", "degraded", "migrating", "down"])
            .prop_map(|status| Message::Health(Ok(health(status)))),
        prop::sample::select(vec!["ok", "stale", "unknown", "disabled"])
            .prop_map(|status| Message::Version(Ok(version(&json!({"status": status}))))),
        Just(Message::Changes(Ok(changelog()))),
        Just(Message::Decided(Decision::Unskip, Ok(None))),
        Just(Message::Time),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        6 => key().prop_map(Message::Key),
        3 => from_server(),
        1 => key().prop_map(Message::EscapeAnd),
        1 => (0u16..220, 0u16..60).prop_map(|(columns, rows)| Message::Resized(columns, rows)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_panics_and_every_selection_stays_in_its_list(messages in prop::collection::vec(message(), 1..80)) {
        let mut stage = Stage::empty((80, 24));
        for message in messages {
            stage.tell(message);
            let model = &stage.model;
            let height = list_height(model).max(1);
            prop_assert!(model.sessions.cursor().index() < model.sessions.shown().max(1));
            prop_assert!(model.live.cursor().index() < model.live.len().max(1));
            prop_assert!(model.git.cursor().index() < model.git.items().len().max(1));
            prop_assert!(model.changes.top() <= model.changes.lines().len());
            if let Some(open) = &model.open {
                prop_assert!(open.events.cursor().index() < open.events.len().max(1));
                prop_assert!(height >= 1);
            }
        }
        for look in [Look { colour: true, unicode: true }, Look { colour: false, unicode: false }] {
            let (columns, rows) = stage.model.size;
            stage.tell(Message::Resized(columns.max(1), rows.max(1)));
            stage.screen_with(look);
        }
    }
}
