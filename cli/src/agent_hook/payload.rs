//! From one payload to what it tells. Nothing is looked up here: no file, no clock, no environment.

use serde_json::{Map, Value};

use super::fields::Fields;
use crate::event::is_session_id;
use crate::git_hook::address::without_secrets;

/// Longest text of a prompt that is sent, in bytes.
pub const LONGEST_PROMPT: usize = 64 << 10;
/// Longest part of a command, an address, a message of an error, in characters.
const LONGEST_SUMMARY: usize = 200;
/// Longest path or name, in bytes.
const LONGEST_NAME: usize = 4096;

const WANTED: &[&str] = &[
    "hook_event_name",
    "session_id",
    "transcript_path",
    "cwd",
    "permission_mode",
    "agent_type",
    "source",
    "model",
    "prompt",
    "tool_name",
    "tool_input",
    "tool_use_id",
    "duration_ms",
    "error",
    "is_interrupt",
    "reason",
];

/// What stands for the input of a tool: its name in the input, and in the event.
const SUMMARY: [(&str, &str); 10] = [
    ("file_path", "file"),
    ("notebook_path", "file"),
    ("path", "path"),
    ("command", "command"),
    ("pattern", "pattern"),
    ("url", "url"),
    ("query", "query"),
    ("description", "description"),
    ("subagent_type", "subagent"),
    ("skill", "skill"),
];
const INPUT: &[&str] = &[
    "file_path",
    "notebook_path",
    "path",
    "command",
    "pattern",
    "url",
    "query",
    "description",
    "subagent_type",
    "skill",
];

/// What a payload tells.
#[derive(Debug, PartialEq)]
pub struct Told {
    /// The event's type.
    pub kind: &'static str,
    /// The session.
    pub session_id: String,
    /// Where the agent works.
    pub cwd: Option<String>,
    /// The event's data.
    pub data: Map<String, Value>,
    /// The transcript to upload, as the agent names it.
    pub transcript: Option<String>,
}

/// Why a payload tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// It is no JSON object.
    #[error("what the agent sent is no JSON object, at line {} column {}", .0.line(), .0.column())]
    Json(#[source] serde_json::Error),
    /// It does not say what happened.
    #[error("what the agent sent does not name a hook")]
    Name,
    /// Its session cannot be named to the server.
    #[error("the agent's session id is none that the server takes")]
    Session,
}

/// Reads a payload; none if it is a hook of which nothing is told. `private` leaves out whatever a person or the agent
/// wrote: prompts, commands, paths, transcripts.
///
/// # Errors
/// If it is no payload.
pub fn read(json: &str, private: bool) -> Result<Option<Told>, PayloadError> {
    let fields = Fields::read(json, WANTED).map_err(PayloadError::Json)?;
    let name = fields.text("hook_event_name").ok_or(PayloadError::Name)?;
    let mut data = Map::new();
    let kind = match name.as_str() {
        "SessionStart" => {
            copy(&mut data, &fields, &["model", "source"]);
            "session.start"
        }
        "UserPromptSubmit" => {
            tell_prompt(&mut data, &fields, private);
            "session.prompt"
        }
        "PostToolUse" | "PostToolUseFailure" => {
            tell_tool(&mut data, &fields, private, name == "PostToolUse");
            "session.tool_use"
        }
        "SessionEnd" => {
            copy(&mut data, &fields, &["reason"]);
            "session.end"
        }
        _ => return Ok(None),
    };
    let session_id = fields.text("session_id").filter(|id| is_session_id(id)).ok_or(PayloadError::Session)?;
    data.insert("agent".into(), "claude-code".into());
    for (name, told) in [("permission_mode", "permissionMode"), ("agent_type", "agentType")] {
        insert(&mut data, told, fields.text(name));
    }
    let cwd = fields.text("cwd").filter(|cwd| !cwd.is_empty());
    if !private {
        insert(&mut data, "cwd", cwd.clone());
    }
    let ends = kind == "session.end" && !private;
    let transcript = fields.text("transcript_path").filter(|path| ends && !path.is_empty());
    Ok(Some(Told { kind, session_id, cwd, data, transcript }))
}

fn tell_prompt(data: &mut Map<String, Value>, fields: &Fields<'_>, private: bool) {
    let Some(prompt) = fields.text("prompt") else { return };
    data.insert("characters".into(), prompt.chars().count().into());
    if private {
        return;
    }
    let (shown, cut) = contract::terminal::cap(&prompt, LONGEST_PROMPT);
    data.insert("prompt".into(), shown.into());
    if cut {
        data.insert("cut".into(), true.into());
    }
}

fn tell_tool(data: &mut Map<String, Value>, fields: &Fields<'_>, private: bool, ok: bool) {
    insert(data, "tool", fields.text("tool_name"));
    insert(data, "toolUseId", fields.text("tool_use_id"));
    data.insert("ok".into(), ok.into());
    if let Some(duration) = fields.number("duration_ms") {
        data.insert("durationMs".into(), duration.into());
    }
    if fields.flag("is_interrupt") == Some(true) {
        data.insert("interrupted".into(), true.into());
    }
    if private {
        return;
    }
    // The rest of it is what the tool printed.
    let error = fields.text("error").and_then(|error| error.lines().next().map(str::to_owned));
    insert(data, "error", error.filter(|_| !ok).map(|line| start_of(&line)));
    let Some(input) = fields.object("tool_input", INPUT) else { return };
    for (name, told) in SUMMARY {
        let text = match name {
            "url" => input.text(name).and_then(|url| without_secrets(&url)),
            _ => input.text(name),
        };
        let text = if told == "file" || told == "path" { text } else { text.map(|text| start_of(&text)) };
        if !data.contains_key(told) {
            insert(data, told, text);
        }
    }
}

fn copy(data: &mut Map<String, Value>, fields: &Fields<'_>, names: &[&str]) {
    for name in names {
        insert(data, name, fields.text(name));
    }
}

fn insert(data: &mut Map<String, Value>, name: &str, text: Option<String>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        data.insert(name.to_owned(), contract::terminal::cap(&text, LONGEST_NAME).0.into());
    }
}

fn start_of(text: &str) -> String {
    text.chars().take(LONGEST_SUMMARY).collect()
}

#[cfg(test)]
#[path = "payload_tests.rs"]
mod tests;
