//! Sidewatch: a sidecar that knows, honestly, whether a newer version exists and can be installed here.
//!
//! The modules, from pure to composed:

// What may be asked, what is known, what is told: no I/O.
pub mod agenda;
pub mod budget;
pub mod components;
pub mod cron;
pub mod decisions;
pub mod snapshot;
pub mod verdict;

// One outside system each.
pub mod clock;
pub mod config;
pub mod gatekeeper;
pub mod metrics;
pub mod notify;
pub mod running;
pub mod state_store;
pub mod upstream;
pub mod watched;

// Flows.
pub mod checker;
pub mod installable;
pub mod schedule;
pub mod upkeep;

// Edges and root.
pub mod error;
pub mod openapi;
pub mod routes;
pub mod startup;
pub mod telemetry;
pub mod verbs;
