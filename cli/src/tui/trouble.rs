//! Why there is nothing new from the server, and what to do about it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::server_client::ClientError;

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Which kind of failure.
    pub kind: TroubleKind,
    /// What happened and what to do, in one line.
    pub text: String,
    /// When it is tried again by itself.
    pub again: Option<DateTime<Utc>>,
    /// What the server asks to wait.
    pub wait: Option<Duration>,
}

/// Kinds of failures that look different to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// Nobody answers.
    Away,
    /// No answer in time.
    Slow,
    /// No key is configured.
    NoKey,
    /// Another key is configured than the server's.
    WrongKey,
    /// Somebody else answers.
    Stranger,
    /// The server refuses, for now or for good.
    Refused,
}

impl From<&ClientError> for Trouble {
    fn from(error: &ClientError) -> Self {
        let kind = match error {
            ClientError::Unreachable { .. } | ClientError::Broken(_) => TroubleKind::Away,
            ClientError::Deadline { .. } => TroubleKind::Slow,
            ClientError::NoKey => TroubleKind::NoKey,
            ClientError::WrongKey => TroubleKind::WrongKey,
            ClientError::NotUnderstood(_) => TroubleKind::Stranger,
            ClientError::Refused { .. } | ClientError::Client(_) => TroubleKind::Refused,
        };
        Self { kind, text: error.to_string(), again: None, wait: error.retry_after() }
    }
}

impl Trouble {
    /// What to do next, line by line.
    #[must_use]
    pub fn advice(&self) -> &'static [&'static str] {
        match self.kind {
            TroubleKind::Away => &[
                "Is the server running? On its host: docker compose ps, or cargo run.",
                "Is the address right? Set REMOTE_AGENT_URL, or url in config.toml.",
                "Events of hooks are kept on this machine meanwhile, and sent later.",
            ],
            TroubleKind::Slow => &["The network or the server is slow; nothing is lost by waiting."],
            TroubleKind::NoKey | TroubleKind::WrongKey => &[
                "The key is API_KEY in the server's .env, or the file data/api-key beside it.",
                "Leave with q, set the key, and start again.",
            ],
            TroubleKind::Stranger => {
                &["Set REMOTE_AGENT_URL, or url in config.toml, to Remote Agent's server."]
            }
            TroubleKind::Refused => &["The server's log says more; `remote-agent status` tells its health."],
        }
    }

    /// Its name in the status bar.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.kind {
            TroubleKind::Away => "away",
            TroubleKind::Slow => "slow",
            TroubleKind::NoKey => "no key",
            TroubleKind::WrongKey => "wrong key",
            TroubleKind::Stranger => "not Remote Agent",
            TroubleKind::Refused => "refuses",
        }
    }
}
