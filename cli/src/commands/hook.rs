//! `hook`: what git and coding agents call, and what adds it to them.
//!
//! What is called (`run`) says nothing, always ends well and soon, and leaves a line in the log of hooks if something is
//! wrong. What people call says what it did.

mod agent_install;
mod agent_run;
mod git_install;
mod git_run;
mod input;
mod keep;
mod own_path;

use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::Utc;

use crate::args::HookArgs;
use crate::args::hook::{AgentVerb, GitVerb, HookSource};
use crate::commands::settle;
use crate::config::{Config, Mistakes};
use crate::folders::Folders;
use crate::hook_log;
use crate::update_cache;

/// Runs one.
pub fn run(args: HookArgs, configured: impl Fn() -> Result<Config, Mistakes>) -> ExitCode {
    match args.source {
        HookSource::Git { verb: GitVerb::Run { hook, arguments } } => {
            quietly(|| git_run::run(&hook, &arguments, configured))
        }
        HookSource::ClaudeCode { verb: AgentVerb::Run { private } } => {
            quietly(|| agent_run::run(private, configured))
        }
        HookSource::Git { verb: GitVerb::Install(place) } => said(git_install::install(&place), configured),
        HookSource::Git { verb: GitVerb::Uninstall(place) } => {
            said(git_install::uninstall(&place), configured)
        }
        HookSource::ClaudeCode { verb: AgentVerb::Install { place, private } } => {
            said(agent_install::install(&place, private), configured)
        }
        HookSource::ClaudeCode { verb: AgentVerb::Uninstall { place } } => {
            said(agent_install::uninstall(&place), configured)
        }
    }
}

/// What people called has said what it did. It needs no settings; wrong ones are told by what does.
fn said(result: anyhow::Result<ExitCode>, configured: impl Fn() -> Result<Config, Mistakes>) -> ExitCode {
    if let Ok(config) = configured() {
        update_cache::mention(&config);
    }
    settle(result)
}

/// Whatever happens, whoever called goes on: an error and even a panic end in the log of hooks.
fn quietly(work: impl FnOnce() -> anyhow::Result<()>) -> ExitCode {
    // The default one prints, and an agent reads that.
    panic::set_hook(Box::new(|_| {}));
    let problem = match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) => format!("{error:#}"),
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            format!("this program is broken, please report it: {message}")
        }
    };
    note(&problem);
    ExitCode::SUCCESS
}

/// Leaves a line in the log of hooks.
fn note(problem: &str) {
    if let Some(state) = state() {
        hook_log::add(&state, Utc::now(), problem);
    }
}

/// The state folder, whatever the settings say. A home that depends on where a hook is called is none: the folder would
/// come to be in somebody's repository.
fn state() -> Option<PathBuf> {
    let folders = Folders::from(|name| std::env::var(name).ok())?;
    folders.state.is_absolute().then_some(folders.state)
}
