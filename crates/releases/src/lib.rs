//! Which version of a repository is the newest, and can it be installed here?
//!
//! Versions and their order, channels, changelogs, advisories and required stops are pure; the sources
//! (GitHub's four doors and an OCI registry) each speak to one outside system, through [`outbound`] only.

pub mod advisory;
pub mod changelog;
pub mod github;
mod json;
pub mod manifest;
pub mod notes;
pub mod outbound;
pub mod registry;
pub mod release;
pub mod repo;
pub mod source;
pub mod version;

pub use json::BadAnswer;
pub use release::{Channel, Line, Release};
pub use repo::{Repo, Track};
pub use version::Version;
