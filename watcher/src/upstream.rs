//! The doors to upstream, in the order in which they are tried.

use std::sync::Arc;

use contract::{ErrorCode, Via};
use releases::Version;
use releases::github::{API_VERSION, Atom, GitRefs, GithubConfig, Redirect, Rest};
use releases::outbound::{Outbound, OutboundConfig};
use releases::registry::{Registry, RegistryConfig};
use releases::source::{Answer, Found, Question, ReleaseSource, SourceFailure};

use crate::config;
use crate::gatekeeper::Gatekeeper;

/// GitHub through each of its doors, and the image registry.
pub struct Upstream {
    /// The first door; also tells advisories and manifests.
    pub rest: Rest,
    others: Vec<Box<dyn ReleaseSource>>,
    /// The image registry.
    pub registry: Registry,
}

/// An answer, and what went wrong on the way to it.
#[derive(Debug)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// Why the first door did not give it, if another had to.
    pub first_failure: Option<SourceFailure>,
}

impl Upstream {
    /// Opens nothing yet: the client is made at the first request.
    ///
    /// # Errors
    /// If the configuration allows no client.
    pub fn new(config: &config::Upstream, user_agent: &str, gate: Arc<Gatekeeper>) -> anyhow::Result<Self> {
        let outbound = Arc::new(Outbound::new(OutboundConfig::new(user_agent), gate)?);
        let github = GithubConfig {
            api_url: config.api_url.clone(),
            web_url: config.web_url.clone(),
            token: config.token.clone(),
            api_version: API_VERSION.to_owned(),
        };
        let mut others: Vec<Box<dyn ReleaseSource>> = Vec::new();
        if config.web_url.is_some() {
            others.push(Box::new(Redirect::new(Arc::clone(&outbound), github.clone())));
            others.push(Box::new(Atom::new(Arc::clone(&outbound), github.clone())));
            others.push(Box::new(GitRefs::new(Arc::clone(&outbound), github.clone())));
        }
        let registry = RegistryConfig { override_url: config.registry_url.clone() };
        Ok(Self {
            rest: Rest::new(Arc::clone(&outbound), github),
            others,
            registry: Registry::new(outbound, registry),
        })
    }

    /// Asks REST, then the other doors until one knows. What GitHub marks as latest may be a back-port: the
    /// redirect is believed only where it shows something newer than what is `running`.
    ///
    /// # Errors
    /// The failure of the first door, or the first authoritative "no".
    pub async fn ask(
        &self,
        question: &Question,
        running: Option<&Version>,
    ) -> Result<Answered, SourceFailure> {
        let first = match self.rest.ask(question).await {
            Ok(answer) => return Ok(Answered { answer, first_failure: None }),
            Err(failure) if failure.try_next_door => failure,
            Err(failure) => return Err(failure),
        };
        // What a 304 would confirm is the REST answer; the other doors tell anew.
        let question = Question { etag: None, ..question.clone() };
        let mut doubted = None;
        for door in &self.others {
            match door.ask(&question).await {
                Ok(answer) if answer.via == Via::Redirect && !shows_newer(&answer, running) => {
                    doubted = Some(answer);
                }
                Ok(answer) => {
                    tracing::debug!(via = ?answer.via, "another door answered");
                    return Ok(Answered { answer, first_failure: Some(first) });
                }
                Err(failure) if failure.code == ErrorCode::Budget => break,
                Err(failure) => log_closed(door.via(), &failure),
            }
        }
        match doubted {
            Some(answer) => Ok(Answered { answer, first_failure: Some(first) }),
            None => Err(first),
        }
    }
}

/// Whether there is something newer in it than what runs; also where that is not known.
fn shows_newer(answer: &Answer, running: Option<&Version>) -> bool {
    let (Some(running), Found::Releases { releases, .. }) = (running, &answer.found) else { return true };
    releases.iter().any(|release| release.version > *running)
}

fn log_closed(via: Via, failure: &SourceFailure) {
    tracing::debug!(?via, %failure, "this door did not answer either");
}
