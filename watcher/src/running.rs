//! What is running: configured, or read from the app before each check and kept while the app is briefly away.

use std::sync::Arc;
use std::time::Duration;

use releases::outbound::{
    Ask, Gate, Lane, Limits, Outbound, OutboundConfig, Outcome, Proxies, Redirects, Refusal,
};
use releases::source::SourceFailure;
use serde_json::{Map, Value};

use crate::config::Target;
use crate::snapshot::Running;

const LARGEST_ANSWER: usize = 64 << 10;

/// Reads what runs from the app. Its requests stay inside the installation and are no part of the budget.
pub struct RunningReader {
    outbound: Outbound,
}

/// Why it could not be read.
#[derive(Debug, thiserror::Error)]
pub enum NotTold {
    /// No answer.
    #[error(transparent)]
    Unreachable(#[from] SourceFailure),
    /// An answer that does not say.
    #[error("the answer is no JSON object with `version` or `commit`")]
    NoVersion,
}

impl RunningReader {
    /// A reader that gives up after three seconds and follows no redirects.
    ///
    /// # Errors
    /// If no client can be made.
    pub fn new(user_agent: &str) -> anyhow::Result<Self> {
        let patience = Duration::from_secs(2);
        let limits = Limits {
            connect: patience,
            head: patience,
            total: Duration::from_secs(3),
            max_body: LARGEST_ANSWER,
            ..Limits::default()
        };
        let config = OutboundConfig { limits, proxies: Proxies::Off, ..OutboundConfig::new(user_agent) };
        Ok(Self { outbound: Outbound::new(config, Arc::new(OpenGate))? })
    }

    /// What runs now; what was read `before` while the app is away.
    pub async fn read(&self, target: &Target, before: Option<&Running>) -> Option<Running> {
        if target.current_url.is_none() {
            return target.current.clone().map(|version| Running { version: Some(version), commit: None });
        }
        match Box::pin(self.ask(target)).await {
            Ok(running) => Some(running),
            Err(error) => {
                tracing::warn!(target.name = %target.name, %error, "cannot read the running version; keeping the last one");
                let configured =
                    || target.current.clone().map(|version| Running { version: Some(version), commit: None });
                before.cloned().or_else(configured)
            }
        }
    }

    /// Asks the app (for example its `/api/health`).
    ///
    /// # Errors
    /// [`NotTold`]; also if the target has no `CURRENT_URL`.
    pub async fn ask(&self, target: &Target) -> Result<Running, NotTold> {
        let url = target.current_url.clone().ok_or(NotTold::NoVersion)?;
        let ask = Ask::get(Lane::Web, url).redirects(Redirects::Return).header("accept", "application/json");
        // An unhealthy app (503) still tells what it is.
        let reply = self.outbound.send(ask).await?;
        let mut told: Map<String, Value> =
            serde_json::from_slice(&reply.body).map_err(|_| NotTold::NoVersion)?;
        // Each field by itself: an odd one takes nothing from the other.
        let mut short = |key: &str| {
            let text = match told.remove(key)? {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
            };
            Some(releases::notes::one_line(&text, 100)).filter(|text| !text.is_empty())
        };
        let running = Running { version: short("version"), commit: short("commit") };
        if running == Running::default() { Err(NotTold::NoVersion) } else { Ok(running) }
    }
}

/// Lets everything pass: for addresses that the operator configured inside the installation.
pub struct OpenGate;

#[async_trait::async_trait]
impl Gate for OpenGate {
    async fn admit(&self, _lane: Lane) -> Result<(), Refusal> {
        Ok(())
    }

    async fn settle(&self, _lane: Lane, _host: &str, _outcome: &Outcome) {}
}
