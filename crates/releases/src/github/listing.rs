//! The releases track through REST: list releases, or tags where no release is a version; conditionally, page by page.

use contract::ErrorCode;
use url::Url;

use super::failures;
use super::link_header::next_page;
use super::pages::moved_to;
use super::releases::{Page, parse_releases};
use super::rest::Rest;
use super::tags::parse_tags;
use crate::json::BadAnswer;
use crate::outbound::Reply;
use crate::source::{Answer, Found, Question, SourceFailure};
use crate::{Release, Repo};

/// The most pages of one list.
const MAX_PAGES: usize = 10;
/// Joins the ETag of the list of releases, which has no version, and that of the tags; no ETag holds a space.
const TAGS_MARK: &str = " tags ";
/// Entries a page; GitHub gives no more.
const WHOLE_PAGES: &str = "per_page=100";
/// Entries a page where a hundred are more than the cap on bytes.
const SMALL_PAGES: &str = "per_page=20";

/// What is listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Releases,
    Tags,
}

/// The first page of a list, or that it has not changed.
enum First {
    Unchanged,
    Page(Box<Reply>, Page),
}

/// All pages of a list.
struct Whole {
    releases: Vec<Release>,
    complete: bool,
}

impl Rest {
    pub(super) async fn releases(&self, question: &Question) -> Result<Answer, SourceFailure> {
        let repo = &question.repo;
        let (etag, tags_etag) = split_etag(question.etag.as_deref());
        let (empty_etag, listed) = match self.first(List::Releases, repo, etag).await? {
            First::Unchanged if tags_etag.is_none() => {
                return Ok(self.answer(Found::Unchanged, question.etag.clone(), None));
            }
            First::Unchanged => (etag.map(str::to_owned), 0),
            First::Page(reply, page) => {
                let listed = page.listed;
                let answer = self.listed(List::Releases, repo, &reply, page, None).await?;
                if has_versions(&answer) {
                    return Ok(answer);
                }
                // Releases like `nightly` only: the tags may still name versions.
                (answer.etag, listed)
            }
        };
        match self.first(List::Tags, repo, tags_etag).await? {
            First::Unchanged => Ok(self.answer(Found::Unchanged, question.etag.clone(), None)),
            First::Page(reply, page) => {
                let any = listed + page.listed > 0;
                let answer = self.listed(List::Tags, repo, &reply, page, empty_etag).await?;
                if has_versions(&answer) {
                    return Ok(answer);
                }
                let what =
                    if any { "no release or tag that is a version" } else { "neither releases nor tags" };
                Err(failures::nothing_there(&reply, repo, what))
            }
        }
    }

    async fn first(&self, list: List, repo: &Repo, etag: Option<&str>) -> Result<First, SourceFailure> {
        let path = list.path();
        let reply = match self.get(self.config.endpoint(repo, path, Some(WHOLE_PAGES)), etag).await {
            // Long notes, a hundred times: smaller pages may fit.
            Err(failure) if failure.code == ErrorCode::TooLarge && list == List::Releases => {
                self.get(self.config.endpoint(repo, path, Some(SMALL_PAGES)), etag).await?
            }
            other => other?,
        };
        match reply.status {
            200 => {
                let page = self.page(list, repo, &reply)?;
                Ok(First::Page(Box::new(reply), page))
            }
            304 if etag.is_some() => Ok(First::Unchanged),
            404 => Err(failures::not_found(&reply, repo)),
            409 => Err(failures::nothing_there(&reply, repo, "no commits")),
            _ => Err(failures::status(&reply)),
        }
    }

    /// The answer that begins with this first page.
    async fn listed(
        &self,
        list: List,
        repo: &Repo,
        first: &Reply,
        page: Page,
        empty_etag: Option<String>,
    ) -> Result<Answer, SourceFailure> {
        let etag = match list {
            List::Releases => first.etag(),
            List::Tags => join_etags(empty_etag, first.etag()),
        };
        let moved = moved_to(repo, page.repo.as_ref()).filter(|_| first.moved);
        let whole = self.rest_of(list, repo, next_of(first), page.releases).await?;
        let found = Found::Releases { releases: whole.releases, complete: whole.complete };
        Ok(self.answer(found, etag, moved))
    }

    /// Follows the links; half a list is a failure, because its ETag would keep it half.
    async fn rest_of(
        &self,
        list: List,
        repo: &Repo,
        mut next: Option<Url>,
        mut releases: Vec<Release>,
    ) -> Result<Whole, SourceFailure> {
        for _ in 1..MAX_PAGES {
            let Some(url) = next else { return Ok(Whole { releases, complete: true }) };
            let reply = self.get(url.clone(), None).await?;
            if reply.status != 200 {
                return Err(failures::status(&reply));
            }
            releases.extend(self.page(list, repo, &reply)?.releases);
            next = next_of(&reply).filter(|next| *next != url);
        }
        Ok(Whole { releases, complete: next.is_none() })
    }

    fn page(&self, list: List, repo: &Repo, reply: &Reply) -> Result<Page, SourceFailure> {
        let parse: fn(&[u8], &super::Site, &Repo) -> Result<Page, BadAnswer> = match list {
            List::Releases => parse_releases,
            List::Tags => parse_tags,
        };
        parse(&reply.body, &self.site, repo).map_err(|error| failures::bad_answer(reply, error))
    }
}

impl List {
    fn path(self) -> &'static str {
        match self {
            Self::Releases => "/releases",
            Self::Tags => "/tags",
        }
    }
}

/// The next page; a link to another origin is not followed.
pub(super) fn next_of(reply: &Reply) -> Option<Url> {
    let headers = reply.headers.get_all("link").iter().filter_map(|value| value.to_str().ok());
    next_page(&reply.url, &headers.collect::<Vec<_>>().join(", "))
}

fn has_versions(answer: &Answer) -> bool {
    matches!(&answer.found, Found::Releases { releases, .. } if !releases.is_empty())
}

fn split_etag(etag: Option<&str>) -> (Option<&str>, Option<&str>) {
    match etag.and_then(|etag| etag.split_once(TAGS_MARK)) {
        Some((releases, tags)) => (Some(releases), Some(tags)),
        None => (etag, None),
    }
}

fn join_etags(releases: Option<String>, tags: Option<String>) -> Option<String> {
    Some(format!("{}{TAGS_MARK}{}", releases?, tags?))
}
