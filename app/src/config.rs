//! Each variable with its default, unit and meaning; read in full before any port is bound.

mod read;
pub mod variables;

use std::path::PathBuf;

use secrecy::SecretString;
use service::listen::Listen;
pub use service::settings::{Mistakes, Sources};
use service::telemetry::Log;
use url::Url;

use crate::access::Hosts;

/// Everything that is configured.
#[derive(Clone, Debug)]
pub struct Config {
    /// What is served, and to whom.
    pub http: Http,
    /// Where events are kept.
    pub database: Database,
    /// Where events wait; `None`: they go straight into the database.
    pub redis_url: Option<SecretString>,
    /// Where transcripts are kept; `None`: in files.
    pub s3: Option<S3>,
    /// Holds what the embedded stores keep, and uploads under way.
    pub data_dir: PathBuf,
    /// The watcher.
    pub watcher: Watcher,
    /// Folders of people's work, on this host.
    pub folders: Folders,
    /// Largest transcript, in bytes.
    pub transcript_max_bytes: u64,
    /// How much is logged, and how.
    pub log: Log,
}

/// What is served, and to whom.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where to listen.
    pub listen: Listen,
    /// Where metrics are served; `None`: nowhere.
    pub metrics: Option<Listen>,
    /// Opens everything under `/api`.
    pub api_key: SecretString,
    /// Names that this server answers under, besides private ones.
    pub hosts: Hosts,
}

/// Where events are kept.
#[derive(Clone, Debug)]
pub struct Database {
    /// PostgreSQL; `None`: SQLite in the data directory.
    pub url: Option<SecretString>,
    /// Whether the server brings the schema up to date when it starts; it verifies it in any case.
    pub migrate_on_start: bool,
}

/// An S3 bucket.
#[derive(Clone, Debug)]
pub struct S3 {
    /// Address of the service; the bucket goes into the path.
    pub endpoint: Url,
    /// Region that requests are signed for.
    pub region: String,
    /// The bucket, which must exist.
    pub bucket: String,
    /// Who asks.
    pub access_key_id: SecretString,
    /// Signs the requests.
    pub secret_access_key: SecretString,
}

/// The watcher.
#[derive(Clone, Debug)]
pub struct Watcher {
    /// Where it listens; `None`: there is none.
    pub url: Option<Url>,
    /// Its `SIDEWATCH_API_TOKEN`; without it decisions are refused.
    pub token: Option<SecretString>,
}

/// Folders of people's work, on this host.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Each folder in it is a workspace.
    pub workspaces: Option<PathBuf>,
    /// Keys that git uses in the workspaces; only looked at for modes that are too open.
    pub ssh_keys: Option<PathBuf>,
}

impl Config {
    /// Reads everything.
    ///
    /// # Errors
    /// All mistakes, each with the variable, the rule and the fix.
    pub fn read(sources: &Sources) -> Result<Self, Mistakes> {
        read::read(sources)
    }
}

/// What a verb needs that only touches the database.
///
/// # Errors
/// The mistakes in those variables.
pub fn read_database(sources: &Sources) -> Result<(Database, PathBuf, Log), Mistakes> {
    read::read_database(sources)
}

/// Where a server with these settings listens, whatever is wrong with the others.
///
/// # Errors
/// The mistakes in those variables.
pub fn read_listen(sources: &Sources) -> Result<Listen, Mistakes> {
    read::read_listen(sources)
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
