//! GitHub's four doors: REST, the `releases/latest` redirect, the Atom feeds and git's reference list.
//!
//! Each door asks once and says what it cannot know; none retries, none decides what is newest.

pub mod advisories;
pub mod asset;
pub mod atom;
mod branch;
pub mod commits;
mod failures;
pub mod git_refs;
pub mod link_header;
mod listing;
mod pages;
pub mod pkt_line;
pub mod redirect;
pub mod releases;
pub mod rest;
pub mod tags;
mod web;

pub use advisories::AdvisoriesAnswer;
pub use atom::Atom;
pub use git_refs::GitRefs;
pub use pages::Site;
pub use redirect::Redirect;
pub use rest::Rest;

use secrecy::SecretString;
use url::Url;

/// The REST API version that is asked for.
pub const API_VERSION: &str = "2022-11-28";

/// Where GitHub is and how it is asked.
#[derive(Clone, Debug)]
pub struct GithubConfig {
    /// The REST API, for example `https://api.github.com`.
    pub api_url: Url,
    /// The web site, for example `https://github.com`; `None` shuts the doors other than REST.
    pub web_url: Option<Url>,
    /// Sent to `api_url` only.
    pub token: Option<SecretString>,
    /// `X-GitHub-Api-Version`.
    pub api_version: String,
}
