//! From a hook to the spool, and on to the server without waiting for it.

use std::path::PathBuf;

use anyhow::Context;

use super::{note, state};
use crate::config::{Config, Mistakes};
use crate::event::{self, NewEvent};
use crate::send_spool::start_in_background;
use crate::spool::{Entry, Spool};

/// Keeps an event, and the transcript of its session. A wrong configuration costs the server's address, not the event.
pub(super) fn keep(
    event: NewEvent,
    transcript: Option<PathBuf>,
    config: Result<Config, Mistakes>,
) -> anyhow::Result<()> {
    let state = state().context("keep an event: HOME names no folder")?;
    let device = config.as_ref().ok().and_then(|config| config.device.clone());
    let session = event.session_id.clone();
    let event = event.check(&device.unwrap_or_else(event::host_name)).context("make an event")?;
    let spool = match &config {
        Ok(config) => Spool::of(config),
        Err(_) => Spool::open(&state),
    };
    let spool = spool.context("keep an event")?;
    spool.add(vec![Entry::Event(event)]).context("keep an event")?;
    // By itself, so that no trouble with it costs the event.
    let kept = match (transcript, session) {
        (Some(path), Some(session_id)) => {
            let content_type = "application/jsonl".to_owned();
            spool.add(vec![Entry::Transcript { session_id, path, content_type }]).context("keep a transcript")
        }
        _ => Ok(()),
    };
    match config {
        Ok(config) => start_in_background(&config),
        Err(mistakes) => note(&mistakes.to_string()),
    }
    kept
}
