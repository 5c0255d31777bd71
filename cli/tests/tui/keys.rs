//! What keys do.

use cli::tui::key::Key;
use cli::tui::message::{Ask, Decision, Message};
use cli::tui::model::Tab;
use cli::tui::trouble::TroubleKind;
use serde_json::json;

use crate::stage::{Stage, events, trouble, version};

fn stage() -> Stage {
    Stage::full((80, 24))
}

#[test]
fn escape_goes_back_step_by_step_and_then_out() {
    let mut stage = stage();
    stage.press("/garden");
    stage.key(Key::Enter);
    stage.key(Key::Enter);
    assert!(stage.model.open.is_some());
    stage.tell(Message::Opened("session-0000".into(), Ok((events(3), crate::stage::now()))));
    stage.key(Key::Enter);
    stage.key(Key::Esc);
    assert!(stage.model.open.as_ref().is_some_and(|open| !open.whole), "first the event");
    stage.key(Key::Esc);
    assert!(stage.model.open.is_none(), "then the session");
    stage.key(Key::Esc);
    assert!(stage.model.sessions.filter().is_empty() && !stage.model.leaving, "then the filter");
    stage.key(Key::Esc);
    assert!(stage.model.leaving);
}

#[test]
fn q_and_control_c_leave_from_everywhere_but_a_filter_takes_a_q() {
    for before in ["", "2", "3", "4", "?"] {
        let mut stage = stage();
        stage.press(before);
        stage.press("q");
        assert!(stage.model.leaving, "after {before:?}");
    }
    let mut stage = stage();
    stage.press("/q");
    assert!(!stage.model.leaving);
    stage.key(Key::Ctrl('c'));
    assert!(stage.model.leaving);
}

#[test]
fn tabs_are_reached_by_number_and_in_turn() {
    let mut stage = stage();
    for (key, tab) in
        [("2", Tab::Live), ("3", Tab::Git), ("4", Tab::Changes), ("1", Tab::Sessions), ("c", Tab::Changes)]
    {
        stage.press(key);
        assert_eq!(stage.model.tab, tab);
    }
    stage.key(Key::Tab);
    assert_eq!(stage.model.tab, Tab::Sessions);
    stage.key(Key::BackTab);
    assert_eq!(stage.model.tab, Tab::Changes);
}

#[test]
fn a_skip_needs_a_second_key_and_its_outcome_is_said() {
    let mut stage = stage();
    stage.press("sn");
    assert_eq!(stage.asks, [], "any other key is a no");
    stage.press("sy");
    let decision = Decision::Skip("1.3.0".into());
    assert_eq!(stage.asks, [Ask::Decide(decision.clone())]);
    stage.tell(Message::Decided(decision, Ok(Some(version(&json!({"skipped": "1.3.0"}))))));
    let text = stage.text();
    assert!(text.contains("1.3.0 is skipped until there is something newer"), "{text}");
    assert!(text.contains("▲ 1.3.0 skipped"), "{text}");
}

#[test]
fn a_skip_that_a_security_fix_outranks_is_not_called_one() {
    let mut stage = stage();
    stage
        .tell(Message::Decided(Decision::Skip("1.3.0".into()), Ok(Some(version(&json!({"skipped": null}))))));
    assert!(stage.text().contains("still shown: a security fix outranks"), "{}", stage.text());
}

#[test]
fn a_skip_that_failed_says_why() {
    let mut stage = stage();
    let refused = trouble(TroubleKind::Refused, "the server refuses (502): the watcher is away");
    stage.tell(Message::Decided(Decision::Unskip, Err(refused)));
    assert!(stage.text().contains("the watcher is away"));
}

#[test]
fn there_is_nothing_to_skip_where_nothing_is_newer() {
    for changes in
        [json!({"updateAvailable": false, "comparison": "identical"}), json!({"updateAvailable": null})]
    {
        let mut stage = stage();
        stage.tell(Message::Version(Ok(version(&changes))));
        stage.press("sy");
        assert_eq!(stage.asks, []);
        assert!(stage.model.question.is_none());
    }
}

