//! `sidewatch serve`: the sidecar.

use std::process::ExitCode;

use contract::BuildStamp;
use secrecy::ExposeSecret;
use service::stop_signal;

use super::{EXIT_CONFIG, Settings, complain, load};
use crate::config::{Config, Sources};
use crate::startup::Watcher;
use crate::telemetry;

/// A shorter token is warned of.
const SHORTEST_TOKEN: usize = 16;

/// Runs until it is told to stop.
pub async fn run(settings: Settings, stamp: BuildStamp) -> ExitCode {
    let config = match Config::read(&Sources::from_process(settings.into_flags())) {
        Ok(config) => config,
        Err(mistakes) => {
            complain(&mistakes.to_string());
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    telemetry::start(&config.log);
    for name in &config.strangers {
        tracing::warn!(variable = %name, "{name} is no variable of this program; see .env.example (misspelt?)");
    }
    if let Some(warning) = load::too_many_targets(&config) {
        tracing::warn!("{warning}");
    }
    if config.serve.api_token.as_ref().is_some_and(|token| token.expose_secret().len() < SHORTEST_TOKEN) {
        tracing::warn!(
            "SIDEWATCH_API_TOKEN is short enough to be guessed; make one with `openssl rand -hex 32`"
        );
    }
    match serve(config, stamp).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = ?format!("{error:#}"), "the watcher ended");
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: Config, stamp: BuildStamp) -> anyhow::Result<()> {
    let names: Vec<String> = config.targets.iter().map(|target| target.repo.to_string()).collect();
    let stop = stop_signal()?;
    let disabled = config.disabled;
    let watcher = Watcher::build(config, stamp).await?;
    let address = watcher.address;
    if disabled {
        // The only line there is: off means off, in the log too.
        tracing::info!(%address, "sidewatch {}: update checks are switched off (SIDEWATCH_DISABLE_UPDATE_CHECK)", stamp.line());
    } else {
        tracing::info!(%address, "sidewatch {} watches {}", stamp.line(), summary(&names));
    }
    watcher.run(stop).await
}

fn summary(names: &[String]) -> String {
    let (shown, rest) = names.split_at(names.len().min(5));
    match rest.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
