//! The command line; what a field says here is its help, its man page and its completion.

pub mod hook;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub use hook::HookArgs;

/// As it is called in what people see.
pub const PROGRAM: &str = "remote-agent";

const EXAMPLES: &str = "Examples:
  remote-agent status
  remote-agent tui
  remote-agent hook claude-code install
  remote-agent hook git install --global
  remote-agent emit build.done --data '{\"seconds\": 12}'

The server and its key come from flags, from REMOTE_AGENT_URL and REMOTE_AGENT_API_KEY, or from
~/.config/remote-agent/config.toml:
  url = \"http://localhost:5100\"
  api_key = \"…\"

Exit codes: 0 ok, 1 failed, 2 usage, 64 configuration.";

/// Remote Agent's client: sessions, git activity and updates, from the command line.
#[derive(Debug, Parser)]
#[command(name = PROGRAM, disable_version_flag = true, after_help = EXAMPLES)]
pub struct Cli {
    /// Print the version and exit
    #[arg(short = 'V', long)]
    pub version: bool,
    /// The server's address (`REMOTE_AGENT_URL`)
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// Read this configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Tell what runs, how it is, and whether there is something newer
    #[command(
        after_help = "Examples:\n  remote-agent status\n  remote-agent status --json | jq .update.latest"
    )]
    Status(StatusArgs),
    /// Look at sessions, live events and git activity
    #[command(after_help = "Examples:\n  remote-agent tui\n  remote-agent --url http://server:5100 tui")]
    Tui,
    /// Send one event
    #[command(
        after_help = "Examples:\n  remote-agent emit build.done --data '{\"seconds\": 12}'\n  make 2>&1 | tail -1 | jq -R '{line: .}' | remote-agent emit make.end --data -"
    )]
    Emit(EmitArgs),
    /// Let git or a coding agent send events
    Hook(HookArgs),
    /// Look at what waits for the server, and send it
    #[command(after_help = "Examples:\n  remote-agent spool status\n  remote-agent spool send")]
    Spool(SpoolArgs),
    /// Print the completions for a shell
    #[command(
        after_help = "Example:\n  remote-agent completions bash > ~/.local/share/bash-completion/completions/remote-agent"
    )]
    Completions(CompletionsArgs),
    /// Write the manual pages
    #[command(after_help = "Example:\n  remote-agent man --dir ~/.local/share/man/man1")]
    Man(ManArgs),
}

/// How to tell it.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
    /// Stay, and print it again whenever it changes
    #[arg(long)]
    pub watch: bool,
}

/// The event.
#[derive(Debug, Args)]
pub struct EmitArgs {
    /// What happened, such as `build.done`: letters, digits and `._-:/`
    #[arg(value_name = "TYPE")]
    pub kind: String,
    /// Anything about it, as JSON; `-` reads it from standard input
    #[arg(long, value_name = "JSON")]
    pub data: Option<String>,
    /// The session that it belongs to
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// The workspace that it belongs to
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<String>,
    /// When it happened; now, if absent
    #[arg(long, value_name = "RFC3339")]
    pub timestamp: Option<DateTime<Utc>>,
    /// Its id, a UUID; the same id is stored once
    #[arg(long, value_name = "UUID")]
    pub id: Option<String>,
    /// Print what became of it as JSON
    #[arg(long)]
    pub json: bool,
}

/// What to do with what waits.
#[derive(Debug, Args)]
pub struct SpoolArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: SpoolVerb,
}

/// What to do with what waits.
#[derive(Debug, Subcommand)]
pub enum SpoolVerb {
    /// Tell what waits, since when, and why
    #[command(
        after_help = "Examples:\n  remote-agent spool status\n  remote-agent spool status --json | jq .events"
    )]
    Status {
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Send it now
    #[command(
        after_help = "Examples:\n  remote-agent spool send\n  remote-agent spool send --kept-for http://old-address:5100   # the server has moved"
    )]
    Send {
        /// Send what was kept for the server at this address to the configured one
        #[arg(long, value_name = "URL", conflicts_with = "background")]
        kept_for: Option<String>,
        /// Started by a hook: say nothing, and leave the terminal alone
        #[arg(long, hide = true)]
        background: bool,
    },
}

/// For whom.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Where to.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The folder to write them into; the main one goes to standard output if absent
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}
