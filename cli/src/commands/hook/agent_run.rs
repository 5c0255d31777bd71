//! `hook claude-code run`: what Claude Code calls.

use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::Utc;
use serde_json::Value;

use super::input;
use super::keep::keep;
use super::note;
use crate::agent_hook::payload::{self, Told};
use crate::agent_hook::transcript;
use crate::config::{Config, Mistakes};
use crate::event::NewEvent;
use crate::git_hook;

/// Tells what happened.
pub(super) fn run(private: bool, configured: impl Fn() -> Result<Config, Mistakes>) -> anyhow::Result<()> {
    let payload = input::read().context("read what the agent sent")?;
    let payload = String::from_utf8_lossy(&payload);
    let Some(told) = payload::read(&payload, private)? else { return Ok(()) };
    let transcript = told.transcript.as_deref().and_then(find_transcript);
    keep(event(told), transcript, configured())
}

fn event(told: Told) -> NewEvent {
    let workspace = told.cwd.as_deref().map(Path::new).and_then(|cwd| {
        let top = git_hook::top_around(cwd).unwrap_or(cwd);
        git_hook::workspace(&top.file_name()?.to_string_lossy())
    });
    NewEvent {
        kind: told.kind.to_owned(),
        session_id: Some(told.session_id),
        workspace,
        timestamp: Utc::now(),
        data: Value::Object(told.data),
    }
}

/// The transcript, if it may be uploaded. If not, the event is told all the same.
fn find_transcript(named: &str) -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let homes: Vec<PathBuf> = ["HOME", "CLAUDE_CONFIG_DIR"].into_iter().filter_map(folder).collect();
    match transcript::find(named, &homes) {
        Ok(found) => found,
        Err(error) => {
            note(&format!("{:#}", anyhow::Error::new(error)));
            None
        }
    }
}
