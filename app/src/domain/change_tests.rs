use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

#[expect(clippy::needless_pass_by_value, reason = "shorter calls")]
fn event(number: u64, kind: &str, second: i64, data: Value) -> Event {
    let received: DateTime<Utc> = "2026-01-30T14:30:00Z".parse().unwrap();
    let sent = json!({
        "id": format!("00000000-0000-4000-8000-{number:012x}"),
        "type": kind,
        "timestamp": received - chrono::Duration::seconds(100 - second),
        "sessionId": "s",
        "workspace": format!("w{}", number % 3),
        "data": data,
    });
    Event::parse(&sent.to_string(), received).unwrap()
}

#[test]
fn a_session_counts_what_its_events_tell() {
    let events = [
        event(1, "session.start", 1, json!({"model": "m1"})),
        event(2, "session.prompt", 2, json!({})),
        event(3, "session.tool_use", 3, json!({"inputTokens": 10, "outputTokens": "many", "costUsd": 0.1})),
        event(4, "session.usage", 4, json!({"input_tokens": 5, "model": "m2", "costUsd": 0.2})),
        event(5, "git.commit", 5, json!({"subject": "one\ntwo", "additions": 3, "sha": "abc"})),
        event(6, "session.end", 6, json!({})),
        event(7, "note", 7, json!({"inputTokens": 1000})),
    ];
    let changes = Changes::of(&events);
    let session = &changes.sessions["s"];
    let expected = Counts {
        events: 7,
        prompts: 1,
        tool_uses: 1,
        commits: 1,
        input_tokens: 15,
        cost_nanos: 300_000_000,
        ..Counts::default()
    };
    assert_eq!(session.counts, expected);
    assert_eq!(session.model.as_ref().unwrap().1, "m2");
    assert_eq!(session.first_start, Some(events[0].at()));
    assert_eq!(session.last_end, Some(events[5].at()));
    assert_eq!(changes.activity.len(), 1);
    assert_eq!(changes.activity[0].subject.as_deref(), Some("one"));
    assert_eq!(changes.activity[0].additions, Some(3));
    assert_eq!(changes.workspaces.len(), 3);
}

#[test]
fn numbers_that_count_nothing_are_not_summed() {
    for wrong in [json!(-1), json!(1.5), json!("7"), json!(u64::MAX), json!(null), json!([1])] {
        let changes =
            Changes::of([&event(1, "session.usage", 1, json!({"inputTokens": wrong, "costUsd": -3}))]);
        assert_eq!(changes.sessions["s"].counts, Counts { events: 1, ..Counts::default() }, "{wrong}");
    }
}

proptest! {
    #[test]
    fn the_order_of_events_changes_nothing(order in Just((0_u64..8).collect::<Vec<_>>()).prop_shuffle()) {
        let kinds = ["session.start", "session.end", "session.prompt", "git.commit"];
        let make = |number: &u64| event(
            *number,
            kinds[usize::try_from(*number % 4).unwrap()],
            i64::try_from(*number % 3).unwrap(),
            json!({"model": format!("m{number}"), "outputTokens": number, "costUsd": 0.1}),
        );
        let sorted: Vec<Event> = (0..8).map(|number| make(&number)).collect();
        let shuffled: Vec<Event> = order.iter().map(make).collect();
        let (left, right) = (Changes::of(&sorted), Changes::of(&shuffled));
        prop_assert_eq!(left.sessions, right.sessions);
        prop_assert_eq!(left.workspaces, right.workspaces);
    }
}
