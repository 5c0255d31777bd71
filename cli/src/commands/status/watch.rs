//! `status --watch`: again whenever something changes, until somebody has seen enough.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::Value;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::report::Report;
use super::words;
use crate::output::{Paint, write};

/// Between two looks. The server answers both questions from memory.
const PERIOD: Duration = Duration::from_secs(2);
/// Between two looks whether to stop.
const TICK: Duration = Duration::from_millis(50);
/// Clears what stands below, and begins at the top.
const TOP: &str = "\u{1b}[H\u{1b}[J";
/// Changes all the time and tells nothing by itself.
const VOLATILE: [&str; 12] = [
    "uptimeSeconds",
    "lastChecked",
    "lastAttempt",
    "nextCheck",
    "retryAt",
    "retryAfterSeconds",
    "since",
    "lagSeconds",
    "depth",
    "updateAsOf",
    "attempt",
    "detail",
];

/// Looks again and again. Ends well when it is interrupted, or nobody reads any more.
pub(super) fn run(as_json: bool, look: impl Fn() -> Report) -> anyhow::Result<ExitCode> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop)).context("cannot wait for signals")?;
    }
    let on_screen = io::stdout().is_terminal() && !as_json;
    let mut shown = None;
    while !stop.load(Ordering::Relaxed) {
        let report = look();
        let text = text(&report, as_json)?;
        // On a screen ages may go on; a log is told what changed.
        let gist = if on_screen { Value::String(text.clone()) } else { gist(report.to_json()) };
        if shown.as_ref() != Some(&gist) {
            let first = shown.is_none();
            let text = if on_screen {
                format!("{TOP}{text}")
            } else if first || as_json {
                text
            } else {
                format!("\n{text}")
            };
            if write(&text).is_err() {
                break;
            }
            shown = Some(gist);
        }
        wait(&stop);
    }
    Ok(ExitCode::SUCCESS)
}

fn text(report: &Report, as_json: bool) -> anyhow::Result<String> {
    Ok(if as_json {
        format!("{}\n", serde_json::to_string(&report.to_json())?)
    } else {
        words::lines(report, Paint::for_stdout()).iter().map(|line| format!("{line}\n")).collect()
    })
}

fn wait(stop: &AtomicBool) {
    let until = Instant::now() + PERIOD;
    while Instant::now() < until && !stop.load(Ordering::Relaxed) {
        thread::sleep(TICK);
    }
}

/// What is left of a report without what changes all the time.
fn gist(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for (_, member) in members.iter_mut() {
                *member = gist(member.take());
            }
            members.retain(|name, _| !VOLATILE.contains(&name.as_str()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = gist(item.take())),
        _ => {}
    }
    value
}
