//! Remote Agent's client: what a person types, what git and coding agents call, and what is kept while the server is
//! away.
//!
//! Layers, imports downwards only: `commands` and `tui` (what people and hooks ask for) use `send_spool` (a flow), which
//! uses `server_client` and `spool` (one outside system each), which use `event`, `config` and `folders`.

pub mod age;
pub mod agent_hook;
pub mod args;
pub mod commands;
pub mod config;
pub mod event;
pub mod folders;
pub mod git_hook;
pub mod hook_log;
pub mod output;
pub mod send_spool;
pub mod server_client;
pub mod spool;
pub mod tui;
pub mod update_cache;
pub mod whole_file;
