//! Each variable with its default, unit and meaning; read in full before any port is bound.
//!
//! Flag beats environment beats file beats default. All mistakes are told together, each with the variable,
//! the rule and the fix, and never a secret's value.

mod read;
mod target;
pub mod variables;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

pub use service::listen::Listen;
pub use service::settings::{Mistake, Mistakes, Sources};
pub use service::telemetry::Log;
pub use target::Target;

/// Everything that is configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// What is watched, in the order of the configuration; at least one.
    pub targets: Vec<Target>,
    /// Where and how upstream is asked.
    pub upstream: Upstream,
    /// When.
    pub timing: Timing,
    /// Where answers, budget and decisions are kept.
    pub keep: Keep,
    /// What is served.
    pub serve: Serve,
    /// Who is told of changes.
    pub notify: Notify,
    /// `DISABLE_UPDATE_CHECK`: no DNS, no connection.
    pub disabled: bool,
    /// How much is logged, and how.
    pub log: Log,
    /// Variables in the environment that begin like ours and are none: misspelt, or of a newer version.
    pub strangers: Vec<String>,
}

/// Where and how upstream is asked.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Raises GitHub's limit from 60 to 5 000 requests an hour.
    pub token: Option<SecretString>,
    /// GitHub's REST API.
    pub api_url: Url,
    /// GitHub's web site; `None` closes the other doors (a private API mirror without a known web site).
    pub web_url: Option<Url>,
    /// Asked in place of the registry that the image names.
    pub registry_url: Option<Url>,
    /// Requests an hour at most, all hosts together.
    pub hourly_budget: u32,
    /// The same while GitHub refuses the token.
    pub hourly_budget_without_token: u32,
}

/// When upstream is asked.
#[derive(Clone, Debug)]
pub struct Timing {
    /// Cron expression with seconds, UTC.
    pub schedule: String,
    /// How long an answer is good.
    pub cache_ttl: Duration,
    /// At most one forced round in this time.
    pub force_interval: Duration,
    /// The same while GitHub refuses the token.
    pub force_interval_without_token: Duration,
}

/// Where answers, budget and decisions are kept.
#[derive(Clone, Debug)]
pub enum Keep {
    /// In memory: a restart starts fresh.
    Memory,
    /// In files in this directory.
    Directory(PathBuf),
    /// Only the budget, in this directory, which belongs to a sidecar.
    LedgerOf(PathBuf),
    /// In Redis, shared by all replicas.
    Redis(SecretString),
}

impl Keep {
    /// For a program that runs beside a sidecar: what the sidecar knows and tells is its own, only the budget is
    /// shared with it.
    #[must_use]
    pub fn beside_sidecar(self) -> Self {
        match self {
            Self::Directory(path) | Self::LedgerOf(path) => Self::LedgerOf(path),
            Self::Memory | Self::Redis(_) => Self::Memory,
        }
    }
}

/// What is served.
#[derive(Clone, Debug)]
pub struct Serve {
    /// Where to listen; `None`: everywhere, on the usual port.
    pub listen: Option<Listen>,
    /// Bearer token for decisions; without it they are closed.
    pub api_token: Option<SecretString>,
}

/// Who is told of changes.
#[derive(Clone, Debug, Default)]
pub struct Notify {
    /// Gets a JSON POST; secret, because chat services put their key into the address.
    pub webhook_url: Option<SecretString>,
    /// Signs the POST (HMAC-SHA256).
    pub webhook_secret: Option<SecretString>,
    /// An Apprise API `…/notify/KEY` address.
    pub apprise_url: Option<SecretString>,
}

impl Config {
    /// Reads the whole configuration.
    ///
    /// # Errors
    /// All [`Mistakes`] of it at once.
    pub fn read(sources: &Sources) -> Result<Self, Mistakes> {
        read::read(sources)
    }

    /// Where to listen, also where the rest of the configuration is wrong: for who only wants to connect.
    ///
    /// # Errors
    /// [`Mistakes`] in `LISTEN` itself.
    pub fn listen(sources: &Sources) -> Result<Option<Listen>, Mistakes> {
        read::listen(sources)
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
