//! The command line: one file per verb.

pub mod check;
pub mod doctor;
pub mod healthcheck;
mod load;
pub mod serve;

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use contract::BuildStamp;

pub use service::EXIT_CONFIG;
pub(crate) use service::screen::print;

const EXAMPLES: &str = "Examples:
  sidewatch serve --repo octo-org/app --current 1.2.3
  SIDEWATCH_REPO=octo-org/app SIDEWATCH_CURRENT_URL=http://app:8080/health sidewatch serve
  sidewatch check octo-org/app --current 1.2.3
  sidewatch doctor

Every setting is a variable SIDEWATCH_…; .env.example explains them all.";

/// Tells whether a newer version of an application exists and can be installed here.
#[derive(Debug, Parser)]
#[command(name = "sidewatch", disable_version_flag = true, after_help = EXAMPLES)]
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
    /// Run the sidecar: check on schedule and answer over HTTP
    #[command(
        after_help = "Example:\n  sidewatch serve --repo octo-org/app --current 1.2.3 --listen 127.0.0.1:5200"
    )]
    Serve(Settings),
    /// Check once, print the result and exit: 0 update available, 10 up to date, 20 cannot tell
    #[command(
        after_help = "Examples:\n  sidewatch check octo-org/app --current 1.2.3\n  sidewatch check octo-org/app --current 1.2.3 --json | jq .latest"
    )]
    Check(check::CheckArgs),
    /// Look for what could keep the checks from working, and say how to mend it
    #[command(after_help = "Example:\n  SIDEWATCH_REPO=octo-org/app sidewatch doctor")]
    Doctor(doctor::DoctorArgs),
    /// Ask a running sidecar whether it is ready; for containers
    #[command(after_help = "Example:\n  HEALTHCHECK CMD [\"/sidewatch\", \"healthcheck\"]")]
    Healthcheck(healthcheck::HealthcheckArgs),
}

/// Settings as flags; each beats the variable of the same name.
#[derive(Clone, Debug, Default, Args)]
pub struct Settings {
    /// Repository to watch (`SIDEWATCH_REPO`)
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: Option<String>,
    /// What people call it (`SIDEWATCH_NAME`)
    #[arg(long)]
    pub name: Option<String>,
    /// The running version or commit (`SIDEWATCH_CURRENT`)
    #[arg(long, value_name = "VERSION")]
    pub current: Option<String>,
    /// Address that tells the running version as JSON (`SIDEWATCH_CURRENT_URL`)
    #[arg(long, value_name = "URL")]
    pub current_url: Option<String>,
    /// `releases` or `branch:NAME` (`SIDEWATCH_TRACK`)
    #[arg(long)]
    pub track: Option<String>,
    /// `stable` or `prerelease` (`SIDEWATCH_CHANNEL`)
    #[arg(long)]
    pub channel: Option<String>,
    /// Range of versions to stay on, such as `^1` (`SIDEWATCH_LINE`)
    #[arg(long, value_name = "RANGE")]
    pub line: Option<String>,
    /// Container image that must be there (`SIDEWATCH_IMAGE`)
    #[arg(long)]
    pub image: Option<String>,
    /// Platform that must be in the image (`SIDEWATCH_PLATFORM`)
    #[arg(long, value_name = "OS/ARCH")]
    pub platform: Option<String>,
    /// Hold versions back until they are this old (`SIDEWATCH_MIN_AGE`)
    #[arg(long, value_name = "TIME")]
    pub min_age: Option<String>,
    /// Address to listen on (`SIDEWATCH_LISTEN`)
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Where answers, budget and decisions are kept (`SIDEWATCH_STATE_DIR`)
    #[arg(long, value_name = "DIR")]
    pub state_dir: Option<String>,
    /// TOML file with settings (`SIDEWATCH_CONFIG`)
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
}

impl Settings {
    /// The flags that were given, by key.
    #[must_use]
    pub fn into_flags(self) -> BTreeMap<&'static str, String> {
        let all = [
            ("REPO", self.repo),
            ("NAME", self.name),
            ("CURRENT", self.current),
            ("CURRENT_URL", self.current_url),
            ("TRACK", self.track),
            ("CHANNEL", self.channel),
            ("LINE", self.line),
            ("IMAGE", self.image),
            ("PLATFORM", self.platform),
            ("MIN_AGE", self.min_age),
            ("LISTEN", self.listen),
            ("STATE_DIR", self.state_dir),
            ("CONFIG", self.config),
        ];
        all.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect()
    }
}

/// Runs a verb to its exit code.
pub async fn run(cli: Cli, stamp: BuildStamp) -> ExitCode {
    match cli.verb {
        _ if cli.version => {
            print(&format!("sidewatch {}", stamp.line()));
            ExitCode::SUCCESS
        }
        Some(Verb::Serve(settings)) => serve::run(settings, stamp).await,
        Some(Verb::Check(args)) => check::run(args, stamp).await,
        Some(Verb::Doctor(args)) => doctor::run(args, stamp).await,
        Some(Verb::Healthcheck(args)) => healthcheck::run(args).await,
        None => {
            complain("say what to do; `sidewatch --help` lists the verbs");
            ExitCode::from(2)
        }
    }
}

/// Talk, on stderr.
pub(crate) fn complain(line: &str) {
    service::screen::complain("sidewatch", line);
}
