//! What is drawn, at the sizes that people have.

use cli::tui::key::Key;
use cli::tui::look::Look;
use cli::tui::message::{Message, Place};
use cli::tui::trouble::TroubleKind;
use serde_json::json;

use crate::stage::{Stage, changelog, events, health, page, trouble, version};

const SIZES: [(u16, u16); 3] = [(80, 24), (40, 12), (200, 50)];

/// Draws what was prepared at every size, and compares it with what was seen before.
fn at_all_sizes(name: &str, prepare: impl Fn(&mut Stage)) {
    for size in SIZES {
        let mut stage = Stage::full(size);
        prepare(&mut stage);
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), stage.text());
    }
}

#[test]
fn sessions() {
    at_all_sizes("sessions", |stage| stage.key(Key::Down));
}

#[test]
fn a_filter() {
    at_all_sizes("filter", |stage| stage.press("/shed"));
}

#[test]
fn an_open_session() {
    at_all_sizes("open", |stage| {
        stage.key(Key::Enter);
        let from = stage.model.open.as_ref().unwrap().session.first_event_at;
        stage.tell(Message::Opened("session-0000".into(), Ok((events(12), from))));
    });
}

#[test]
fn an_event_whole() {
    at_all_sizes("whole", |stage| {
        stage.press("2");
        stage.key(Key::Enter);
    });
}

#[test]
fn live_events() {
    at_all_sizes("live", |stage| stage.press("2"));
}

#[test]
fn git_activity() {
    at_all_sizes("git", |stage| stage.press("3"));
}

#[test]
fn changes() {
    at_all_sizes("changes", |stage| {
        stage.press("c");
        stage.tell(Message::Changes(Ok(changelog())));
    });
}

#[test]
fn the_keys() {
    at_all_sizes("keys", |stage| stage.press("?"));
}

#[test]
fn a_question_before_a_skip() {
    at_all_sizes("skip", |stage| stage.press("s"));
}

#[test]
fn a_server_that_is_away_from_the_beginning() {
    for size in SIZES {
        let mut stage = Stage::empty(size);
        let away = trouble(TroubleKind::Away, "no server answers at http://agent.local:5100; is it running?");
        stage.tell(Message::Health(Err(away.clone())));
        stage.tell(Message::NoLists(away));
        insta::assert_snapshot!(format!("away_{}x{}", size.0, size.1), stage.text());
    }
}

#[test]
fn a_server_that_went_away_leaves_what_was_read() {
    let mut stage = Stage::full((80, 24));
    let away = trouble(TroubleKind::Away, "no server answers");
    stage.tell(Message::Health(Err(away.clone())));
    stage.tell(Message::NoLists(away));
    let text = stage.text();
    assert!(
        text.contains("garden") && text.contains("this is what was read before; again at 12:00:08"),
        "{text}"
    );
    assert!(text.contains("× away since 12:00") && text.contains("last heard: ▲ 1.3.0"), "{text}");
    assert!(!text.contains("up to date"), "{text}");
}

#[test]
fn a_server_that_is_back_is_asked_at_once() {
    let mut stage = Stage::empty((80, 24));
    let away = trouble(TroubleKind::Away, "no server answers");
    stage.tell(Message::Health(Err(away.clone())));
    stage.tell(Message::NoLists(away));
    assert_eq!(stage.asks, []);
    stage.tell(Message::Health(Ok(health("ok"))));
    assert_eq!(stage.asks, [cli::tui::message::Ask::Refresh]);
}

#[test]
fn every_trouble_says_what_to_do() {
    for (kind, word) in [
        (TroubleKind::NoKey, "API_KEY"),
        (TroubleKind::WrongKey, "API_KEY"),
        (TroubleKind::Stranger, "REMOTE_AGENT_URL"),
        (TroubleKind::Slow, "waiting"),
        (TroubleKind::Refused, "log"),
    ] {
        let mut stage = Stage::empty((80, 24));
        stage.tell(Message::Health(Ok(health("ok"))));
        stage.tell(Message::NoLists(trouble(kind, "it went wrong")));
        let text = stage.text();
        assert!(text.contains("It went wrong") && text.contains(word), "{text}");
    }
}

#[test]
fn an_empty_server_says_what_brings_something() {
    let mut stage = Stage::empty((80, 24));
    stage.tell(Message::Sessions(Place::First, page(Vec::new())));
    stage.tell(Message::Activity(Place::First, page(Vec::new())));
    assert!(stage.text().contains("remote-agent hook claude-code install"));
    stage.press("3");
    assert!(stage.text().contains("remote-agent hook git install"));
    stage.press("2");
    assert!(stage.text().contains("Nothing happened lately"));
}

#[test]
fn the_status_bar_tells_how_the_server_is() {
    let mut stage = Stage::full((100, 24));
    stage.tell(Message::Waiting(Some("3 wait to be sent".into())));
    let text = stage.text();
    for part in ["● ok", "agent.local:5100", "server 1.2.0", "client 1.2.0", "3 wait to be sent", "▲ 1.3.0"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    stage.tell(Message::Health(Ok(health("degraded"))));
    assert!(stage.text().contains("degraded: queue"));
    stage.tell(Message::Health(Ok(health("down"))));
    assert!(stage.text().contains("× down since 12:00: queue"));
    let affected = json!({"affected": true, "severity": "high", "latestAffected": false, "advisories": []});
    stage.tell(Message::Version(Ok(version(&json!({"security": affected, "latest": "1.3.1"})))));
    assert!(stage.text().contains("! security 1.3.1"));
}

#[test]
fn a_window_that_is_too_small_says_so() {
    for size in [(39, 24), (80, 9), (10, 3), (1, 1)] {
        let stage = Stage::full(size);
        let text = stage.text();
        assert!(size.0 < 20 || text.contains("is too small"), "{text}");
    }
}

#[test]
fn without_unicode_only_ascii_is_drawn() {
    let mut stage = Stage::full((80, 24));
    for tab in ["1", "2", "3", "4", "?"] {
        stage.press(tab);
        let terminal = stage.screen_with(Look { colour: false, unicode: false });
        let buffer = terminal.backend().buffer();
        assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()), "{}", terminal.backend());
    }
}

#[test]
fn without_colour_there_is_none_and_the_selection_is_seen() {
    use ratatui::style::{Color, Modifier};
    let stage = Stage::full((80, 24));
    let terminal = stage.screen();
    let cells = &terminal.backend().buffer().content;
    assert!(cells.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    assert!(cells.iter().any(|cell| cell.modifier.contains(Modifier::REVERSED)));
}
