//! Whatever batches events come in, whatever order, however often: the sums are those of each event once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use app::domain::change::{Changes, Latest, SessionChange};
use app::domain::event::{Event, Outcome};
use contract::Session;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use uuid::Uuid;

use crate::home::{Home, event};

crate::for_both!(sums_are_those_of_each_event_once);

/// An event as it is drawn: its number (and so its id), what it is and what it tells.
#[derive(Clone, Debug)]
struct Drawn {
    number: u64,
    kind: usize,
    at: i64,
    session: u8,
    workspace: u8,
    device: u8,
    tokens: u32,
}

const KINDS: [&str; 7] =
    ["session.start", "session.end", "session.prompt", "session.tool_use", "git.commit", "git.push", "note"];

fn drawn() -> impl Strategy<Value = Drawn> {
    (0..60_u64, 0..KINDS.len(), -50..50_i64, 0..4_u8, 0..3_u8, 0..4_u8, 0..1000_u32).prop_map(
        |(number, kind, at, session, workspace, device, tokens)| Drawn {
            number,
            kind,
            at,
            session,
            workspace,
            device,
            tokens,
        },
    )
}

impl Drawn {
    /// `case` keeps the ids of two cases apart. Two of one number are the same event, or a conflict.
    fn event(&self, case: u64) -> Event {
        let named = |prefix: char, number: u8| {
            if number == 0 { String::new() } else { format!("{prefix}{case}-{number}") }
        };
        let data = json!({"inputTokens": self.tokens, "costUsd": f64::from(self.tokens) / 7.0, "model": format!("m{}", self.device)});
        let fields = json!({
            "sessionId": named('s', self.session),
            "workspace": named('w', self.workspace),
            "device": named('d', self.device),
            "data": data,
        });
        event(case * 1000 + self.number, KINDS[self.kind], self.at, fields)
    }
}

async fn sums_are_those_of_each_event_once(home: Home) {
    let store = home.store().await;
    let handle = tokio::runtime::Handle::current();
    let cases = AtomicU64::new(1);
    let batches = proptest::collection::vec(proptest::collection::vec(drawn(), 1..40), 1..6);
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let run = runner.run(&batches, |batches| {
        let case = cases.fetch_add(1, Ordering::Relaxed);
        let batches: Vec<Vec<Event>> =
            batches.iter().map(|batch| batch.iter().map(|drawn| drawn.event(case)).collect()).collect();
        tokio::task::block_in_place(|| handle.block_on(check(store.as_ref(), &batches)));
        Ok(())
    });
    run.unwrap();
}

async fn check(store: &dyn app::event_store::EventStore, batches: &[Vec<Event>]) {
    let mut kept: HashMap<Uuid, Event> = HashMap::new();
    for batch in batches {
        let outcomes = store.insert(batch).await.unwrap();
        for (event, outcome) in batch.iter().zip(outcomes) {
            let expected = match kept.get(&event.id) {
                None => Outcome::New,
                Some(first) if first.digest() == event.digest() => Outcome::Duplicate,
                Some(_) => Outcome::Conflict,
            };
            assert_eq!(outcome, expected);
            kept.entry(event.id).or_insert_with(|| event.clone());
        }
    }
    let changes = Changes::of(kept.values());
    for (id, change) in &changes.sessions {
        assert_eq!(store.session(id).await.unwrap(), Some(told(id, change)));
    }
    let workspaces = store.workspaces().await.unwrap();
    for (name, change) in &changes.workspaces {
        let found = workspaces.iter().find(|workspace| workspace.name == *name).unwrap();
        assert_eq!(
            (found.events, found.first_event_at, found.last_event_at),
            (change.events as u64, Some(change.first_at), Some(change.last_at))
        );
    }
}

fn told(id: &str, change: &SessionChange) -> Session {
    let name = |latest: &Latest| latest.as_ref().map(|(_, name)| name.clone());
    let counts = change.counts;
    Session {
        id: id.to_owned(),
        workspace: name(&change.workspace),
        device: name(&change.device),
        model: name(&change.model),
        started_at: change.first_start,
        ended_at: change.last_end.filter(|end| change.last_start.is_none_or(|start| start <= *end)),
        first_event_at: change.first_at,
        last_event_at: change.last_at,
        events: counts.events as u64,
        prompts: counts.prompts as u64,
        tool_uses: counts.tool_uses as u64,
        commits: counts.commits as u64,
        input_tokens: counts.input_tokens as u64,
        cost_usd: counts.cost_nanos as f64 / 1e9,
        ..Session::default()
    }
}
