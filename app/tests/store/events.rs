//! Storing: each id once, with its effect, whoever sends it and how often.

use std::sync::Arc;

use app::domain::event::{Event, Outcome};
use app::domain::page::{Filter, PageRequest};
use serde_json::json;

use crate::home::{Home, event, id, new, second};

crate::for_both!(
    an_id_twice_in_one_call_is_stored_once,
    an_event_that_is_there_changes_nothing,
    of_two_events_with_one_id_the_first_is_kept,
    nothing_is_done_for_an_empty_call,
    concurrent_calls_store_each_id_once_and_never_lock_in_a_circle,
    a_session_is_the_same_whatever_comes_first,
    a_session_that_starts_again_runs,
    data_is_kept_whole_whatever_it_holds,
    times_of_broken_clocks_are_kept,
    sums_beyond_all_reason_do_not_stop_the_next_event,
    the_latest_name_is_told,
    only_an_event_that_belongs_to_nothing_is_erased,
    what_is_stored_is_there_after_a_restart,
);

async fn an_id_twice_in_one_call_is_stored_once(home: Home) {
    let store = home.store().await;
    let (first, other) =
        (event(1, "note", 1, json!({"sessionId": "s"})), event(1, "other", 1, json!({"sessionId": "s"})));
    let outcomes =
        store.insert(&[first.clone(), other, first, event(2, "note", 2, json!({}))]).await.unwrap();
    assert_eq!(outcomes, [Outcome::New, Outcome::Conflict, Outcome::Duplicate, Outcome::New]);
    assert_eq!(store.session("s").await.unwrap().unwrap().events, 1);
    assert_eq!(store.event(id(1)).await.unwrap().unwrap().kind, "note");
}

async fn an_event_that_is_there_changes_nothing(home: Home) {
    let store = home.store().await;
    let fields = json!({"sessionId": "s", "workspace": "w", "data": {"inputTokens": 5, "subject": "x"}});
    let mut events: Vec<Event> =
        (0..120).map(|number| event(number, "git.commit", number as i64, fields.clone())).collect();
    assert_eq!(new(&store.insert(&events).await.unwrap()), 120);
    let before = store.session("s").await.unwrap();
    events.push(event(500, "note", 1, json!({"sessionId": "t"})));
    let outcomes = store.insert(&events).await.unwrap();
    assert_eq!((new(&outcomes), outcomes[120]), (1, Outcome::New));
    assert!(outcomes[..120].iter().all(|outcome| *outcome == Outcome::Duplicate));
    assert_eq!(store.session("s").await.unwrap(), before);
    assert_eq!(store.workspaces().await.unwrap()[0].events, 120);
    let page = PageRequest { limit: 500, after: None };
    assert_eq!(store.activity(&Filter::default(), &page).await.unwrap().items.len(), 120);
}

