//! `spool`: what waits for the server, and sending it now.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::age::{ago, bytes, counted};
use crate::args::{SpoolArgs, SpoolVerb};
use crate::config::Config;
use crate::output::{complain, print};
use crate::send_spool::{Outcome, Stop, run_in_background, send_once};
use crate::server_client::{ClientError, ServerClient};
use crate::spool::{Spool, Waiting};
use crate::update_cache;

/// What was refused longer ago is not told any more.
const REFUSALS_TOLD: TimeDelta = TimeDelta::days(7);
/// How long to wait for another process that sends.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks whether it has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Runs it.
///
/// # Errors
/// If the spool cannot be read, or not everything could be sent.
pub fn run(args: &SpoolArgs, config: &Config) -> anyhow::Result<ExitCode> {
    let code = match args.verb {
        SpoolVerb::Status { json } => status(config, json)?,
        SpoolVerb::Send { background: true } => return send_in_background(config),
        SpoolVerb::Send { background: false } => send(config)?,
    };
    update_cache::mention(config);
    Ok(code)
}

fn status(config: &Config, as_json: bool) -> anyhow::Result<ExitCode> {
    let spool = Spool::open(&config.folders.state)?;
    let waiting = spool.waiting()?;
    if as_json {
        print(&serde_json::to_string_pretty(&waiting)?);
    } else {
        let address = config.url.as_str().trim_end_matches('/');
        lines(&spool, &waiting, address, config.api_key.is_some(), Utc::now())
            .iter()
            .for_each(|line| print(line));
    }
    Ok(ExitCode::SUCCESS)
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
    if waiting.entries() > 0 {
        if !has_key {
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
    let kinds = [(waiting.events, "event"), (waiting.transcripts, "transcript")];
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

fn send(config: &Config) -> anyhow::Result<ExitCode> {
    let client = ServerClient::new(config)?;
    let outcome = send_when_free(config, &client);
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
        let waiting = Spool::open(&config.folders.state)?.waiting()?.entries();
        let wait = if waiting == 1 { "waits" } else { "wait" };
        complain(&format!("{waiting} still {wait}: {stop}"));
    }
    let whole = outcome.stopped.is_none() && outcome.set_aside.is_empty();
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn send_when_free(config: &Config, client: &ServerClient) -> Outcome {
    let until = Instant::now() + PATIENCE;
    loop {
        let outcome = send_once(config, client);
        if !matches!(outcome.stopped, Some(Stop::AnotherSends)) || Instant::now() > until {
            return outcome;
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}

/// Nobody reads what this would say.
fn send_in_background(config: &Config) -> anyhow::Result<ExitCode> {
    let client = ServerClient::new(config)?;
    let outcome = run_in_background(config, &client)?;
    if outcome.stopped.is_some() {
        return Ok(ExitCode::FAILURE);
    }
    update_cache::refresh(config, &client);
    Ok(ExitCode::SUCCESS)
}
