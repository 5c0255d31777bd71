//! `tui`: sessions, live events and git activity on the whole terminal.

use std::process::ExitCode;

use contract::BuildStamp;

use crate::config::Config;

/// Runs it.
///
/// # Errors
/// If the terminal cannot be used.
pub fn run(config: &Config, stamp: BuildStamp) -> anyhow::Result<ExitCode> {
    let (_, _) = (config, stamp);
    Ok(ExitCode::FAILURE)
}