async fn of_two_events_with_one_id_the_first_is_kept(home: Home) {
    let store = home.store().await;
    let first = event(1, "session.prompt", 1, json!({"sessionId": "s", "data": {"a": 1}}));
    let second = event(1, "session.prompt", 1, json!({"sessionId": "s", "data": {"a": 2}}));
    assert_eq!(store.insert(std::slice::from_ref(&first)).await.unwrap(), [Outcome::New]);
    assert_eq!(store.insert(std::slice::from_ref(&second)).await.unwrap(), [Outcome::Conflict]);
    assert_eq!(store.insert(&[second, first]).await.unwrap(), [Outcome::Conflict, Outcome::Duplicate]);
    assert_eq!(store.session("s").await.unwrap().unwrap().events, 1);
    let kept = store.event(id(1)).await.unwrap().unwrap();
    assert_eq!(kept.data.unwrap().get(), r#"{"a":1}"#);
}

async fn nothing_is_done_for_an_empty_call(home: Home) {
    assert!(home.store().await.insert(&[]).await.unwrap().is_empty());
}

/// Six callers on three pools send the same events in six orders at the same time, again and again.
async fn concurrent_calls_store_each_id_once_and_never_lock_in_a_circle(home: Home) {
    let store = home.store().await;
    let stores = [Arc::clone(&store), home.open(), home.open()];
    let fields = |number: u64| json!({"sessionId": format!("s{}", number % 400), "workspace": format!("w{}", number % 7)});
    let mut stored = 0;
    for round in 0..4_u64 {
        let events: Vec<Event> = (round * 10_000..round * 10_000 + 2500)
            .map(|number| event(number, "session.prompt", 1, fields(number)))
            .collect();
        let callers = (0..6_usize).map(|caller| {
            let (store, mut events) = (Arc::clone(&stores[caller % 3]), events.clone());
            events.rotate_left(caller / 2 * 700);
            if caller % 2 == 1 {
                events.reverse();
            }
            tokio::spawn(async move { new(&store.insert(&events).await.unwrap()) })
        });
        for caller in callers.collect::<Vec<_>>() {
            stored += caller.await.unwrap();
        }
    }
    assert_eq!(stored, 10_000);
    let page = PageRequest { limit: 500, after: None };
    let sessions = store.sessions(&Filter::default(), &page).await.unwrap().items;
    assert_eq!(sessions.iter().map(|session| session.prompts).sum::<u64>(), 10_000);
    assert_eq!(
        store.workspaces().await.unwrap().iter().map(|workspace| workspace.events).sum::<u64>(),
        10_000
    );
    assert_eq!(home.number("select cast(count(*) as bigint) from events").await, 10_000);
}

async fn a_session_is_the_same_whatever_comes_first(home: Home) {
    let store = home.store().await;
    // The end first, days late, each in its own call.
    for (number, kind, at) in [
        (1, "session.end", 50),
        (2, "session.prompt", 20),
        (3, "git.commit", 60),
        (4, "session.start", 10),
        (5, "session.tool_use", -500_000),
    ] {
        let fields = json!({"sessionId": "s", "data": {"outputTokens": 2, "costUsd": 0.25}});
        store.insert(&[event(number, kind, at, fields)]).await.unwrap();
    }
    let session = store.session("s").await.unwrap().unwrap();
    assert_eq!(session.started_at, Some(second(10)));
    assert_eq!(session.ended_at, Some(second(50)));
    assert_eq!(session.first_event_at, second(-500_000));
    assert_eq!(session.last_event_at, second(60));
    assert_eq!((session.events, session.prompts, session.tool_uses, session.commits), (5, 1, 1, 1));
    assert_eq!((session.output_tokens, session.cost_usd), (10, 1.25));
    assert!(session.transcript.is_none());
}

async fn a_session_that_starts_again_runs(home: Home) {
    let store = home.store().await;
    let fields = json!({"sessionId": "s"});
    store.insert(&[event(1, "session.end", 50, fields.clone())]).await.unwrap();
    assert_eq!(store.session("s").await.unwrap().unwrap().ended_at, Some(second(50)));
    store.insert(&[event(2, "session.start", 90, fields.clone())]).await.unwrap();
    store.insert(&[event(3, "session.start", 10, fields)]).await.unwrap();
    let session = store.session("s").await.unwrap().unwrap();
    assert_eq!((session.started_at, session.ended_at), (Some(second(10)), None));
}

async fn data_is_kept_whole_whatever_it_holds(home: Home) {
    let store = home.store().await;
    let long = format!("[\"{}\"]", "é".repeat(200_000));
    for (number, data) in [
        r#"{"a":"\u0000\ud800","b":1e999,"b":-0.0,"c":123456789012345678901234567890}"#,
        r#""\u0000""#,
        "null",
        &long,
        r#"{"inputTokens":"many","costUsd":{},"model":[1],"subject":"\u0000"}"#,
    ]
    .into_iter()
    .enumerate()
    {
        let event = format!(
            r#"{{"id":"{}","type":"git.commit","timestamp":"2026-01-30T11:00:00Z","sessionId":"s","data":{data}}}"#,
            id(number as u64)
        );
        let event = Event::parse(&event, crate::home::noon()).unwrap();
        assert_eq!(store.insert(std::slice::from_ref(&event)).await.unwrap(), [Outcome::New], "{data:.80}");
        let kept = store.event(event.id).await.unwrap().unwrap();
        assert_eq!(kept.data.map(|data| data.get().to_owned()), event.data.map(|data| data.get().to_owned()));
    }
    assert_eq!(store.session("s").await.unwrap().unwrap().events, 5);
}

async fn times_of_broken_clocks_are_kept(home: Home) {
    let store = home.store().await;
    for (number, time) in
        ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1970-01-01T00:00:00.000001Z"]
            .into_iter()
            .enumerate()
    {
        let sent = event(number as u64, "note", 1, json!({"timestamp": time, "workspace": "w"}));
        assert_eq!(store.insert(std::slice::from_ref(&sent)).await.unwrap(), [Outcome::New], "{time}");
        let kept = store.event(sent.id).await.unwrap().unwrap();
        assert_eq!(
            (kept.timestamp, kept.at, kept.received_at),
            (sent.timestamp, sent.at(), sent.received_at)
        );
    }
}

async fn sums_beyond_all_reason_do_not_stop_the_next_event(home: Home) {
    let store = home.store().await;
    let data = json!({"costUsd": 1_000_000.0, "inputTokens": 1_000_000_000_000_u64});
    let fields = json!({"sessionId": "s", "data": data});
    for batch in 0..20 {
        let events: Vec<Event> =
            (0..500).map(|number| event(batch * 500 + number, "session.usage", 1, fields.clone())).collect();
        assert_eq!(new(&store.insert(&events).await.unwrap()), 500);
    }
    let session = store.session("s").await.unwrap().unwrap();
    assert_eq!((session.events, session.input_tokens), (10_000, 10_000_000_000_000_000));
    assert!(session.cost_usd >= 4e9);
}

async fn the_latest_name_is_told(home: Home) {
    let store = home.store().await;
    for (number, at, device) in
        [(1, 30, "b"), (2, 10, "c"), (3, 30, "a"), (4, 31, ""), (5, 20, "d"), (6, 30, "é")]
    {
        let fields = json!({"sessionId": "s", "device": device, "data": {"model": device}});
        store.insert(&[event(number, "session.usage", at, fields)]).await.unwrap();
    }
    let session = store.session("s").await.unwrap().unwrap();
    // Of three at the same time the greatest, byte by byte.
    assert_eq!((session.device.as_deref(), session.model.as_deref()), (Some("é"), Some("é")));
    assert_eq!(session.workspace, None);
}

async fn only_an_event_that_belongs_to_nothing_is_erased(home: Home) {
    let store = home.store().await;
    let events = [
        event(1, "canary", 1, json!({})),
        event(2, "note", 1, json!({"sessionId": "s"})),
        event(3, "note", 1, json!({"workspace": "w"})),
        event(4, "git.push", 1, json!({})),
    ];
    store.insert(&events).await.unwrap();
    for (number, erased) in [(1, true), (1, false), (2, false), (3, false), (4, true)] {
        assert_eq!(store.erase_event(id(number)).await.unwrap(), erased, "{number}");
    }
    let activity = store.activity(&Filter::default(), &PageRequest::default()).await.unwrap();
    assert!(activity.items.is_empty());
    assert_eq!(store.insert(&events[..1]).await.unwrap(), [Outcome::New]);
}

async fn what_is_stored_is_there_after_a_restart(home: Home) {
    let store = home.store().await;
    store.insert(&[event(1, "note", 1, json!({"sessionId": "s"}))]).await.unwrap();
    let installation = store.installation_id().await.unwrap();
    store.close().await;
    assert!(store.ping().await.unwrap_err().is_temporary());
    let store = home.store().await;
    store.ping().await.unwrap();
    assert_eq!(store.installation_id().await.unwrap(), installation);
    assert_eq!(installation.get_version_num(), 4);
    assert_eq!(store.event(id(1)).await.unwrap().unwrap().session_id.as_deref(), Some("s"));
}
