//! The terminal interface without a terminal: what keys and messages do, and what is drawn of it.

#![expect(clippy::unwrap_used, reason = "tests")]

mod backwards;
mod documented;
mod given_back;
mod hostile;
mod keys;
mod properties;
mod screens;
mod stage;
