//! Sending behind the back of whoever called a hook: a process of its own that nobody waits for.

use std::fs;
use std::io;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use secrecy::ExposeSecret;

use super::{Outcome, Stop, send_once};
use crate::config::{self, Config};
use crate::server_client::{ClientError, ServerClient};
use crate::spool::{Attempt, Spool};

/// How long one process tries before it leaves it to the next.
const PATIENCE: Duration = Duration::from_secs(60);
/// Before the second attempt; doubled before each further one.
const FIRST_DELAY: Duration = Duration::from_secs(1);
/// Another process that only looks whether the lock is free holds it for less than this.
const LOOK: Duration = Duration::from_millis(20);
/// Before the next look whether another process still sends.
const ANOTHER: Duration = Duration::from_millis(200);
/// After a failed attempt a hook may start the next process this much later; doubled with each further failure.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(5);
/// And no later than this.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(15);
/// Longer than this nobody waits because a server asks for it.
const LONGEST_ASKED: TimeDelta = TimeDelta::minutes(59);

/// Starts a process that sends what waits, unless one runs, there is no key, or a recent failure says to wait. It says
/// nothing, and nobody needs to wait for it. Failing to start it is no failure: what waits is sent the next time.
pub fn start_in_background(config: &Config) {
    let Some(key) = &config.api_key else { return };
    let Ok(spool) = Spool::of(config) else { return };
    let attempt = spool.failed_attempt();
    let told_to_wait = attempt.is_some_and(|attempt| attempt.says_wait(config.address(), Utc::now()));
    if told_to_wait || !matches!(spool.background(), Ok(Some(_))) {
        return;
    }
    drop(spawn(config, key.expose_secret()));
}

/// The settings go along in the environment: what was read from flags and files is decided already.
fn spawn(config: &Config, key: &str) -> io::Result<()> {
    let program = std::env::current_exe()?;
    Command::new(program)
        .args(["spool", "send", "--background"])
        .env(config::URL, config.url.as_str())
        .env(config::API_KEY, key)
        .env(config::DISABLE_UPDATE_CHECK, if config.update_check { "false" } else { "true" })
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
}

/// Makes this process nobody's child to wait for: to be called before it opens anything.
pub fn detach() {
    close_inherited();
    // Fails where this is the leader of a group already, which is as good.
    let _ = rustix::process::setsid();
}

/// What that process does: sends, tries again with growing delay for a minute, then leaves it to the next one.
///
/// # Errors
/// Why it gave up.
pub fn run_in_background(config: &Config, client: &ServerClient) -> Result<Outcome, Stop> {
    let spool = Spool::of(config)?;
    let Some(mut lock) = alone(&spool)? else { return Err(Stop::AnotherSends) };
    loop {
        let outcome = try_for_a_while(config, &spool, client);
        drop(lock);
        // A hook that saw the lock held started no process of its own.
        let more = outcome.stopped.is_none() && !spool.is_empty()?;
        match if more { spool.background()? } else { None } {
            Some(again) => lock = again,
            None => return Ok(outcome),
        }
    }
}

/// Closes what whoever called the hook had open: its locks and pipes are not ours to hold. Nothing of ours is open yet.
fn close_inherited() {
    let Ok(open) = fs::read_dir("/dev/fd") else { return };
    let open: Vec<i32> =
        open.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for descriptor in open.into_iter().filter(|descriptor| *descriptor > 2) {
        // The one that read the folder is closed already.
        let _ = nix::unistd::close(descriptor);
    }
}

/// The lock that makes this the only process in the background.
fn alone(spool: &Spool) -> Result<Option<std::fs::File>, Stop> {
    let until = Instant::now() + LOOK;
    loop {
        let lock = spool.background()?;
        if lock.is_some() || Instant::now() > until {
            return Ok(lock);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn try_for_a_while(config: &Config, spool: &Spool, client: &ServerClient) -> Outcome {
    let until = Instant::now() + PATIENCE;
    let mut delay = FIRST_DELAY;
    loop {
        if !spool.folder().is_dir() {
            // Its user has gone, or has thrown it away; it is not to be made again.
            return Outcome::default();
        }
        let outcome = send_once(config, client);
        let wait = match &outcome.stopped {
            Some(Stop::Server(error)) if error.passes() => {
                error.retry_after().unwrap_or(delay).clamp(delay, PATIENCE.saturating_mul(2))
            }
            Some(Stop::AnotherSends) => ANOTHER,
            _ => return outcome,
        };
        if Instant::now() + wait > until {
            return outcome;
        }
        thread::sleep(wait);
        if matches!(outcome.stopped, Some(Stop::Server(_))) {
            delay = delay.saturating_mul(2);
        }
    }
}

/// Notes why an attempt failed, and when the next one makes sense. Attempts that come before that, by hand or in the
/// same process, do not make it later.
pub(super) fn note(spool: &Spool, address: &str, error: &ClientError) {
    let now = Utc::now();
    let before = spool.failed_attempt().filter(|before| before.address == address);
    let early = before.clone().filter(|before| before.says_wait(address, now));
    let failures = before.map_or(0, |before| before.failures).saturating_add(u32::from(early.is_none()));
    let doubled = FIRST_PAUSE * (1 << failures.clamp(1, 10).saturating_sub(1));
    let pause = now + doubled.min(LONGEST_PAUSE);
    let asked = error.retry_after().and_then(|wait| TimeDelta::from_std(wait).ok());
    let asked_at = asked.map(|asked| now + asked.min(LONGEST_ASKED));
    let next_at = asked_at.or(early.map(|early| early.next_at)).unwrap_or(pause);
    let attempt = Attempt {
        address: address.to_owned(),
        at: now,
        next_at,
        asked: asked.is_some(),
        failures,
        why: contract::terminal::one_line(&error.to_string(), 500),
    };
    spool.note_failure(&attempt);
}
