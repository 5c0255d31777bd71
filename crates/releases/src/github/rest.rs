//! The first door: GitHub's REST API.
//!
//! Knows releases with notes, comparisons of commits, advisories. A token that GitHub refuses is left out for
//! an hour, so that a wrong one costs one request an hour and no loop.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contract::{ErrorCode, Via};
use tokio::time::Instant;
use url::Url;

use super::GithubConfig;
use super::pages::Site;
use crate::Track;
use crate::outbound::{Ask, Lane, Outbound, Reply};
use crate::source::{Answer, Found, Question, ReleaseSource, SourceFailure};

/// How long a refused token is left out.
const TOKEN_REST: Duration = Duration::from_secs(3600);

/// The REST API.
pub struct Rest {
    pub(super) outbound: Arc<Outbound>,
    pub(super) config: GithubConfig,
    pub(super) site: Site,
    /// When the token was refused.
    refused: Mutex<Option<Instant>>,
}

impl Rest {
    /// The API that `config` names.
    #[must_use]
    pub fn new(outbound: Arc<Outbound>, config: GithubConfig) -> Self {
        let site = config.site();
        Self { outbound, config, site, refused: Mutex::new(None) }
    }

    /// Whether the token was refused within the last hour and is being left out.
    #[must_use]
    pub fn token_is_rejected(&self) -> bool {
        let refused = *self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.is_some_and(|at| at.elapsed() < TOKEN_REST)
    }

    /// Asks with the token, and once more without it if it is refused.
    pub(super) async fn get(&self, url: Url, etag: Option<&str>) -> Result<Reply, SourceFailure> {
        let token = self.config.token.as_ref().filter(|_| !self.token_is_rejected());
        if token.is_none() {
            return self.outbound.send(self.ask(url, etag)).await;
        }
        let refusal = match self.outbound.send(self.ask(url.clone(), etag).bearer(token)).await {
            Ok(reply) if reply.status == 401 => super::failures::host(&reply),
            // A token that is no header value was never sent.
            Err(failure) if failure.code == ErrorCode::TokenRejected => failure.message,
            other => return other,
        };
        tracing::warn!(upstream.host = %refusal, "GitHub refused the token (SIDEWATCH_GITHUB_TOKEN); going on without it for an hour");
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.outbound.send(self.ask(url, etag)).await
    }

    fn ask(&self, url: Url, etag: Option<&str>) -> Ask {
        let ask = Ask::get(Lane::Rest, url)
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", self.config.api_version.clone());
        match etag {
            Some(etag) => ask.header("if-none-match", etag),
            None => ask,
        }
    }

    pub(super) fn answer(&self, found: Found, etag: Option<String>, moved_to: Option<String>) -> Answer {
        if let Some(name) = &moved_to {
            tracing::debug!(repo.moved_to = %name, "the repository answered under another name");
        }
        Answer { via: Via::Rest, found, etag, moved_to, token_rejected: self.token_is_rejected() }
    }
}

#[async_trait::async_trait]
impl ReleaseSource for Rest {
    fn via(&self) -> Via {
        Via::Rest
    }

    async fn ask(&self, question: &Question) -> Result<Answer, SourceFailure> {
        match &question.track {
            Track::Releases => self.releases(question).await,
            Track::Branch(branch) => self.branch(question, branch).await,
        }
    }
}
