//! The third door: the web site's Atom feeds of releases and of commits.
//!
//! The newest few only; notes as HTML; whether a publisher marked a pre-release is not told.

use std::sync::Arc;

use atom_syndication::{Entry, Feed};
use contract::{Comparison, Via};
use percent_encoding::percent_decode_str;
use url::Url;

use super::branch::commit_name;
use super::commits::subject;
use super::pages::{Site, path};
use super::releases::MAX_TITLE_CHARS;
use super::web::{Web, answer};
use super::{GithubConfig, failures};
use crate::json::BadAnswer;
use crate::notes::{self, MAX_RENDERED_BYTES};
use crate::outbound::Outbound;
use crate::repo::{is_full_sha, is_ref_name};
use crate::source::{Answer, BranchHead, Commit, Found, Question, ReleaseSource, SourceFailure};
use crate::{Release, Repo, Track, Version};

/// GitHub gives ten releases or twenty commits.
const MAX_ENTRIES: usize = 100;
/// What GitHub writes where there are no notes.
const NO_NOTES: &str = "No content.";

/// The Atom feeds.
pub struct Atom {
    web: Web,
}

impl Atom {
    /// The web site that `config` names.
    #[must_use]
    pub fn new(outbound: Arc<Outbound>, config: GithubConfig) -> Self {
        Self { web: Web::new(outbound, config) }
    }

    async fn releases(&self, repo: &Repo) -> Result<Answer, SourceFailure> {
        let reply = self.web.get(self.web.url(repo, "/releases.atom")?, repo).await?;
        let releases = parse_releases_feed(&reply.body, &self.web.site, repo)
            .map_err(|error| failures::bad_answer(&reply, error))?;
        if releases.is_empty() {
            let failure = failures::nothing_there(&reply, repo, "no version in its feed of releases");
            return Err(SourceFailure { try_next_door: true, ..failure });
        }
        let found = Found::Releases { releases, complete: false };
        Ok(answer(Via::Atom, found, self.web.moved_to(repo, &reply)))
    }

    async fn branch(&self, question: &Question, branch: &str) -> Result<Answer, SourceFailure> {
        let repo = &question.repo;
        let reply =
            self.web.get(self.web.url(repo, &format!("/commits/{}.atom", path(branch)))?, repo).await?;
        let commits = parse_commits_feed(&reply.body, &self.web.site, repo)
            .map_err(|error| failures::bad_answer(&reply, error))?;
        let running = question.running_commit.as_deref().and_then(commit_name);
        let head = head(commits, running.as_deref(), |head| match &running {
            Some(running) => self.web.site.compare(repo, running, head),
            None => self.web.site.commits(repo, branch),
        })
        .ok_or_else(|| failures::bad_answer(&reply, BadAnswer::Missing("entry")))?;
        Ok(answer(Via::Atom, Found::Head(head), self.web.moved_to(repo, &reply)))
    }
}

#[async_trait::async_trait]
impl ReleaseSource for Atom {
    fn via(&self) -> Via {
        Via::Atom
    }

    async fn ask(&self, question: &Question) -> Result<Answer, SourceFailure> {
        match &question.track {
            Track::Releases => self.releases(&question.repo).await,
            Track::Branch(branch) => self.branch(question, branch).await,
        }
    }
}

/// The head, and what the feed tells of the running commit.
///
/// A running commit further down the feed is certainly behind; how far is not certain, because the feed
/// orders merged branches by date.
fn head(commits: Vec<Commit>, running: Option<&str>, url: impl Fn(&str) -> String) -> Option<BranchHead> {
    let first = commits.first()?.clone();
    let at = running.and_then(|running| commits.iter().position(|commit| commit.sha.starts_with(running)));
    let (comparison, lacking) = match at {
        Some(0) => (Comparison::Identical, Vec::new()),
        Some(at) => (Comparison::Behind, commits.into_iter().take(at).collect()),
        None => (Comparison::Unknown, vec![first.clone()]),
    };
    Some(BranchHead {
        url: url(&first.sha),
        committed_at: first.committed_at,
        behind: (comparison == Comparison::Identical).then_some(0),
        behind_since: None,
        commits: lacking,
        comparison,
        sha: first.sha,
        base: None,
    })
}

/// Reads `releases.atom`.
///
/// # Errors
/// [`BadAnswer`] if it is no Atom feed.
pub fn parse_releases_feed(body: &[u8], site: &Site, repo: &Repo) -> Result<Vec<Release>, BadAnswer> {
    Ok(feed(body)?.entries.iter().take(MAX_ENTRIES).filter_map(|entry| release(entry, site, repo)).collect())
}

/// Reads `commits/BRANCH.atom`, newest first.
///
/// # Errors
/// [`BadAnswer`] if it is no Atom feed.
pub fn parse_commits_feed(body: &[u8], site: &Site, repo: &Repo) -> Result<Vec<Commit>, BadAnswer> {
    Ok(feed(body)?.entries.iter().take(MAX_ENTRIES).filter_map(|entry| commit(entry, site, repo)).collect())
}

fn feed(body: &[u8]) -> Result<Feed, BadAnswer> {
    Feed::read_from(body).map_err(|_| BadAnswer::NotAFeed)
}

