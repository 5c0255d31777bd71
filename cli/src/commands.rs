//! The verbs: one file each. What they share is here: the configuration, the exit code.

pub mod completions;
pub mod emit;
pub mod hook;
pub mod man;
pub mod spool;
pub mod status;
pub mod tui;

use std::process::ExitCode;

use contract::BuildStamp;

use crate::args::{Cli, PROGRAM, Verb};
use crate::config::{Config, Mistakes, Sources};
use crate::output::{self, EXIT_CONFIG, complain};

/// Runs a verb to its exit code.
pub fn run(cli: Cli, stamp: BuildStamp) -> ExitCode {
    if cli.version {
        output::print(&format!("{PROGRAM} {}", stamp.line()));
        return ExitCode::SUCCESS;
    }
    let Some(verb) = cli.verb else {
        complain(&format!("say what to do; `{PROGRAM} --help` lists the verbs"));
        return ExitCode::from(2);
    };
    let look_up = |name: &str| std::env::var(name).ok();
    let sources = Sources { url: cli.url.as_deref(), file: cli.config.as_deref(), look_up: &look_up };
    let configured = || Config::read(&sources);
    let with = |verb: &dyn Fn(&Config) -> anyhow::Result<ExitCode>| verb(&configured()?);
    settle(match verb {
        Verb::Status(args) => with(&|config| status::run(&args, config, stamp)),
        Verb::Tui => with(&|config| tui::run(config, stamp)),
        Verb::Emit(args) => with(&|config| emit::run(&args, config)),
        Verb::Hook(args) => Ok(hook::run(args, configured)),
        Verb::Spool(args) => with(&|config| spool::run(&args, config)),
        Verb::Completions(args) => completions::run(&args),
        Verb::Man(args) => man::run(&args, stamp),
    })
}

/// The exit code of what a verb came to; an error is told whole.
pub fn settle(result: anyhow::Result<ExitCode>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("{error:#}"));
            if error.is::<Mistakes>() { ExitCode::from(EXIT_CONFIG) } else { ExitCode::FAILURE }
        }
    }
}
