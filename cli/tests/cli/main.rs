//! The program against a real server in this process, and against what calls itself one.

#![expect(clippy::unwrap_used, reason = "tests")]

mod arguments;
mod crash;
mod disk;
mod emit;
mod helpers;
mod proxy;
mod sending;
mod server;
mod status;
mod status_settings;
mod updates;
mod watching;
