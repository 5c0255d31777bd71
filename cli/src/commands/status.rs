//! `status`: what runs, how it is, whether there is something newer, what waits, and what to type.

mod report;
mod update;
mod watch;
mod words;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use chrono::Utc;
use contract::{BuildStamp, Health, VersionState};

use crate::args::StatusArgs;
use crate::commands::spool::others;
use crate::config::Config;
use crate::output::{Paint, answer};
use crate::server_client::{ClientError, ListQuery, ServerClient};
use crate::spool::Spool;
use crate::{hook_log, update_cache};

use report::Report;

/// Nobody waits longer for a server that is away.
const PATIENCE: Duration = Duration::from_millis(2500);

/// Runs it.
///
/// # Errors
/// If it cannot be told.
pub fn run(args: &StatusArgs, config: &Config, stamp: BuildStamp) -> anyhow::Result<ExitCode> {
    let client = ServerClient::new(config)?;
    if args.watch {
        return watch::run(args.json, || look(config, &client, stamp));
    }
    let report = look(config, &client, stamp);
    if args.json {
        answer(&[serde_json::to_string_pretty(&report.to_json())?])?;
    } else {
        answer(&words::lines(&report, Paint::for_stdout()))?;
    }
    Ok(if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks for health and version at the same time, and looks what waits here.
fn look(config: &Config, client: &ServerClient, stamp: BuildStamp) -> Report {
    let known = Report::known(update_cache::load(config), Utc::now());
    let Answers { health, version, refused } = ask(config, &client.until(Instant::now() + PATIENCE));
    if let Some(Ok(state)) = &version {
        update_cache::store(config, state);
    }
    let spool = Spool::of(config);
    let waiting = spool.and_then(|spool| spool.waiting().map(|waiting| (spool, waiting)));
    Report {
        stamp,
        address: client.address().to_owned(),
        has_key: config.api_key.is_some(),
        health,
        version,
        refused,
        open_settings: open_settings(config),
        known,
        waiting,
        others: others(config),
        hook_problem: hook_log::latest(&config.folders.state),
        now: Utc::now(),
    }
}

struct Answers {
    health: Result<Health, ClientError>,
    version: Option<Result<VersionState, ClientError>>,
    /// Why the server takes nothing from us, where nobody asked it for the version.
    refused: Option<ClientError>,
}

fn ask(config: &Config, client: &ServerClient) -> Answers {
    thread::scope(|scope| {
        let version = config.update_check.then(|| scope.spawn(|| client.version(false)));
        // Health needs no key, so something else must tell whether ours is right.
        let probe = ListQuery { limit: Some(1), ..ListQuery::default() };
        let refused = (!config.update_check).then(|| scope.spawn(move || client.sessions(&probe).err()));
        let health = client.health();
        let lost = || ClientError::NotUnderstood(None);
        Answers {
            health,
            version: version.map(|version| version.join().unwrap_or_else(|_| Err(lost()))),
            refused: refused.and_then(|refused| refused.join().unwrap_or_else(|_| Some(lost()))),
        }
    })
}

/// The file with the settings, if it holds the key and others can read it.
fn open_settings(config: &Config) -> Option<PathBuf> {
    let path = config.folders.config.join("config.toml");
    let mode = fs::metadata(&path).ok()?.permissions().mode();
    let key = |line: &str| line.split_once('=').is_some_and(|(key, _)| key.trim() == "api_key");
    let holds_key = fs::read_to_string(&path).ok()?.lines().any(key);
    (mode & 0o044 != 0 && holds_key).then_some(path)
}
