//! `tui`: sessions, live events and git activity on the whole terminal.

use std::process::ExitCode;

use contract::BuildStamp;

use crate::config::Config;
use crate::tui;

/// Runs it.
///
/// # Errors
/// If the terminal cannot be used.
pub fn run(config: &Config, stamp: BuildStamp) -> anyhow::Result<ExitCode> {
    tui::run::run(config, stamp)
}