#[test]
fn a_refused_check_tells_the_wait() {
    let mut stage = stage();
    stage.press("f");
    stage.press("f");
    assert_eq!(stage.asks, [Ask::Force], "one at a time");
    stage.tell(Message::Forced(Ok(version(&json!({"forced": false, "retryAfterSeconds": 42})))));
    assert!(stage.text().contains("can be asked for in 42 s"), "{}", stage.text());
    stage.press("f");
    assert_eq!(stage.asks, [Ask::Force, Ask::Force]);
    stage.tell(Message::Forced(Ok(version(&json!({"forced": true})))));
    assert!(stage.text().contains("Checked just now: ▲ 1.3.0"), "{}", stage.text());
}

#[test]
fn with_updates_switched_off_nothing_is_asked_of_them() {
    let mut stage = Stage::empty((80, 24));
    stage.model.update_check = false;
    stage.press("fsSc");
    assert_eq!(stage.asks, []);
    assert!(stage.text().contains("switched off"), "{}", stage.text());
}

#[test]
fn opening_a_session_follows_it_and_closing_ends_that() {
    let mut stage = stage();
    stage.key(Key::Enter);
    assert!(matches!(&stage.asks[..], [Ask::Watch(Some(_)), Ask::Events(_, None)]), "{:?}", stage.asks);
    stage.asks.clear();
    stage.tell(Message::Live(events(5)));
    assert_eq!(stage.model.open.as_ref().unwrap().events.len(), 5, "live events of it appear in it");
    stage.key(Key::Esc);
    assert_eq!(stage.asks, [Ask::Watch(None)]);
}

#[test]
fn older_events_are_asked_for_at_the_beginning_of_what_was_read() {
    let mut stage = stage();
    stage.press("jjjj");
    stage.key(Key::Enter);
    let session = stage.model.open.as_ref().unwrap().session.clone();
    stage.asks.clear();
    let from = session.first_event_at + chrono::TimeDelta::minutes(1);
    stage.tell(Message::Opened(session.id.clone(), Ok((events(50), from))));
    assert_eq!(stage.asks, [], "the newest ones are seen");
    stage.press("g");
    assert_eq!(stage.asks, [Ask::Events(Box::new(session), Some(from))]);
    stage.press("g");
    assert_eq!(stage.asks.len(), 1, "asked for once");
}

#[test]
fn enter_on_a_commit_opens_its_session() {
    let mut stage = stage();
    stage.press("3");
    stage.key(Key::Enter);
    assert_eq!(stage.model.open.as_ref().unwrap().session.id, "session-0000");
    stage.press("3j");
    stage.key(Key::Enter);
    assert_eq!(stage.model.tab, Tab::Git);
    assert!(stage.text().contains("outside of the sessions"), "{}", stage.text());
}

#[test]
fn escape_and_a_key_that_come_as_one_are_both_heeded_but_alt_never_leaves() {
    let mut stage = stage();
    stage.key(Key::Enter);
    stage.tell(Message::EscapeAnd(Key::Char('3')));
    assert!(stage.model.open.is_none() && stage.model.tab == Tab::Git);
    stage.press("1");
    stage.tell(Message::EscapeAnd(Key::Char('2')));
    assert!(!stage.model.leaving && stage.model.tab == Tab::Live);
}

#[test]
fn a_server_that_repeats_itself_is_not_asked_for_ever() {
    use crate::stage::{page, session};
    use cli::tui::message::Place;
    for repeated in [vec![], vec![session(0)]] {
        let mut stage = Stage::empty((80, 24));
        let again = || contract::Page { next_cursor: Some("again".into()), ..page(repeated.clone()) };
        stage.tell(Message::Sessions(Place::First, again()));
        for _ in 0..5 {
            stage.tell(Message::Sessions(Place::Next, again()));
        }
        assert!(stage.asks.len() <= 1, "{:?}", stage.asks);
    }
}

#[test]
fn events_that_were_read_before_are_no_older_ones() {
    let mut stage = stage();
    stage.press("jjjj");
    stage.key(Key::Enter);
    let session = stage.model.open.as_ref().unwrap().session.clone();
    stage.asks.clear();
    for minutes in 1..9 {
        let from = session.first_event_at + chrono::TimeDelta::minutes(20 - minutes);
        stage.tell(Message::Opened(session.id.clone(), Ok((events(3), from))));
    }
    assert!(stage.asks.len() <= 2, "{} asks", stage.asks.len());
}