fn release(entry: &Entry, site: &Site, repo: &Repo) -> Option<Release> {
    let linked = links(entry, site).find_map(|page| {
        let (_, rest) = site.split(&page)?;
        let tag = percent_decode_str(rest.strip_prefix("releases/tag/")?).decode_utf8().ok()?.into_owned();
        Some((tag, String::from(page)))
    });
    let (tag, url) = match linked {
        Some((tag, url)) => (tag, url),
        None => {
            // `tag:github.com,2008:Repository/ID/TAG`
            let tag = entry.id().split_once("Repository/")?.1.split_once('/')?.1.to_owned();
            let url = site.release(repo, &tag);
            (tag, url)
        }
    };
    let version = Version::parse(&tag).ok().filter(|_| is_ref_name(&tag))?;
    let html = entry.content().and_then(|content| content.value()).filter(|html| !html.trim().is_empty());
    let html = html.filter(|html| html.trim() != NO_NOTES);
    Some(Release {
        title: notes::one_line(entry.title().as_str(), MAX_TITLE_CHARS),
        notes_html: html.map(notes::sanitise_html),
        notes_truncated: html.is_some_and(|html| html.len() > MAX_RENDERED_BYTES),
        url: Some(url),
        published_at: Some(entry.updated().to_utc()),
        ..Release::from_tag(tag, version)
    })
}

fn commit(entry: &Entry, site: &Site, repo: &Repo) -> Option<Commit> {
    // `tag:github.com,2008:Grit::Commit/SHA`
    let sha = entry.id().rsplit_once('/')?.1.to_owned();
    if !is_full_sha(&sha) {
        return None;
    }
    let url = links(entry, site).next().map_or_else(|| site.commit(repo, &sha), String::from);
    Some(Commit {
        subject: subject(entry.title().as_str().trim()),
        breaking: super::commits::is_breaking(entry.title().as_str().trim()),
        committed_at: Some(entry.updated().to_utc()),
        url: Some(url),
        sha,
    })
}

/// The entry's pages on this site.
fn links<'a>(entry: &'a Entry, site: &'a Site) -> impl Iterator<Item = Url> + 'a {
    entry.links().iter().filter_map(|link| site.own(Some(link.href()))?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en-US">
  <id>tag:github.com,2008:https://github.com/o/r/releases</id>
  <title>Release notes from r</title>
  <updated>2026-01-29T09:00:00Z</updated>
  <entry>
    <id>tag:github.com,2008:Repository/1/v1.3.0</id>
    <updated>2026-01-29T09:00:00Z</updated>
    <link rel="alternate" type="text/html" href="https://github.com/o/r/releases/tag/v1.3.0"/>
    <title>One &amp; two</title>
    <content type="html">&lt;h3&gt;New&lt;/h3&gt;&lt;script&gt;x&lt;/script&gt;</content>
  </entry>
  <entry>
    <id>tag:github.com,2008:Repository/1/v1.2.0</id>
    <updated>2026-01-28T09:00:00Z</updated>
    <link href="https://evil.example/o/r/releases/tag/v9.9.9"/>
    <title>v1.2.0</title>
    <content>No content.</content>
  </entry>
  <entry><id>tag:github.com,2008:Repository/1/nightly</id><updated>2026-01-28T09:00:00Z</updated><title>x</title></entry>
</feed>"#;

    fn site() -> Site {
        Site::new("https://github.com".parse().unwrap())
    }

    #[test]
    fn releases_have_sanitised_html_and_no_markdown() {
        let found = parse_releases_feed(RELEASES.as_bytes(), &site(), &"o/r".parse().unwrap()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].tag.as_str(), found[0].title.as_str()), ("v1.3.0", "One & two"));
        let html = found[0].notes_html.as_deref().unwrap();
        assert!(html.contains("New") && !html.contains("script"), "{html}");
        assert_eq!(found[0].notes, None);
        assert_eq!(found[1].tag, "v1.2.0");
        assert_eq!(found[1].url.as_deref(), Some("https://github.com/o/r/releases/tag/v1.2.0"));
        assert_eq!(found[1].notes_html, None);
    }

    #[test]
    fn a_running_commit_in_the_feed_is_behind_by_an_unknown_number() {
        let commit = |letter: &str| Commit {
            sha: letter.repeat(40),
            subject: String::new(),
            breaking: false,
            committed_at: None,
            url: None,
        };
        let commits = || vec![commit("a"), commit("b"), commit("c")];
        let head = |running: &str| head(commits(), Some(running), |_| String::new()).unwrap();
        let behind = head("ccccccc");
        assert_eq!((behind.comparison, behind.behind, behind.commits.len()), (Comparison::Behind, None, 2));
        assert_eq!(head("aaaaaaa").comparison, Comparison::Identical);
        assert_eq!(head("ddddddd").comparison, Comparison::Unknown);
    }

    #[test]
    fn what_is_no_feed_is_told() {
        for text in ["", "<html></html>", "<feed", "{}"] {
            let found = parse_releases_feed(text.as_bytes(), &site(), &"o/r".parse().unwrap());
            assert_eq!(found, Err(BadAnswer::NotAFeed), "{text}");
        }
    }
}
