//! `spool`: what waits for the server, and sending it now.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::age::{ago, bytes, counted};
use crate::args::{PROGRAM, SpoolArgs, SpoolVerb};
use crate::config::Config;
use crate::output::{answer, complain, print};
use crate::send_spool::{Outcome, Stop, detach, run_in_background, send_from, send_once};
use crate::server_client::{ClientError, ServerClient};
use crate::spool::{Spool, SpoolError, Waiting};
use crate::update_cache;

/// In the place of an address for what was kept while the configuration was wrong.
const NO_ADDRESS: &str = "";
/// What was refused longer ago is not told any more.
const REFUSALS_TOLD: TimeDelta = TimeDelta::days(7);
/// How long to wait for another process that sends and does not get on.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks whether it has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Runs it.
///
/// # Errors
/// If the spool cannot be read, or not everything could be sent.
pub fn run(args: &SpoolArgs, config: &Config) -> anyhow::Result<ExitCode> {
    let code = match &args.verb {
        SpoolVerb::Status { json } => status(config, *json)?,
        SpoolVerb::Send { background: true, .. } => return send_in_background(config),
        SpoolVerb::Send { kept_for, .. } => send(config, kept_for.as_deref())?,
    };
    update_cache::mention(config);
    Ok(code)
}

/// What `--json` prints.
#[derive(Serialize)]
struct Told<'a> {
    address: &'a str,
    #[serde(flatten)]
    waiting: &'a Waiting,
    others: Vec<Other<'a>>,
}

#[derive(Serialize)]
struct Other<'a> {
    address: &'a str,
    #[serde(flatten)]
    waiting: &'a Waiting,
}

