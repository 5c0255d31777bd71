//! Everything in one process, for trying out: no Docker, no database server, no configuration.
//!
//! With `--demo` it stands beside a stand-in for GitHub that publishes a release after a few seconds.

mod demo;
mod screen;

use std::process::ExitCode;

use clap::Parser;
use contract::BuildStamp;
use service::screen::print;
use service::{EXIT_CONFIG, stop_signal};
use watcher::config::{Config, Sources};
use watcher::startup::Watcher;
use watcher::telemetry;
use watcher::verbs::Settings;

const EXAMPLES: &str = "Examples:
  cargo run --release -- --repo octo-org/app --current 1.2.3
  cargo run --release -- --demo

Every SIDEWATCH_… variable works here too; .env.example explains them all.";

/// The repository that is watched where no other is named: the project's own.
const OWN_REPO: &str = "yourorg/remote-agent";

/// Runs Sidewatch for trying out.
#[derive(Debug, Parser)]
#[command(name = "sidewatch-standalone", disable_version_flag = true, after_help = EXAMPLES)]
struct Cli {
    /// Watch a built-in stand-in for GitHub that publishes a release after a few seconds; needs no network
    #[arg(long)]
    demo: bool,
    /// Print the version and exit
    #[arg(short = 'V', long)]
    version: bool,
    #[command(flatten)]
    settings: Settings,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(run(cli, contract::build_stamp!()));
            runtime.shutdown_background();
            code
        }
        Err(_) => ExitCode::FAILURE,
    }
}

async fn run(cli: Cli, stamp: BuildStamp) -> ExitCode {
    if cli.version {
        print(&format!("sidewatch-standalone {}", stamp.line()));
        return ExitCode::SUCCESS;
    }
    let mut sources = Sources::from_process(cli.settings.into_flags());
    // The stand-in lives as long as this function.
    let stand_in = if cli.demo { Some(demo::start(&mut sources).await) } else { None };
    if stand_in.is_none() {
        default_to_own(&mut sources, stamp);
    }
    let config = match Config::read(&sources) {
        Ok(config) => config,
        Err(mistakes) => {
            screen::talk(&mistakes.to_string());
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    telemetry::start(&config.log);
    match serve(config, stamp, cli.demo).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::talk(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Where nothing names a repository, the project watches itself.
fn default_to_own(sources: &mut Sources, stamp: BuildStamp) {
    let named = sources.flags.contains_key("REPO") || sources.flags.contains_key("CONFIG");
    let in_environment =
        ["SIDEWATCH_REPO", "SIDEWATCH_CONFIG"].iter().any(|name| sources.environment.contains_key(*name));
    if !named && !in_environment {
        sources.flags.insert("REPO", OWN_REPO.to_owned());
        sources.flags.entry("CURRENT").or_insert_with(|| stamp.version.to_owned());
    }
}

async fn serve(config: Config, stamp: BuildStamp, demo: bool) -> anyhow::Result<()> {
    let repo = config.targets.first().map(|target| target.repo.to_string()).unwrap_or_default();
    let stop = stop_signal()?;
    let watcher = Watcher::build(config, stamp).await?;
    screen::welcome(&repo, watcher.address.port(), demo);
    let checker = watcher.checker();
    let watch = tokio::spawn(async move { screen::follow(&checker).await });
    let ended = watcher.run(stop).await;
    watch.abort();
    ended
}
