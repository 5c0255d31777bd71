//! The last known update: what other commands mention without asking anybody, and what `status` tells while the server
//! is away.
//!
//! Written by whoever asked the server anyhow. It may be lost or out of date at any time; text in it is a stranger's.

use std::fs::{self, DirBuilder};
use std::io::{IsTerminal, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use contract::VersionState;
use contract::terminal::one_line;
use serde::{Deserialize, Serialize};

use crate::args::PROGRAM;
use crate::config::Config;
use crate::output::complain;
use crate::server_client::ServerClient;
use crate::whole_file;

/// Holds what is known.
const NAME: &str = "update.json";
/// Holds what was mentioned last.
const MENTIONED: &str = "mentioned.json";
/// A file that is larger is none of ours.
const LARGEST: u64 = 256 << 10;
/// How often the same update is mentioned; a security fix each time.
const BETWEEN_MENTIONS: TimeDelta = TimeDelta::days(1);
/// What was learnt longer ago is not mentioned, and not told.
pub const TOO_OLD: TimeDelta = TimeDelta::days(30);

/// What is known, from whom, since when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// The server that said so.
    pub address: String,
    /// When it did.
    pub at: DateTime<Utc>,
    /// What it said, without the notes.
    pub state: VersionState,
}

#[derive(Serialize, Deserialize)]
struct Mentioned {
    version: String,
    at: DateTime<Utc>,
}

/// Keeps what the server said, unless it knows nothing any more of what was known before. Where it cannot be kept, the
/// next one asks again.
pub fn store(config: &Config, state: &VersionState) {
    if state.latest.is_none() && load(config).is_some_and(|known| known.state.latest.is_some()) {
        return;
    }
    let state = VersionState { release_notes: None, release_notes_html: None, ..state.clone() };
    let known = Known { address: config.address().to_owned(), at: Utc::now(), state };
    write(config, NAME, &known);
}

/// What this server said last.
#[must_use]
pub fn load(config: &Config) -> Option<Known> {
    let known: Known = read(&config.folders.cache.join(NAME))?;
    (known.address == config.address()).then_some(known)
}

/// Asks the server and keeps what it says, for a process that nobody waits for.
pub fn refresh(config: &Config, client: &ServerClient) {
    if config.update_check
        && let Ok(state) = client.version(false)
    {
        store(config, &state);
    }
}

/// Says in one line on stderr that there is something newer, if that is known, a person is there to read it, and it was
/// not said today. Asks nobody.
pub fn mention(config: &Config) {
    if !config.update_check || !std::io::stderr().is_terminal() {
        return;
    }
    let Some(known) = load(config) else { return };
    let now = Utc::now();
    let said: Option<Mentioned> = read(&config.folders.cache.join(MENTIONED));
    let said = said.filter(|said| (now - said.at).abs() < BETWEEN_MENTIONS).map(|said| said.version);
    let Some((version, line)) = to_mention(&known, said.as_deref(), now) else { return };
    complain(&line);
    write(config, MENTIONED, &Mentioned { version, at: now });
}

/// The version and the line, if there is something to say.
fn to_mention(known: &Known, said_today: Option<&str>, now: DateTime<Utc>) -> Option<(String, String)> {
    let state = &known.state;
    let latest = state.latest.as_deref().filter(|_| state.update_available == Some(true))?;
    let affected = state.security.affected == Some(true);
    let put_off = state.skipped.is_some() || state.snoozed_until.is_some_and(|until| now < until);
    if (put_off || said_today == Some(latest)) && !affected || (now - known.at).abs() > TOO_OLD {
        return None;
    }
    let version = one_line(latest, 40);
    let line = if affected {
        format!(
            "security: the server's version has a known vulnerability; {version} is available, see `{PROGRAM} status`"
        )
    } else {
        format!("{version} of the server is available, see `{PROGRAM} status`")
    };
    Some((latest.to_owned(), line))
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Option<T> {
    let mut text = String::new();
    fs::File::open(path).ok()?.take(LARGEST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn write(config: &Config, name: &str, value: &impl Serialize) {
    let folder: &PathBuf = &config.folders.cache;
    if !folder.exists() && DirBuilder::new().recursive(true).mode(0o700).create(folder).is_err() {
        return;
    }
    if let Ok(json) = serde_json::to_vec(value) {
        drop(whole_file::replace(&folder.join(name), &json, 0o600));
    }
}

#[cfg(test)]
#[path = "update_cache_tests.rs"]
mod tests;