fn status(config: &Config, as_json: bool) -> anyhow::Result<ExitCode> {
    let spool = Spool::of(config)?;
    let (waiting, others) = (spool.waiting()?, others(config));
    if as_json {
        let others = others.iter().map(|(address, waiting)| Other { address, waiting }).collect();
        let told = Told { address: config.address(), waiting: &waiting, others };
        answer(&[serde_json::to_string_pretty(&told)?])?;
    } else {
        let has_key = config.api_key.is_some();
        let mut told = lines(&spool, &waiting, config.address(), has_key, Utc::now());
        told.extend(lines_of_others(&others, config.address()));
        answer(&told)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What waits for other servers, by their addresses; what was kept while the configuration was wrong has none.
#[must_use]
pub fn others(config: &Config) -> Vec<(String, Waiting)> {
    let other = |spool: Spool| {
        let waiting = spool.waiting().ok().filter(|waiting| waiting.entries() > 0)?;
        let address = spool.address().unwrap_or(NO_ADDRESS).to_owned();
        (address != config.address()).then_some((address, waiting))
    };
    Spool::all(&config.folders.state).into_iter().filter_map(other).collect()
}

/// The same for a person, with what to do.
#[must_use]
pub fn lines_of_others(others: &[(String, Waiting)], ours: &str) -> Vec<String> {
    let line = |(address, waiting): &(String, Waiting)| {
        let count = waiting.entries();
        let (entries, wait) = if count == 1 { ("entry", "waits") } else { ("entries", "wait") };
        let safe = contract::terminal::one_line(address, 200);
        if address == NO_ADDRESS {
            return format!("{count} {entries}, kept while the configuration was wrong, {wait} for {ours}");
        }
        format!(
            "{count} {entries} {wait} for {safe}; send with `{PROGRAM} --url {safe} spool send`, or, if that server is now {ours}, with `{PROGRAM} spool send --kept-for {safe}`"
        )
    };
    others.iter().map(line).collect()
}

/// What a person should know of the spool; the first line says what waits.
#[must_use]
pub fn lines(
    spool: &Spool,
    waiting: &Waiting,
    address: &str,
    has_key: bool,
    now: DateTime<Utc>,
) -> Vec<String> {
    let mut lines = vec![what_waits(waiting, address, now)];
    if waiting.newer > 0 {
        lines.push(SpoolError::Newer(spool.folder().to_owned()).to_string());
    }
    if waiting.entries() > 0 {
        if waiting.sending {
            lines.push("being sent now".to_owned());
        } else if !has_key {
            lines.push(ClientError::NoKey.to_string());
        } else if let Some(attempt) = waiting.attempt.as_ref().filter(|attempt| attempt.address == address) {
            lines.push(format!("last attempt {}: {}", ago(attempt.at, now), attempt.why));
        } else {
            lines.push("sent by the next hook, or now by `remote-agent spool send`".to_owned());
        }
    }
    let file = |name: &str| spool.folder().join(name).with_extension("jsonl").display().to_string();
    if waiting.rejected > 0 {
        let rejected = counted(waiting.rejected, "entry").replace("entrys", "entries");
        lines.push(format!("{rejected} the server will never take: {}", file("rejected")));
    }
    if waiting.damaged > 0 {
        lines.push(format!("{} damaged on the disk: {}", counted(waiting.damaged, "line"), file("damaged")));
    }
    if let Some(refused) = waiting.refused.as_ref().filter(|refused| now - refused.last < REFUSALS_TOLD) {
        lines.push(format!(
            "{} not kept because the spool was full, the last {}",
            if refused.count == 1 {
                "1 event was".to_owned()
            } else {
                format!("{} events were", refused.count)
            },
            ago(refused.last, now)
        ));
    }
    lines
}

fn what_waits(waiting: &Waiting, address: &str, now: DateTime<Utc>) -> String {
    let kinds =
        [(waiting.events, "event"), (waiting.transcripts, "transcript"), (waiting.newer, "newer event")];
    let kinds: Vec<String> =
        kinds.iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(*count, what)).collect();
    if kinds.is_empty() {
        return format!("nothing waits for {address}");
    }
    let wait = if waiting.entries() == 1 { "waits" } else { "wait" };
    let oldest =
        waiting.oldest.map_or_else(String::new, |oldest| format!(", the oldest from {}", ago(oldest, now)));
    format!("{} {wait} for {address} ({}{oldest})", kinds.join(" and "), bytes(waiting.bytes))
}

fn send(config: &Config, kept_for: Option<&str>) -> anyhow::Result<ExitCode> {
    let spool = match kept_for {
        Some(address) => find(config, address)?,
        None => Spool::of(config)?,
    };
    let client = ServerClient::new(config)?;
    let outcome = match kept_for {
        Some(_) => send_when_free(&spool, || send_from(&spool, &client)),
        None => send_when_free(&spool, || send_once(config, &client)),
    };
    for rejected in &outcome.set_aside {
        let id = rejected.id.as_deref().map_or_else(String::new, |id| format!("{id}: "));
        complain(&format!("set aside: {id}{}", rejected.reason));
    }
    let mut sent = counted(outcome.sent, "event");
    if outcome.transcripts > 0 {
        sent = format!("{sent} and {}", counted(outcome.transcripts, "transcript"));
    }
    print(&format!("sent {sent}"));
    if let Some(stop) = &outcome.stopped {
        let waiting = spool.waiting()?.entries();
        let wait = if waiting == 1 { "waits" } else { "wait" };
        complain(&format!("{waiting} still {wait}: {stop}"));
    }
    let whole = outcome.stopped.is_none() && outcome.set_aside.is_empty();
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The spool of another server; it must be there, or a misspelt address would send nothing without a word.
fn find(config: &Config, address: &str) -> anyhow::Result<Spool> {
    let address = address.trim_end_matches('/');
    let found = Spool::all(&config.folders.state).into_iter().find(|spool| spool.address() == Some(address));
    found.with_context(|| {
        format!("nothing was ever kept for {address}; `{PROGRAM} spool status` lists the addresses")
    })
}

/// While another process sends, follows it as long as it gets on.
fn send_when_free(spool: &Spool, send: impl Fn() -> Outcome) -> Outcome {
    let (mut until, mut before) = (Instant::now() + PATIENCE, u64::MAX);
    loop {
        let outcome = send();
        if !matches!(outcome.stopped, Some(Stop::AnotherSends)) || Instant::now() > until {
            return outcome;
        }
        let waiting = spool.waiting().map_or(0, |waiting| waiting.entries());
        if waiting < before {
            (until, before) = (Instant::now() + PATIENCE, waiting);
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}

/// Nobody reads what this would say.
fn send_in_background(config: &Config) -> anyhow::Result<ExitCode> {
    detach();
    let client = ServerClient::new(config)?;
    let outcome = run_in_background(config, &client)?;
    if outcome.stopped.is_some() {
        return Ok(ExitCode::FAILURE);
    }
    update_cache::refresh(config, &client);
    Ok(ExitCode::SUCCESS)
}
