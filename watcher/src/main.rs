//! `sidewatch`: reads the command line, runs a verb, returns its exit code.

use std::process::ExitCode;

use clap::Parser;
use watcher::verbs::{self, Cli};

fn main() -> ExitCode {
    let cli = Cli::parse();
    // One thread for checks; the server brings its own.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(verbs::run(cli, contract::build_stamp!()));
            // What still waits for the network is not waited for.
            runtime.shutdown_background();
            code
        }
        Err(_) => ExitCode::FAILURE,
    }
}
