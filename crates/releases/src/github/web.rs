//! What the doors of the web site share: they can be shut, and they know no token.

use std::sync::Arc;

use contract::{ErrorCode, Via};
use url::Url;

use super::GithubConfig;
use super::failures;
use super::pages::Site;
use crate::Repo;
use crate::outbound::{Ask, Lane, Outbound, Reply};
use crate::source::{Answer, Found, SourceFailure};

/// One way into the web site.
pub(super) struct Web {
    outbound: Arc<Outbound>,
    pub(super) site: Site,
    open: bool,
}

impl Web {
    pub(super) fn new(outbound: Arc<Outbound>, config: GithubConfig) -> Self {
        let site = config.site();
        // The token has no business here.
        let GithubConfig { web_url, .. } = config;
        Self { outbound, site, open: web_url.is_some() }
    }

    /// An address of the repository.
    ///
    /// # Errors
    /// When the doors are shut.
    pub(super) fn url(&self, repo: &Repo, path: &str) -> Result<Url, SourceFailure> {
        if self.open {
            Ok(self.site.page(repo, path))
        } else {
            Err(SourceFailure::new(ErrorCode::Connect, "the web site is switched off; only the API is asked"))
        }
    }

    pub(super) async fn send(&self, ask: Ask) -> Result<Reply, SourceFailure> {
        self.outbound.send(ask).await
    }

    /// A good answer to a `GET`; not found means that the repository is not there for us.
    pub(super) async fn get(&self, url: Url, repo: &Repo) -> Result<Reply, SourceFailure> {
        let reply = self.send(Ask::get(Lane::Web, url)).await?;
        match reply.status {
            200 => Ok(reply),
            404 => Err(failures::not_found(&reply, repo)),
            _ => Err(failures::status(&reply)),
        }
    }

    /// The name under which the repository answered, if it moved.
    pub(super) fn moved_to(&self, asked: &Repo, reply: &Reply) -> Option<String> {
        let answered = self.site.repo_of(&reply.url).filter(|_| reply.moved);
        super::pages::moved_to(asked, answered.as_ref())
    }
}

/// An answer of a door that knows neither ETags nor tokens.
pub(super) fn answer(via: Via, found: Found, moved_to: Option<String>) -> Answer {
    Answer { via, found, etag: None, moved_to, token_rejected: false }
}

/// Another door may know.
pub(super) fn cannot_know(door: &str, what: &str) -> SourceFailure {
    SourceFailure::new(ErrorCode::NoRelease, format!("{door} cannot know {what}"))
}
