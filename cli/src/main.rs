//! `remote-agent`: reads the command line, runs a verb, returns its exit code.

use std::process::ExitCode;

use clap::Parser;
use cli::args::Cli;
use cli::commands;

fn main() -> ExitCode {
    commands::run(Cli::parse(), contract::build_stamp!())
}
