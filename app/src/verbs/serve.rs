//! `remote-agent-server serve`.

use std::process::ExitCode;

use anyhow::Context;
use contract::BuildStamp;

use super::{Settings, configure, failed};
use crate::config::Config;
use crate::startup::Server;

/// Runs the server until it is asked to stop.
pub async fn run(settings: Settings, stamp: BuildStamp) -> ExitCode {
    let config = match configure(settings.into_flags()) {
        Ok(config) => config,
        Err(code) => return code,
    };
    match serve(config, stamp).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn serve(config: Config, stamp: BuildStamp) -> anyhow::Result<()> {
    let stop = service::stop_signal().context("listen to signals")?;
    let server = Server::build(config, stamp).await?;
    tracing::info!(server.address = %server.address, version = stamp.version, "listening");
    server.run(stop).await
}
