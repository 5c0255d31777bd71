//! `remote-agent-server healthcheck`: for a container's health check, which has no curl.

use std::process::ExitCode;

use clap::Args;
use service::healthcheck::ask;
use service::listen::Listen;
use service::settings::parse;

use super::complain;

/// Asks a running server.
#[derive(Debug, Args)]
pub struct HealthcheckArgs {
    /// Port of the server (`PORT`)
    #[arg(long, env = "PORT", default_value = "5100")]
    port: String,
}

/// `0` if the server serves (`ok` or `degraded`), else `1` with the reason.
pub async fn run(args: HealthcheckArgs) -> ExitCode {
    let Ok(port) = parse::typed::<u16>(&args.port) else {
        complain("PORT: must be a port from 0 to 65535");
        return ExitCode::from(service::EXIT_CONFIG);
    };
    match ask(Listen::everywhere(port), "/api/health").await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}
