//! `remote-agent-server`: reads the command line, runs a verb, returns its exit code.

use std::process::ExitCode;

use app::verbs::{self, Cli};
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Two threads beside the server's own: one may be busy with compressing a transcript.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
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
