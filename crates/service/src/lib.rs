//! What every server of this project does alike, and does not need to know which one it is.
//!
//! Owns how settings are read, what the log looks like, how a port is opened, how an error is answered. Knows no
//! route, no variable and no program by name: those are arguments.

pub mod documents;
pub mod healthcheck;
pub mod listen;
pub mod problem;
pub mod screen;
pub mod settings;
mod stop_signal;
pub mod telemetry;

pub use screen::EXIT_CONFIG;
pub use stop_signal::stop_signal;
