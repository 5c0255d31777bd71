//! The command line: one file per verb.

pub mod healthcheck;
pub mod migrate;
pub mod selftest;
pub mod serve;

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use contract::BuildStamp;
use service::EXIT_CONFIG;
use service::screen;
use service::telemetry;

use crate::config::{Config, Sources};
use crate::migrate::{Database, MigrateError};
use crate::startup::schema_of;

/// As it is called in what people see.
pub const PROGRAM: &str = "remote-agent-server";

const EXAMPLES: &str = "Examples:
  API_KEY=$(openssl rand -hex 32) remote-agent-server serve
  DATABASE_URL=postgres://agent@db/agent remote-agent-server migrate
  remote-agent-server selftest --json

Every setting is a variable; .env.example explains them all.

Exit codes: 0 ok, 1 failed, 2 usage, 64 configuration; where the database is concerned also
3 its schema is newer than this program, 4 its migrations are not this program's, 5 a migration
failed, 75 another process is migrating and does not end.";

/// Remote Agent's server: coding sessions, their transcripts and git activity.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, disable_version_flag = true, after_help = EXAMPLES)]
pub struct Cli {
    /// Print the version and exit
    #[arg(short = 'V', long)]
    pub version: bool,
    /// What to do
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run the server
    #[command(
        after_help = "Example:\n  API_KEY=$(openssl rand -hex 32) remote-agent-server serve --port 5100"
    )]
    Serve(Settings),
    /// Bring the database's schema up to date and exit
    #[command(after_help = "Example:\n  DATABASE_URL=postgres://agent@db/agent remote-agent-server migrate")]
    Migrate(migrate::MigrateArgs),
    /// Write a canary through queue, database and blobs, and read it back
    #[command(after_help = "Example:\n  remote-agent-server selftest --json")]
    Selftest(selftest::SelftestArgs),
    /// Ask a running server whether it serves; for containers
    #[command(after_help = "Example:\n  HEALTHCHECK CMD [\"/remote-agent-server\", \"healthcheck\"]")]
    Healthcheck(healthcheck::HealthcheckArgs),
}

/// Settings as flags; each beats the variable of the same name.
#[derive(Clone, Debug, Default, Args)]
pub struct Settings {
    /// Port to listen on (`PORT`)
    #[arg(long)]
    pub port: Option<String>,
    /// IP address to listen on (`HOST`)
    #[arg(long)]
    pub host: Option<String>,
    /// Holds what the embedded stores keep, and uploads under way (`DATA_DIR`)
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<String>,
    /// The watcher's address (`WATCHER_URL`)
    #[arg(long, value_name = "URL")]
    pub watcher_url: Option<String>,
    /// Folder of workspaces (`WORKSPACES_DIR`)
    #[arg(long, value_name = "DIR")]
    pub workspaces_dir: Option<String>,
    /// What is logged, such as `info` or `app=debug` (`LOG`)
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
}

impl Settings {
    /// The flags that were given, by key.
    #[must_use]
    pub fn into_flags(self) -> BTreeMap<&'static str, String> {
        let all = [
            ("PORT", self.port),
            ("HOST", self.host),
            ("DATA_DIR", self.data_dir),
            ("WATCHER_URL", self.watcher_url),
            ("WORKSPACES_DIR", self.workspaces_dir),
            ("LOG", self.log),
        ];
        all.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect()
    }
}

/// Runs a verb to its exit code.
pub async fn run(cli: Cli, stamp: BuildStamp) -> ExitCode {
    match cli.verb {
        _ if cli.version => {
            screen::print(&format!("{PROGRAM} {}", stamp.line()));
            ExitCode::SUCCESS
        }
        Some(Verb::Serve(settings)) => serve::run(settings, stamp).await,
        Some(Verb::Migrate(args)) => migrate::run(args).await,
        Some(Verb::Selftest(args)) => selftest::run(args, stamp).await,
        Some(Verb::Healthcheck(args)) => healthcheck::run(args).await,
        None => {
            complain("say what to do; `remote-agent-server --help` lists the verbs");
            ExitCode::from(2)
        }
    }
}

/// Talk, on stderr.
pub(crate) fn complain(line: &str) {
    screen::complain(PROGRAM, line);
}

/// Reads the configuration and starts the log; an exit code where it is wrong.
fn configure(flags: BTreeMap<&'static str, String>) -> Result<Config, ExitCode> {
    let config = Config::read(&Sources::from_process(flags)).map_err(|mistakes| {
        complain(&mistakes.to_string());
        ExitCode::from(EXIT_CONFIG)
    })?;
    telemetry::start(&config.log);
    Ok(config)
}

/// The same for a verb that needs nothing but the database, and no API key.
fn configure_database(flags: BTreeMap<&'static str, String>) -> Result<Database, ExitCode> {
    let sources = Sources::from_process(flags);
    let (database, data_dir, log) = crate::config::read_database(&sources).map_err(|mistakes| {
        complain(&mistakes.to_string());
        ExitCode::from(EXIT_CONFIG)
    })?;
    telemetry::start(&log);
    Ok(schema_of(&database, &data_dir))
}

/// Says why a verb failed; the code tells a script apart what the database is refused for.
fn failed(error: &anyhow::Error) -> ExitCode {
    complain(&format!("{error:#}"));
    let migration = error.chain().find_map(|cause| cause.downcast_ref::<MigrateError>());
    migration.map_or(ExitCode::FAILURE, |error| ExitCode::from(error.exit_code()))
}
