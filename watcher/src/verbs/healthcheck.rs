//! `sidewatch healthcheck`: asks the sidecar in the same container.

use std::process::ExitCode;

use clap::Args;
use service::healthcheck;
use service::listen::Listen;

use super::{EXIT_CONFIG, complain};
use crate::config::{Config, Sources};
use crate::startup::DEFAULT_PORT;

/// Where to ask.
#[derive(Clone, Debug, Args)]
pub struct HealthcheckArgs {
    /// Where the sidecar listens; `SIDEWATCH_LISTEN` if absent
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// TOML file that may say where it listens (`SIDEWATCH_CONFIG`)
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
}

/// 0 if the sidecar answers that it lives.
pub async fn run(args: HealthcheckArgs) -> ExitCode {
    let flags = [("LISTEN", args.listen), ("CONFIG", args.config)];
    let flags = flags.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect();
    let listen = match Config::listen(&Sources::from_process(flags)) {
        Ok(configured) => configured.unwrap_or(Listen::everywhere(DEFAULT_PORT)),
        Err(mistakes) => {
            complain(&mistakes.to_string());
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    // A watcher whose upstream is away is alive, so it is asked for that and not for readiness.
    match healthcheck::ask(listen, "/livez").await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            complain(&reason.to_string());
            ExitCode::FAILURE
        }
    }
}
