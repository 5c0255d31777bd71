//! `status`: what runs, how it is, whether there is something newer, what waits, and what to type.

mod report;
mod update;
mod watch;
mod words;

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use chrono::Utc;
use contract::{BuildStamp, Health, VersionState};

use crate::args::StatusArgs;
use crate::commands::spool::others;
use crate::config::Config;
use crate::output::{Paint, print};
use crate::server_client::{ClientError, ServerClient};
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
        print(&serde_json::to_string_pretty(&report.to_json())?);
    } else {
        words::lines(&report, Paint::for_stdout()).iter().for_each(|line| print(line));
    }
    Ok(if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks for health and version at the same time, and looks what waits here.
fn look(config: &Config, client: &ServerClient, stamp: BuildStamp) -> Report {
    let known = Report::known(update_cache::load(config), Utc::now());
    let (health, version) = ask(config, &client.until(Instant::now() + PATIENCE));
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
        known,
        waiting,
        others: others(config),
        hook_problem: hook_log::latest(&config.folders.state),
        now: Utc::now(),
    }
}

type Answers = (Result<Health, ClientError>, Option<Result<VersionState, ClientError>>);

fn ask(config: &Config, client: &ServerClient) -> Answers {
    thread::scope(|scope| {
        let version = config.update_check.then(|| scope.spawn(|| client.version(false)));
        let health = client.health();
        let joined = version.map(|version| version.join().unwrap_or(Err(ClientError::NotUnderstood(None))));
        (health, joined)
    })
}
