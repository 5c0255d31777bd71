//! The only way out: every request to upstream passes here, with deadlines, caps and a gate.
//!
//! Redirects are followed here and not in the HTTP client, because each hop is charged, checked and sent
//! without credentials unless it stays on the host they belong to. Nothing here knows GitHub or a registry.

mod ask;
mod body;
mod client;
mod config;
mod failure;
mod gate;
mod limits;
mod opening;
mod redirects;
mod send;

pub use ask::{Ask, Redirects, Reply};
pub use config::{Limits, OutboundConfig, Proxies};
pub(crate) use failure::{host_label, plain};
pub use gate::{Gate, Lane, Outcome, RateLimits, Refusal};
pub use send::{Outbound, OutboundError};
