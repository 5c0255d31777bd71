//! `sidewatch check`: once, without a server.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use contract::{BuildStamp, Severity, Status, VersionState};
use releases::Track;
use releases::notes::{for_terminal, one_line};
use releases::release::running_version;

use super::{EXIT_CONFIG, Settings, complain, print};
use crate::checker::Reason;
use crate::config::Target;
use crate::config::{Config, Log, Mistakes, Notify, Sources};
use crate::snapshot::Snapshot;
use crate::watched::Watched;
use crate::{startup, telemetry};

/// An update is available.
pub const EXIT_UPDATE: u8 = 0;
/// The running version is the newest.
pub const EXIT_UP_TO_DATE: u8 = 10;
/// Cannot tell.
pub const EXIT_UNKNOWN: u8 = 20;

/// Lines of notes shown to a person.
const NOTE_LINES: usize = 20;

/// What to check.
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// Repository, as in its address on GitHub
    #[arg(value_name = "OWNER/REPO")]
    pub repository: Option<releases::Repo>,
    /// Print the state as JSON
    #[arg(long)]
    pub json: bool,
    /// The rest
    #[command(flatten)]
    pub settings: Settings,
}

/// Checks once and prints what was found.
pub async fn run(args: CheckArgs, stamp: BuildStamp) -> ExitCode {
    let mut flags = args.settings.into_flags();
    if let Some(repository) = args.repository {
        flags.insert("REPO", repository.to_string());
    }
    let says_what_runs = flags.contains_key("CURRENT") && !flags.contains_key("CURRENT_URL");
    let mut sources = Sources::from_process(flags);
    if says_what_runs {
        // Told what runs, it asks nobody else, whatever the environment is made for.
        sources.environment.remove("SIDEWATCH_CURRENT_URL");
    }
    let config = match Config::read(&sources) {
        Ok(config) => config,
        Err(mistakes) => return misconfigured(&mistakes),
    };
    telemetry::start(&Log { filter: quieter(&config.log.filter), ..config.log.clone() });
    match state(config, stamp).await {
        Ok((state, reason)) => report(&state, &reason, args.json),
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// A person reads the result; the log only says what is worse than a warning, unless more is asked for.
fn quieter(filter: &str) -> String {
    if filter == "info" { "error".to_owned() } else { filter.to_owned() }
}

fn misconfigured(mistakes: &Mistakes) -> ExitCode {
    complain(&mistakes.to_string());
    ExitCode::from(EXIT_CONFIG)
}

async fn state(mut config: Config, stamp: BuildStamp) -> anyhow::Result<(VersionState, String)> {
    config.keep = config.keep.beside_sidecar();
    config.notify = Notify::default();
    let config = Arc::new(config);
    let core = startup::build_core(&config, stamp).await?;
    core.checker.check(0, Reason::Forced).await;
    core.store.flush();
    let watched = &core.checker.targets()[0];
    Ok((watched.state(), reason(watched)))
}

fn report(state: &VersionState, reason: &str, json: bool) -> ExitCode {
    if json {
        print(&serde_json::to_string_pretty(state).unwrap_or_default());
    } else {
        describe(state);
    }
    let code = match state.update_available {
        Some(true) => EXIT_UPDATE,
        Some(false) => EXIT_UP_TO_DATE,
        None => EXIT_UNKNOWN,
    };
    if code == EXIT_UNKNOWN {
        complain(&format!("cannot tell: {reason}"));
    }
    ExitCode::from(code)
}

/// Why it cannot be told, if it cannot: the first thing that is missing.
fn reason(watched: &Watched) -> String {
    let state = watched.state();
    let error = || state.error.as_ref().map(|error| one_line(&error.message, 500));
    if state.status == Status::Disabled {
        return "update checks are switched off (SIDEWATCH_DISABLE_UPDATE_CHECK)".to_owned();
    }
    if state.latest.is_none() {
        let held =
            state.pending.as_ref().map(|held| format!("{}: {}", held.version, one_line(&held.detail, 300)));
        return error().or(held).unwrap_or_else(|| "nothing that can be installed here is known".to_owned());
    }
    let target = &watched.target;
    let (told, comparable) = watched.with_snapshot(|snapshot| running(target, snapshot));
    let Some(told) = told else {
        let from_app = "the running version is not known: SIDEWATCH_CURRENT_URL does not tell it";
        let from_nowhere = "the running version is not known; give --current";
        return if target.current_url.is_some() { from_app } else { from_nowhere }.to_owned();
    };
    let told = one_line(&told, 100);
    match &target.track {
        Track::Releases if !comparable => format!("`{told}` is no version that can be compared"),
        Track::Branch(_) if !comparable => {
            format!("`{told}` is no commit; seven digits of its SHA are needed at least")
        }
        Track::Releases => error().unwrap_or_else(|| {
            "a newer version is there, but whether its image can be installed is not known yet".to_owned()
        }),
        Track::Branch(name) => error().unwrap_or_else(|| {
            format!(
                "`{told}` cannot be compared with {name} (gone in a force-push, or of another repository?)"
            )
        }),
    }
}

/// What is said to run, and whether that can be compared with anything.
fn running(target: &Target, snapshot: &Snapshot) -> (Option<String>, bool) {
    let Some(running) = &snapshot.running else { return (None, false) };
    let comparable = match &target.track {
        Track::Branch(_) => target.running_commit(snapshot).is_some(),
        Track::Releases => {
            let releases = snapshot.known.as_ref().map_or(&[][..], |known| &known.releases);
            running_version(running.version.as_deref(), releases).is_some()
        }
    };
    (running.version.clone().or_else(|| running.commit.clone()), comparable)
}

fn describe(state: &VersionState) {
    let shown = |text: &Option<String>| {
        text.as_deref().map_or_else(|| "unknown".to_owned(), |text| one_line(text, 100))
    };
    let verdict = match (state.update_available, state.severity) {
        (Some(true), Some(Severity::Security)) => "security update available",
        (Some(true), _) => "update available",
        (Some(false), _) => "up to date",
        (None, _) => "cannot tell",
    };
    print(&format!("{}: {verdict}", state.name));
    print(&format!("  current  {}", shown(&state.current)));
    print(&format!("  latest   {}", shown(&state.latest)));
    if let Some(hop) = &state.next_hop {
        print(&format!("  first    {} ({})", hop.version, one_line(&hop.reason, 200)));
    }
    if let Some(pending) = &state.pending {
        print(&format!("  pending  {}: {}", pending.version, one_line(&pending.detail, 300)));
    }
    for advisory in &state.security.advisories {
        let severity = advisory.severity.as_deref().unwrap_or("unrated");
        print(&format!(
            "  affected {} ({severity}): {}",
            one_line(&advisory.id, 40),
            one_line(&advisory.summary, 200)
        ));
    }
    if state.update_available == Some(true) {
        if let Some(url) = &state.release_url {
            print(&format!("  see      {}", one_line(url, 300)));
        }
        if let Some(notes) = &state.release_notes {
            print("");
            for line in for_terminal(notes).lines().take(NOTE_LINES) {
                print(&format!("  {line}"));
            }
        }
    }
}
