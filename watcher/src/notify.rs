//! Tells others of changes, once per change: a signed webhook and the Apprise API.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use contract::VersionState;
use hmac::{Hmac, KeyInit, Mac};
use releases::notes::one_line;
use releases::outbound::{Ask, Lane, Outbound, OutboundConfig, Redirects};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::Sha256;
use tokio::runtime::Handle;
use url::Url;

use crate::config::{self, Target};
use crate::running::OpenGate;
use crate::snapshot::Snapshot;
use crate::verdict::Finding;

/// Waits before another try.
const TRIES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(15), Duration::from_secs(120)];

/// Tells others of changes.
pub struct Notifier {
    outbound: Arc<Outbound>,
    config: config::Notify,
    runtime: Handle,
}

/// Something worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about; told once.
    pub key: String,
    /// A published vulnerability holds the running version.
    pub security: bool,
}

impl Notifier {
    /// A notifier that tells whom the configuration names.
    ///
    /// # Errors
    /// If no client can be made.
    pub fn new(config: config::Notify, user_agent: &str, runtime: Handle) -> anyhow::Result<Self> {
        let outbound = Outbound::new(OutboundConfig::new(user_agent), Arc::new(OpenGate))?;
        Ok(Self { outbound: Arc::new(outbound), config, runtime })
    }

    /// What is worth telling and was not told yet.
    #[must_use]
    pub fn notice(&self, target: &Target, snapshot: &Snapshot, finding: &Finding) -> Option<Notice> {
        if self.config.webhook_url.is_none() && self.config.apprise_url.is_none() {
            return None;
        }
        let notice = worth_telling(target, finding)?;
        (snapshot.notified.as_ref() != Some(&notice.key)).then_some(notice)
    }

    /// Tells it, in the background.
    pub fn send(&self, notice: &Notice, state: &VersionState) {
        let requests: Vec<Ask> =
            self.webhook(notice, state).into_iter().chain(self.apprise(notice, state)).collect();
        for ask in requests {
            let outbound = Arc::clone(&self.outbound);
            self.runtime.spawn(async move { deliver(&outbound, ask).await });
        }
    }

    fn webhook(&self, notice: &Notice, state: &VersionState) -> Option<Ask> {
        let url = Url::parse(self.config.webhook_url.as_ref()?.expose_secret()).ok()?;
        let event = if notice.security { "security" } else { "update_available" };
        let body =
            json!({ "event": event, "id": notice.key, "sentAt": Utc::now(), "state": state }).to_string();
        let signature = self.config.webhook_secret.as_ref().map(|secret| sign(secret, body.as_bytes()));
        let ask = Ask::post(Lane::Web, url, body).redirects(Redirects::Return);
        let ask = ask.header("content-type", "application/json").header("x-sidewatch-event", event);
        Some(match signature {
            // The second name is the one that receivers made for GitHub's webhooks look for.
            Some(signature) => ask
                .header("x-sidewatch-signature", signature.clone())
                .header("x-hub-signature-256", signature),
            None => ask,
        })
    }

    fn apprise(&self, notice: &Notice, state: &VersionState) -> Option<Ask> {
        let url = Url::parse(self.config.apprise_url.as_ref()?.expose_secret()).ok()?;
        let (title, text) = wording(notice, state);
        let kind = if notice.security { "warning" } else { "info" };
        let body = json!({ "title": title, "body": text, "type": kind, "format": "text" }).to_string();
        let ask = Ask::post(Lane::Web, url, body).redirects(Redirects::Return);
        Some(ask.header("content-type", "application/json"))
    }
}

fn worth_telling(target: &Target, finding: &Finding) -> Option<Notice> {
    let security = finding.security.affected == Some(true);
    let update = finding.update_available() == Some(true);
    if !security && !update {
        return None;
    }
    let latest = finding.latest.as_deref().filter(|_| update).unwrap_or("none");
    let mut ids: Vec<&str> =
        finding.security.advisories.iter().map(|advisory| advisory.id.as_str()).collect();
    ids.sort_unstable();
    let ids = if security { ids.join(",") } else { String::new() };
    Some(Notice { key: format!("{} {latest} {ids}", target.name).trim_end().to_owned(), security })
}

/// `sha256=` and the HMAC of the body in hex.
fn sign(secret: &SecretString, body: &[u8]) -> String {
    // HMAC takes keys of any length; the error type is there for other algorithms.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn wording(notice: &Notice, state: &VersionState) -> (String, String) {
    let name = &state.name;
    let current = state.current.as_deref().unwrap_or("unknown");
    let latest = state.latest.as_deref().unwrap_or("unknown");
    let title = match (notice.security, state.update_available) {
        (true, Some(true)) => format!("{name}: security update {latest} available"),
        (true, _) => format!("{name} {current} has a published vulnerability"),
        (false, _) => format!("{name}: update {latest} available"),
    };
    let mut lines = vec![format!("Running {current}, latest {latest}.")];
    let advisory = |advisory: &contract::AdvisoryNotice| {
        format!("{}: {}", one_line(&advisory.id, 40), one_line(&advisory.summary, 200))
    };
    lines.extend(state.security.advisories.iter().take(5).map(advisory));
    lines.extend(state.release_url.clone());
    (title, lines.join("\n"))
}

/// Tries a few times; a receiver that refuses is not asked again.
async fn deliver(outbound: &Outbound, ask: Ask) {
    for wait in TRIES.into_iter().map(Some).chain([None]) {
        let (problem, refused) = match outbound.send(ask.clone()).await {
            Ok(reply) if reply.is_success() => return,
            Ok(reply) => (format!("it answered {}", reply.status), is_refusal(reply.status)),
            Err(failure) => (metrics_label(&failure), false),
        };
        match wait.filter(|_| !refused) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => {
                return tracing::warn!(problem, "a notification could not be delivered; check its address");
            }
        }
    }
}

/// A 4xx, but for those that mean "later".
fn is_refusal(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 408 | 425 | 429)
}

/// The class of a failure only: the message names the host, and here the address is a secret.
fn metrics_label(failure: &releases::source::SourceFailure) -> String {
    crate::metrics::label(failure.code).to_owned()
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn the_signature_is_the_one_of_rfc_4231() {
        let signature = sign(&"Jefe".to_owned().into(), b"what do ya want for nothing?");
        assert_eq!(signature, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
