//! Everything in one process, for trying out: no Docker, no database server, no configuration.
//!
//! With `--demo` it stands beside a stand-in for GitHub that publishes a release after a few seconds.

mod demo;
mod parts;
mod screen;

use std::process::ExitCode;

use app::startup::Server;
use clap::Parser;
use contract::BuildStamp;
use service::screen::print;
use service::{EXIT_CONFIG, stop_signal};
use tokio::sync::watch;
use watcher::config::{Config, Mistakes, Sources};
use watcher::startup::Watcher;
use watcher::telemetry;
use watcher::verbs::Settings;

const EXAMPLES: &str = "Examples:
  cargo run --release -- --repo octo-org/app --current 1.2.3
  cargo run --release -- --demo

Remote Agent keeps its data in ./data. Every variable works here too; .env.example explains them all.";

/// The repository that is watched where no other is named: the project's own.
const OWN_REPO: &str = "yourorg/remote-agent";

/// Runs Remote Agent and its watcher for trying out.
#[derive(Debug, Parser)]
#[command(name = "remote-agent-standalone", disable_version_flag = true, after_help = EXAMPLES)]
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
    match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
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
        print(&format!("remote-agent-standalone {}", stamp.line()));
        return ExitCode::SUCCESS;
    }
    match together(cli, stamp).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::talk(&format!("{error:#}"));
            ExitCode::from(if error.is::<Mistakes>() { EXIT_CONFIG } else { 1 })
        }
    }
}

/// Watcher and app in this process, until somebody asks it to stop.
async fn together(cli: Cli, stamp: BuildStamp) -> anyhow::Result<()> {
    let mut watcher = Sources::from_process(cli.settings.into_flags());
    // The stand-in and the folder live as long as this function.
    let stand_in = if cli.demo { Some(demo::start(&mut watcher).await) } else { None };
    let folder = cli.demo.then(tempfile::tempdir).transpose()?;
    if stand_in.is_none() {
        default_to_own(&mut watcher, stamp);
    }
    let (mut app, key) = parts::app_sources(folder.as_ref().map(tempfile::TempDir::path))?;
    parts::join(&mut watcher, &mut app);
    let config = Config::read(&watcher)?;
    telemetry::start(&config.log);
    let repo = config.targets.first().map(|target| target.repo.to_string()).unwrap_or_default();
    let (stop, stopping) = watch::channel(false);
    let watcher = Watcher::build(config, stamp).await?;
    let port = watcher.address.port();
    app.flags.entry("WATCHER_URL").or_insert_with(|| format!("http://127.0.0.1:{port}"));
    let server = Server::build(app::config::Config::read(&app)?, stamp).await?;
    screen::welcome(&screen::Welcome {
        repo: &repo,
        watcher: port,
        app: server.address.port(),
        key: &key,
        demo: cli.demo,
    });
    let checker = watcher.checker();
    let follow = tokio::spawn(async move { screen::follow(&checker).await });
    let signal = stop_signal()?;
    tokio::spawn(async move {
        signal.await;
        stop.send_replace(true);
    });
    let ended = serve(watcher, server, &stopping).await;
    follow.abort();
    ended
}

/// Both until `stopping`; the end of one is the end of the other.
async fn serve(watcher: Watcher, server: Server, stopping: &watch::Receiver<bool>) -> anyhow::Result<()> {
    let (end, ended) = watch::channel(false);
    let until = |mut stopping: watch::Receiver<bool>, mut ended: watch::Receiver<bool>| async move {
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => {}
            _ = ended.wait_for(|ended| *ended) => {}
        }
    };
    let watch = async {
        let result = watcher.run(until(stopping.clone(), ended.clone())).await;
        end.send_replace(true);
        result
    };
    let serve = async {
        let result = server.run(until(stopping.clone(), ended.clone())).await;
        end.send_replace(true);
        result
    };
    let (watched, served) = tokio::join!(watch, serve);
    watched.and(served)
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
