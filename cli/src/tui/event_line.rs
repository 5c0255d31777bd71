//! A stored event as a list shows it: its time, its kind, and what matters of its data in one line.

use chrono::{DateTime, Utc};
use contract::{Activity, StoredEvent};
use serde_json::{Map, Value};

use super::text::safe;
use super::when;

/// Characters of a summary that are kept.
const SUMMARY: usize = 300;
/// Characters of the data that are kept for showing an event whole.
const DATA: usize = 4000;
/// Keys that say most, in this order; what they are called is left out.
const TELLING: [&str; 12] = [
    "tool",
    "model",
    "subject",
    "message",
    "prompt",
    "summary",
    "command",
    "file_path",
    "path",
    "reason",
    "text",
    "name",
];

/// An event in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLine {
    /// The event's id.
    pub id: String,
    /// Its place in the order.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: String,
    /// Its session.
    pub session_id: Option<String>,
    /// Its workspace.
    pub workspace: Option<String>,
    /// What matters of its data.
    pub summary: String,
    /// Its data, as it was sent, as far as it is kept here.
    pub data: String,
}

impl From<StoredEvent> for EventLine {
    fn from(event: StoredEvent) -> Self {
        let data = event.data.as_deref().map_or("", serde_json::value::RawValue::get);
        Self {
            summary: summary(&event.kind, data),
            data: data.chars().take(DATA).collect(),
            id: event.id,
            at: event.at,
            kind: event.kind,
            session_id: event.session_id,
            workspace: event.workspace,
        }
    }
}

impl From<&Activity> for EventLine {
    fn from(activity: &Activity) -> Self {
        Self {
            id: activity.id.clone(),
            at: activity.at,
            kind: activity.kind.clone(),
            session_id: activity.session_id.clone(),
            workspace: activity.workspace.clone(),
            summary: join([
                activity.sha.as_deref().map(short_commit).unwrap_or_default(),
                activity.branch.clone().unwrap_or_default(),
                activity.subject.clone().unwrap_or_default(),
                lines_changed(activity.additions, activity.deletions),
            ]),
            data: String::new(),
        }
    }
}

/// The first seven digits of a commit; other names stay.
#[must_use]
pub fn short_commit(name: &str) -> String {
    let hexadecimal = name.len() >= 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal { name[..7].to_owned() } else { safe(name).chars().take(24).collect() }
}

/// `+12 −3`; nothing for what is not known.
#[must_use]
pub fn lines_changed(additions: Option<u64>, deletions: Option<u64>) -> String {
    let signed = |sign: &str, lines: Option<u64>| {
        lines.map(|lines| format!("{sign}{}", when::amount(lines))).unwrap_or_default()
    };
    join([signed("+", additions), signed("−", deletions)])
}

fn summary(kind: &str, data: &str) -> String {
    let text = match serde_json::from_str(data) {
        Ok(Value::Object(fields)) if kind.starts_with("git.") => of_git(&fields),
        Ok(Value::Object(fields)) if kind == "session.usage" => of_usage(&fields),
        Ok(Value::Object(fields)) => of_fields(&fields),
        Ok(Value::Null) | Err(_) => String::new(),
        Ok(Value::String(text)) => text,
        Ok(other) => other.to_string(),
    };
    let text: String = text.chars().take(SUMMARY * 4).collect();
    safe(&text).chars().take(SUMMARY).collect()
}

fn of_git(fields: &Map<String, Value>) -> String {
    let text = |names: &[&str]| {
        names.iter().find_map(|name| fields.get(*name)?.as_str()).unwrap_or_default().to_owned()
    };
    let number = |names: &[&str]| names.iter().find_map(|name| fields.get(*name)?.as_u64());
    let message = text(&["subject", "message"]);
    join([
        short_commit(&text(&["sha", "commit"])),
        text(&["branch"]),
        message.lines().next().unwrap_or_default().to_owned(),
        lines_changed(
            number(&["additions", "insertions", "linesAdded"]),
            number(&["deletions", "linesRemoved"]),
        ),
    ])
}

/// Tokens and cost. Where none of them is told, everything else is.
fn of_usage(fields: &Map<String, Value>) -> String {
    let number = |names: [&str; 2]| names.iter().find_map(|name| fields.get(*name)?.as_u64());
    let told = |count: Option<u64>, what: &str| {
        count.map(|count| format!("{} {what}", when::amount(count))).unwrap_or_default()
    };
    let cost = ["costUsd", "cost_usd"].iter().find_map(|name| fields.get(*name)?.as_f64());
    let said = join([
        told(number(["inputTokens", "input_tokens"]), "in"),
        told(number(["outputTokens", "output_tokens"]), "out"),
        cost.map(when::dollars).unwrap_or_default(),
    ]);
    if said.is_empty() { of_fields(fields) } else { said }
}

fn of_fields(fields: &Map<String, Value>) -> String {
    let told = TELLING.iter().filter_map(|name| fields.get(*name).map(plain));
    let others = fields
        .iter()
        .filter(|(name, _)| !TELLING.contains(&name.as_str()))
        .map(|(name, value)| (name, plain(value)))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"));
    told.chain(others).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn join<const N: usize>(parts: [String; N]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_most_comes_first() {
        let told = summary("session.tool_use", r#"{"ok":true,"tool":"Bash","command":"ls","x":null}"#);
        assert_eq!(told, "Bash  ls  ok=true");
        let commit =
            format!(r#"{{"sha":"{}","branch":"main","subject":"Sow\nmore","additions":3}}"#, "a".repeat(40));
        assert_eq!(summary("git.commit", &commit), "aaaaaaa main Sow +3");
        let usage = r#"{"costUsd":0.4820014,"inputTokens":12345,"outputTokens":40}"#;
        assert_eq!(summary("session.usage", usage), "12.3k in 40 out $0.48");
        assert_eq!(summary("note", "1.5"), "1.5");
        assert_eq!(summary("note", ""), "");
    }

    #[test]
    fn an_escape_in_the_data_does_not_get_through() {
        let told = summary("note", r#"{"text":"a\u001b[2Jb\u0000","k\u001b]0;x\u0007y":1}"#);
        assert!(!told.chars().any(char::is_control), "{told:?}");
        assert!(told.starts_with("ab"), "{told:?}");
    }
}
