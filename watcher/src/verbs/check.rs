//! `sidewatch check`: once, without a server.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use contract::{BuildStamp, Severity, VersionState};
use releases::notes::{for_terminal, one_line};

use super::{EXIT_CONFIG, Settings, complain, print};
use crate::checker::Reason;
use crate::config::{Config, Log, Mistakes, Notify, Sources};
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
        Ok(state) => report(&state, args.json),
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

async fn state(mut config: Config, stamp: BuildStamp) -> anyhow::Result<VersionState> {
    config.keep = config.keep.beside_sidecar();
    config.notify = Notify::default();
    let config = Arc::new(config);
    let core = startup::build_core(&config, stamp).await?;
    core.checker.check(0, Reason::Forced).await;
    core.store.flush();
    Ok(core.checker.targets()[0].state())
}

fn report(state: &VersionState, json: bool) -> ExitCode {
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
        complain(&format!("cannot tell: {}", reason(state)));
    }
    ExitCode::from(code)
}

/// Why it cannot be told.
fn reason(state: &VersionState) -> String {
    if let Some(error) = &state.error {
        return one_line(&error.message, 500);
    }
    match &state.current {
        None => "the running version is not known; give --current".to_owned(),
        Some(current) => format!("`{}` is no version that can be compared", one_line(current, 100)),
    }
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
