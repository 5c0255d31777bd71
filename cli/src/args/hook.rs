//! `hook`: its part of the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Whose hooks.
#[derive(Debug, Args)]
pub struct HookArgs {
    /// Whose hooks
    #[command(subcommand)]
    pub source: HookSource,
}

/// Whose hooks.
#[derive(Debug, Subcommand)]
pub enum HookSource {
    /// git: commits, checkouts, merges and pushes
    #[command(
        after_help = "Examples:\n  remote-agent hook git install            # in this repository\n  remote-agent hook git install --global   # in all of yours"
    )]
    Git {
        /// What to do
        #[command(subcommand)]
        verb: GitVerb,
    },
    /// Claude Code: sessions, prompts, tool use and transcripts
    #[command(
        name = "claude-code",
        after_help = "Examples:\n  remote-agent hook claude-code install\n  remote-agent hook claude-code install --project ."
    )]
    ClaudeCode {
        /// What to do
        #[command(subcommand)]
        verb: AgentVerb,
    },
}

/// What to do with git's hooks.
#[derive(Debug, Subcommand)]
pub enum GitVerb {
    /// Add ours; hooks that are there stay and run
    #[command(
        after_help = "Examples:\n  remote-agent hook git install             # in the repository around this folder\n  remote-agent hook git install ~/garden    # in another one\n  remote-agent hook git install --global    # in all of yours\n\nTo leave one out: git config remote-agent.enabled false"
    )]
    Install(GitPlace),
    /// Take ours away; what was there before is as it was
    #[command(
        after_help = "Examples:\n  remote-agent hook git uninstall\n  remote-agent hook git uninstall --global"
    )]
    Uninstall(GitPlace),
    /// What git calls
    #[command(hide = true)]
    Run {
        /// The hook's name
        hook: String,
        /// What git gives to it
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// Where.
#[derive(Debug, Args)]
pub struct GitPlace {
    /// For all repositories of this user
    #[arg(long, conflicts_with = "repository")]
    pub global: bool,
    /// A repository; the one around the current folder if absent
    #[arg(value_name = "DIR")]
    pub repository: Option<PathBuf>,
}

/// What to do with the agent's hooks.
#[derive(Debug, Subcommand)]
pub enum AgentVerb {
    /// Add ours to the agent's settings; everything else in them stays
    #[command(
        after_help = "Examples:\n  remote-agent hook claude-code install                # for all your sessions\n  remote-agent hook claude-code install --project .    # for those in this folder\n  remote-agent hook claude-code install --private      # without prompts, commands and transcripts"
    )]
    Install {
        /// Where
        #[command(flatten)]
        place: AgentPlace,
        /// Send that something happened, and nothing that a person or the agent wrote
        #[arg(long)]
        private: bool,
    },
    /// Take ours out of the agent's settings
    #[command(
        after_help = "Examples:\n  remote-agent hook claude-code uninstall\n  remote-agent hook claude-code uninstall --project ."
    )]
    Uninstall {
        /// Where
        #[command(flatten)]
        place: AgentPlace,
    },
    /// What the agent calls, with JSON on standard input
    #[command(hide = true)]
    Run {
        /// As for `install`
        #[arg(long)]
        private: bool,
    },
}

/// Where.
#[derive(Debug, Args)]
pub struct AgentPlace {
    /// Only for the project in this folder, in its `.claude/settings.local.json`; for all of this user's if absent
    #[arg(long, value_name = "DIR")]
    pub project: Option<PathBuf>,
}
