//! `hook`: what git and coding agents call, and what adds it to them.

use std::process::ExitCode;

use crate::args::HookArgs;
use crate::config::{Config, Mistakes};

/// Runs one.
///
/// # Errors
/// If something cannot be read or written.
#[expect(clippy::needless_pass_by_value, reason = "takes what the command line holds")]
pub fn run(args: HookArgs, config: Result<Config, Mistakes>) -> anyhow::Result<ExitCode> {
    let HookArgs { source: _ } = args;
    config?;
    Ok(ExitCode::FAILURE)
}
