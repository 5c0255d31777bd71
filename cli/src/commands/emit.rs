//! `emit`: one event. It is kept first and sent then, so that it is never lost once this says so.

use std::io::Read;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::Utc;
use serde_json::json;
use serde_json::value::RawValue;

use crate::args::EmitArgs;
use crate::config::Config;
use crate::event::{NewEvent, TypedEvent, host_name};
use crate::output::{EXIT_USAGE, complain, print};
use crate::send_spool::{Outcome, Stop, send_once, start_in_background};
use crate::server_client::{ClientError, ServerClient};
use crate::spool::{Entry, Place, Spool};
use crate::update_cache;

/// Whoever calls this waits no longer than that for the server.
const PATIENCE: Duration = Duration::from_millis(2800);
/// Between two looks whether another process has sent it.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
/// More than any event may have, white space included.
const LARGEST_INPUT: u64 = 8 << 20;

/// What became of the event.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// The server has it.
    Sent,
    /// It waits; why.
    Kept(String),
    /// The server will never take it; why.
    Rejected(String),
}

/// Runs it.
///
/// # Errors
/// If the event cannot be kept.
pub fn run(args: &EmitArgs, config: &Config) -> anyhow::Result<ExitCode> {
    let event = match event(args, config)? {
        Ok(event) => event,
        Err(mistake) => {
            complain(&mistake);
            return Ok(ExitCode::from(EXIT_USAGE));
        }
    };
    let (id, kind) = (event.id.clone(), event.kind.clone());
    let spool = Spool::of(config).context("the event is not kept")?;
    let place = spool.place(vec![Entry::Event(event)]).context("the event is not kept")?;
    let fate = match place {
        Some(place) => send(config, &spool, &place, &id),
        None => Fate::Sent,
    };
    let waiting = spool.waiting().map_or(0, |waiting| waiting.entries());
    if args.json {
        print(&as_value(&id, &fate, waiting).to_string());
    } else {
        tell(&id, &kind, &fate, waiting);
    }
    update_cache::mention(config);
    Ok(if matches!(fate, Fate::Rejected(_)) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn as_value(id: &str, fate: &Fate, waiting: u64) -> serde_json::Value {
    let (result, reason) = match fate {
        Fate::Sent => ("sent", None),
        Fate::Kept(why) => ("kept", Some(why)),
        Fate::Rejected(why) => ("rejected", Some(why)),
    };
    json!({ "id": id, "result": result, "reason": reason, "waiting": waiting })
}

fn tell(id: &str, kind: &str, fate: &Fate, waiting: u64) {
    match fate {
        Fate::Sent => print(&format!("sent: {kind} {id}")),
        Fate::Kept(why) => {
            let wait = if waiting == 1 { "waits" } else { "wait" };
            print(&format!("kept: {kind} {id}; {waiting} {wait} for the server: {why}"));
        }
        Fate::Rejected(why) => complain(&format!("the server rejects {kind} {id}: {why}")),
    }
}

/// The event, or what is wrong with what was typed.
fn event(args: &EmitArgs, config: &Config) -> anyhow::Result<Result<contract::Event, String>> {
    let data = match args.data.as_deref() {
        None => None,
        Some("-") => Some(read_input().context("standard input cannot be read")?),
        Some(text) => Some(text.to_owned()),
    };
    let data = match data.map(|text| parse(&text)).transpose() {
        Ok(data) => data,
        Err(mistake) => return Ok(Err(mistake)),
    };
    let event = NewEvent {
        kind: args.kind.clone(),
        session_id: args.session.clone(),
        workspace: args.workspace.clone(),
        timestamp: args.timestamp.unwrap_or_else(Utc::now),
        data: serde_json::Value::Null,
    };
    let device = config.device.clone().unwrap_or_else(host_name);
    Ok(TypedEvent { id: args.id.clone(), event, data }.check(&device).map_err(|error| error.to_string()))
}

fn read_input() -> std::io::Result<String> {
    let mut text = String::new();
    std::io::stdin().lock().take(LARGEST_INPUT).read_to_string(&mut text)?;
    Ok(text)
}

fn parse(text: &str) -> Result<Box<RawValue>, String> {
    serde_json::from_str(text).map_err(|error| {
        // The library's text ends with the place, which is told first here.
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default().to_owned();
        format!("--data is not JSON: line {}, column {}: {what}", error.line(), error.column())
    })
}

/// Sends what waits, this event with it, within the time that somebody waits for it.
fn send(config: &Config, spool: &Spool, place: &Place, id: &str) -> Fate {
    if config.api_key.is_none() {
        return Fate::Kept(ClientError::NoKey.to_string());
    }
    if let Some(attempt) =
        spool.failed_attempt().filter(|last| last.asked && last.says_wait(config.address(), Utc::now()))
    {
        return Fate::Kept(attempt.why);
    }
    let client = match ServerClient::new(config) {
        Ok(client) => client.until(Instant::now() + PATIENCE),
        Err(error) => return Fate::Kept(error.to_string()),
    };
    let outcome = send_or_see_sent(config, &client, spool, place);
    fate(config, spool, place, id, &outcome)
}

/// While another process sends, it may send this one too.
fn send_or_see_sent(config: &Config, client: &ServerClient, spool: &Spool, place: &Place) -> Outcome {
    loop {
        let outcome = send_once(config, client);
        let another = matches!(outcome.stopped, Some(Stop::AnotherSends));
        if !another || client.is_out_of_time() || spool.has_left(place).unwrap_or(false) {
            return outcome;
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}

fn fate(config: &Config, spool: &Spool, place: &Place, id: &str, outcome: &Outcome) -> Fate {
    let rejected = outcome.set_aside.iter().find(|rejected| rejected.id.as_deref() == Some(id));
    if let Some(rejected) = rejected {
        return Fate::Rejected(rejected.reason.clone());
    }
    if !spool.has_left(place).unwrap_or(false) {
        start_in_background(config);
        let why = outcome.stopped.as_ref().map_or_else(|| "it is being sent".to_owned(), ToString::to_string);
        return Fate::Kept(why);
    }
    // Perhaps another process sent it, and got the refusal.
    let told_here = outcome.stopped.is_none() && outcome.sent > 0;
    let rejection = if told_here { None } else { spool.rejection_of(id) };
    rejection.map_or(Fate::Sent, Fate::Rejected)
}
