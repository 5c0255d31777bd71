//! The hooks as git and a coding agent see them: real repositories, recorded payloads, a real server.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod agent_events;
mod agent_hostile;
mod agent_install;
mod git_events;
mod git_global;
mod git_install;
mod git_others;
mod git_push;
mod home;
mod server;
