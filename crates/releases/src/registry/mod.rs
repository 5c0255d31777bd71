//! Is the image there, for this platform, without a login?
//!
//! Asks an OCI registry as an anonymous client would that is about to pull. Sends no credential of ours
//! anywhere; asks for tokens only where a registry is known to keep its token service.

mod challenge;
mod flow;
mod image;
mod manifest;
mod platform;

pub use challenge::{Challenge, parse_challenge};
pub use flow::{Registry, RegistryConfig};
pub use image::{ImageName, NotAnImage};
pub use manifest::{Manifest, ManifestError, parse_config_platform, parse_manifest};
pub use platform::{NotAPlatform, Platform};

/// Whether an image can be pulled here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Installable {
        /// Digest of what the tag names, if the registry told.
        digest: Option<String>,
        /// The tag that was found.
        tag: String,
    },
    /// The registry has none of the tags.
    Missing,
    /// The tag is there, but not for this platform.
    PlatformMissing {
        /// The platforms it is there for; empty for an empty index.
        found: Vec<String>,
    },
    /// Not without a login; some registries also answer this for an image that does not exist.
    Private,
}
