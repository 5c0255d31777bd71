//! Why there is no good answer from the server, and what to do.

use std::error::Error;
use std::io;
use std::time::Duration;

use contract::Problem;
use contract::terminal::one_line;

/// Why there is no good answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No connection, or it broke before an answer.
    #[error("no server answers at {address}; is it running, and is the address right?")]
    Unreachable {
        /// The address that was asked.
        address: String,
        /// What the connection said.
        #[source]
        source: Box<reqwest::Error>,
    },
    /// No whole answer in time.
    #[error("the server at {address} did not answer in time")]
    Deadline {
        /// The address that was asked.
        address: String,
    },
    /// The answer broke off.
    #[error("the server's answer broke off")]
    Broken(#[source] io::Error),
    /// No key is configured.
    #[error(
        "no API key; set REMOTE_AGENT_API_KEY, or api_key in config.toml (the server's key is API_KEY in its .env, or the file data/api-key)"
    )]
    NoKey,
    /// The server knows another key.
    #[error(
        "the server refuses the API key; set REMOTE_AGENT_API_KEY, or api_key in config.toml, to the server's"
    )]
    WrongKey,
    /// Another refusal.
    #[error("the server refuses ({status}): {detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What the server says, in one line that a terminal can show.
        detail: String,
        /// Whether it says so as Remote Agent's server does, and not as a proxy before it.
        told: bool,
        /// What it asks to wait.
        retry_after: Option<Duration>,
    },
    /// No answer of Remote Agent's server.
    #[error("the answer is not one of Remote Agent's server; is the address right?")]
    NotUnderstood(#[source] Option<serde_json::Error>),
    /// The client could not be made.
    #[error("the HTTP client cannot be made")]
    Client(#[source] Box<reqwest::Error>),
}

impl ClientError {
    /// Whether the same call can succeed later without anybody doing something about it.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Deadline { .. } | Self::Broken(_) => true,
            Self::Refused { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::NoKey | Self::WrongKey | Self::NotUnderstood(_) | Self::Client(_) => false,
        }
    }

    /// What the server asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Why the request as such can never succeed, if that is what the answer says. A proxy may find a body too large;
    /// anything else counts only from the server itself, or a wrong address would make us throw everything away.
    #[must_use]
    pub fn is_about_the_request(&self) -> Option<String> {
        match self {
            Self::Refused { status: 413, detail, told: false, .. } => {
                Some(format!("too large for what stands before the server: {detail}"))
            }
            Self::Refused { status: 400 | 413 | 415 | 422, detail, told: true, .. } => Some(detail.clone()),
            _ => None,
        }
    }

    pub(super) fn from_transport(address: &str, error: reqwest::Error) -> Self {
        let address = address.to_owned();
        if error.is_builder() {
            Self::Client(Box::new(error.without_url()))
        } else if error.is_timeout() && !error.is_connect() {
            Self::Deadline { address }
        } else {
            Self::Unreachable { address, source: Box::new(error.without_url()) }
        }
    }

    pub(super) fn from_answer(status: u16, retry_after: Option<Duration>, problem: Option<Problem>) -> Self {
        let told = problem.map(|problem| problem.detail.unwrap_or(problem.title));
        match (status, told) {
            (401, _) => Self::WrongKey,
            (300..=399, _) => Self::NotUnderstood(None),
            (_, told) => {
                let (told, detail) = match told {
                    Some(detail) => (true, detail),
                    None => (false, "no reason given; see the server's log".to_owned()),
                };
                Self::Refused { status, detail: one_line(&detail, 300), told, retry_after }
            }
        }
    }

    /// The whole chain in one line, for logs.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        one_line(&text, 500)
    }
}
