//! `sidewatch`: reads the command line, runs a verb, returns its exit code.

use std::process::ExitCode;

use clap::Parser;
use watcher::verbs::{self, Cli};

/// Of the threads that check; 0 is everybody's, 19 the most.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // One thread for checks; the server brings its own.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).on_thread_start(step_back).enable_all().build();
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

/// Checks are in no hurry: whoever asks for an answer that is there is served before them, also on a single core.
fn step_back() {
    // To Linux, the calling process is the calling thread; elsewhere it would be all of them.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICENESS);
}
