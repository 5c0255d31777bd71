//! The second door: where `releases/latest` of the web site leads.
//!
//! One tag, chosen by the publisher and not by version; nothing about it but its name.

use std::sync::Arc;

use contract::{ErrorCode, Via};
use percent_encoding::percent_decode_str;
use url::Url;

use super::pages::{Site, moved_to};
use super::web::{Web, answer, cannot_know};
use super::{GithubConfig, failures};
use crate::outbound::{Ask, Lane, Outbound, Redirects, Reply};
use crate::repo::is_ref_name;
use crate::source::{Answer, Found, Question, ReleaseSource, SourceFailure};
use crate::{Channel, Release, Repo, Track, Version};

const DOOR: &str = "the releases/latest redirect";
/// A renamed repository adds one or two.
const MAX_HOPS: usize = 3;

/// The `releases/latest` redirect.
pub struct Redirect {
    web: Web,
}

/// Where a redirect leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The page of a release.
    Tag(Repo, String),
    /// `releases/latest` of the same repository under another name.
    Renamed(Url),
    /// The list of releases: none is marked as the latest.
    NoRelease,
}

impl Redirect {
    /// The web site that `config` names.
    #[must_use]
    pub fn new(outbound: Arc<Outbound>, config: GithubConfig) -> Self {
        Self { web: Web::new(outbound, config) }
    }

    async fn latest(&self, repo: &Repo) -> Result<(Repo, String), SourceFailure> {
        let mut url = self.web.url(repo, "/releases/latest")?;
        for _ in 0..MAX_HOPS {
            let reply = self.web.send(Ask::get(Lane::Web, url).redirects(Redirects::Return)).await?;
            match reply.status {
                301 | 302 | 303 | 307 | 308 => {}
                404 => return Err(failures::not_found(&reply, repo)),
                _ => return Err(failures::status(&reply)),
            }
            let location = reply.header("location").unwrap_or_default();
            match read_location(&self.web.site, &reply.url, location) {
                Some(Target::Tag(repo, tag)) => return Ok((repo, tag)),
                Some(Target::Renamed(next)) => url = next,
                Some(Target::NoRelease) => return Err(no_release(&reply, repo)),
                None => return Err(elsewhere(&reply)),
            }
        }
        Err(SourceFailure::new(ErrorCode::HttpStatus, format!("{repo}: {DOOR} does not end")))
    }
}

#[async_trait::async_trait]
impl ReleaseSource for Redirect {
    fn via(&self) -> Via {
        Via::Redirect
    }

    async fn ask(&self, question: &Question) -> Result<Answer, SourceFailure> {
        if question.track != Track::Releases {
            return Err(cannot_know(DOOR, "branches"));
        }
        if question.channel != Channel::Stable {
            return Err(cannot_know(DOOR, "pre-releases"));
        }
        let (repo, tag) = self.latest(&question.repo).await?;
        let Ok(version) = Version::parse(&tag) else {
            return Err(cannot_know(DOOR, "a version: the latest release's tag is none"));
        };
        if version.is_prerelease() {
            return Err(cannot_know(DOOR, "stable releases here: the latest one is a pre-release"));
        }
        if question.line.as_ref().is_some_and(|line| !line.matches(&version)) {
            return Err(cannot_know(DOOR, "the configured line: the latest release is outside of it"));
        }
        let url = Some(self.web.site.release(&repo, &tag));
        let release = Release { url, ..Release::from_tag(tag, version) };
        let found = Found::Releases { releases: vec![release], complete: false };
        Ok(answer(Via::Redirect, found, moved_to(&question.repo, Some(&repo))))
    }
}

/// Reads a `Location`; `None` if it leads off the site or to no page that is expected here.
#[must_use]
pub fn read_location(site: &Site, here: &Url, location: &str) -> Option<Target> {
    let mut there = here.join(location).ok()?;
    there.set_fragment(None);
    let (repo, rest) = site.split(&there)?;
    match rest.trim_end_matches('/') {
        "releases" => Some(Target::NoRelease),
        "releases/latest" if there != *here => Some(Target::Renamed(there)),
        page => {
            let tag = percent_decode_str(page.strip_prefix("releases/tag/")?).decode_utf8().ok()?;
            is_ref_name(&tag).then(|| Target::Tag(repo, tag.into_owned()))
        }
    }
}

fn no_release(reply: &Reply, repo: &Repo) -> SourceFailure {
    SourceFailure {
        try_next_door: true,
        ..failures::nothing_there(reply, repo, "no release that is marked as the latest")
    }
}

fn elsewhere(reply: &Reply) -> SourceFailure {
    let message = format!("{}: {DOOR} leads to no release of this site", failures::host(reply));
    SourceFailure::new(ErrorCode::Parse, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(location: &str) -> Option<Target> {
        let here = "https://github.com/o/r/releases/latest".parse().unwrap();
        read_location(&Site::new("https://github.com".parse().unwrap()), &here, location)
    }

    #[test]
    fn the_tag_stands_in_the_location() {
        let tag = |repo: &str, tag: &str| Some(Target::Tag(repo.parse().unwrap(), tag.into()));
        assert_eq!(read("https://github.com/o/r/releases/tag/v1.2.3"), tag("o/r", "v1.2.3"));
        assert_eq!(read("/new/name/releases/tag/%40a%2Fb%401"), tag("new/name", "@a/b@1"));
        assert_eq!(read("/o/r/releases"), Some(Target::NoRelease));
        assert!(matches!(read("/new/name/releases/latest"), Some(Target::Renamed(_))));
    }

    #[test]
    fn anything_else_leads_nowhere() {
        for bad in [
            "",
            "/login?return_to=x",
            "https://evil.example/o/r/releases/tag/v1",
            "http://github.com/o/r/releases/tag/v1",
            "/o/r/releases/tag/v1%0a",
            "/o/r/releases/tag/$(id)",
            "/o/r/releases/tag/..%2f..%2fetc",
            "/o/r/releases/latest",
            "https://",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
