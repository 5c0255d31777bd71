//! `remote-agent-server healthcheck`: for a container's health check, which has no curl.

use std::process::ExitCode;

use clap::Args;
use service::EXIT_CONFIG;
use service::healthcheck::ask;

use super::complain;
use crate::config::{self, Sources};

/// Asks a running server.
#[derive(Debug, Args)]
pub struct HealthcheckArgs {
    /// Port of the server (`PORT`)
    #[arg(long)]
    port: Option<String>,
    /// IP address that it listens on (`HOST`)
    #[arg(long)]
    host: Option<String>,
}

/// `0` if the server serves (`ok` or `degraded`), else `1` with the reason.
pub async fn run(args: HealthcheckArgs) -> ExitCode {
    let flags = [("PORT", args.port), ("HOST", args.host)];
    let flags = flags.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect();
    let listen = match config::read_listen(&Sources::from_process(flags)) {
        Ok(listen) => listen,
        Err(mistakes) => {
            complain(&mistakes.to_string());
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    match ask(listen, "/api/health").await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}
