//! What a person's weeks with coding agents look like to Remote Agent: sessions, events, commits.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// A session's id by its number.
#[must_use]
pub fn session_id(number: usize) -> String {
    format!("session-{number:04}")
}

const WORKSPACES: [&str; 5] = ["garden", "remote-agent", "ledger", "weather-station", "thesis"];
const MODELS: [&str; 3] = ["claude-opus-4-5", "claude-sonnet-4-5", "gpt-5-codex"];
const SUBJECTS: [&str; 6] = [
    "Keep the last answer when GitHub is away",
    "Count tokens once",
    "Show the moisture of each bed",
    "Refuse a ledger whose sums differ",
    "Mend the figure in chapter three",
    "Say what was measured",
];

/// One event.
#[must_use]
pub fn event(kind: &str, session: &str, workspace: &str, at: DateTime<Utc>, data: &Value) -> Value {
    json!({
        "id": Uuid::new_v4(), "type": kind, "timestamp": at, "sessionId": session, "workspace": workspace,
        "device": "laptop", "data": data,
    })
}

/// The events of this many sessions, the newest one still running; session 0 is the newest.
#[must_use]
pub fn sessions(count: usize) -> Vec<Value> {
    (0..count).flat_map(one).collect()
}

fn one(number: usize) -> Vec<Value> {
    let (id, workspace) = (session_id(number), WORKSPACES[number % WORKSPACES.len()]);
    // No two days are alike, and yet every run is: 7 919 is prime.
    let spread = number * 7919;
    let hours = i64::try_from(number * 5 + number * number % 11 * 2).unwrap_or(0);
    let start = Utc::now() - TimeDelta::hours(hours) - TimeDelta::minutes(48);
    let at = |minutes: i64| start + TimeDelta::minutes(minutes);
    let make = |kind: &str, minutes: i64, data: Value| event(kind, &id, workspace, at(minutes), &data);
    let mut events = vec![
        make(
            "session.start",
            0,
            json!({ "model": MODELS[number % MODELS.len()], "cwd": format!("/home/me/{workspace}") }),
        ),
        make("session.prompt", 1, json!({ "text": "Why does the second test fail only on Mondays?" })),
        make("session.tool_use", 2, json!({ "tool": "Read", "input": { "path": "src/lib.rs" } })),
        make("session.tool_use", 4, json!({ "tool": "Bash", "input": { "command": "cargo test" } })),
        make("session.usage", 5, usage(spread)),
        make(
            "git.commit",
            20,
            json!({
                "repository": workspace, "branch": "main", "sha": format!("{:040x}", number + 0xabc_def0),
                "subject": SUBJECTS[number % SUBJECTS.len()], "additions": 12 + number % 90, "deletions": number % 40,
            }),
        ),
    ];
    if number.is_multiple_of(3) {
        events.push(make("git.push", 25, json!({ "repository": workspace, "branch": "main" })));
    }
    for more in 0..i64::try_from(spread % 7).unwrap_or(0) {
        events.push(make(
            "session.tool_use",
            6 + more,
            json!({ "tool": "Edit", "input": { "path": "src/main.rs" } }),
        ));
        if more % 2 == 0 {
            events.push(make("session.prompt", 7 + more, json!({ "text": "And the other one?" })));
        }
    }
    if number == 0 {
        events.push(make("session.prompt", 47, json!({ "text": "And now?" })));
    } else {
        events.push(make(
            "session.end",
            30 + i64::try_from(number % 60).unwrap_or(0),
            json!({ "reason": "done" }),
        ));
    }
    events
}

fn usage(spread: usize) -> Value {
    let (input, output) = (9_000 + spread % 80_000, 900 + spread % 9_000);
    let cost = (input * 3 + output * 15) as f64 / 1e6;
    json!({ "inputTokens": input, "outputTokens": output, "cacheReadTokens": input * 6, "costUsd": cost })
}

/// A long plain transcript; line `n` says so, and the last but ten holds `the needle`.
#[must_use]
pub fn transcript(lines: usize) -> String {
    let mut text = String::with_capacity(lines * 60);
    for number in 1..=lines {
        let what = if number + 10 == lines {
            "the needle <img src=x onerror=__hit(1)>"
        } else {
            "$ cargo test --workspace"
        };
        text.push_str(&format!("line {number} of {lines}: {what}\n"));
    }
    text
}

/// A transcript as coding agents write it: one JSON object a line.
#[must_use]
pub fn agent_transcript(turns: usize) -> String {
    let mut text = String::new();
    for turn in 0..turns {
        let lines = [
            json!({ "type": "user", "message": { "role": "user", "content": format!("Question {turn}: why?") } }),
            json!({ "type": "assistant", "message": { "role": "assistant", "content": [
                { "type": "text", "text": format!("Answer {turn}: because <b>of this</b>.") },
                { "type": "tool_use", "name": "Bash", "input": { "command": "ls -la" } },
            ] } }),
            json!({ "type": "user", "message": { "role": "user", "content": [
                { "type": "tool_result", "content": "total 12" },
            ] } }),
        ];
        for line in lines {
            text.push_str(&line.to_string());
            text.push('\n');
        }
    }
    text
}
