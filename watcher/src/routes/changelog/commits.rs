//! The changelog of a branch: the commits that the running one lacks, or some of them.

use contract::Changelog;
use releases::changelog;
use releases::repo::is_full_sha;
use releases::source::BranchHead;

use super::{Page, Range};
use crate::config::Target;
use crate::error::ApiError;
use crate::snapshot::Snapshot;

/// What it is made from, taken out of the snapshot.
pub(super) struct KnownCommits {
    head: BranchHead,
    /// The running commit; maybe only its first digits.
    running: Option<String>,
}

/// A border of the range: how many of the listed commits are newer, and what it is called.
type Border = (usize, Option<String>);

impl KnownCommits {
    pub(super) fn of(target: &Target, snapshot: &Snapshot) -> Option<Self> {
        let head = snapshot.known.as_ref()?.head.clone()?;
        let running = target.running_commit(snapshot).map(|sha| sha.to_ascii_lowercase());
        Some(Self { head, running })
    }

    /// One page of the commits in this range.
    pub(super) fn between(&self, target: &Target, range: &Range) -> Result<Changelog, ApiError> {
        let (head, all) = (&self.head, &self.head.commits);
        let oldest = || Ok((all.len(), self.running.clone()));
        let (end, from) = range.from().map_or_else(oldest, |text| self.border(text, "from"))?;
        let newest = || Ok((0, Some(head.sha.clone())));
        let (start, to) = range.to().map_or_else(newest, |text| self.border(text, "to"))?;
        let chosen = all.get(start..end).unwrap_or_default();
        let page = Page::cut(range, chosen.len())?;
        let on_page = chosen.iter().skip(page.start).take(page.count);
        let listed = head.behind.is_some_and(|behind| behind <= all.len() as u64);
        Ok(Changelog {
            name: target.name.clone(),
            from,
            to,
            total: chosen.len() as u64,
            page: page.number,
            limit: page.limit,
            next_page: page.next,
            breaking: chosen.iter().any(|commit| commit.breaking),
            security: chosen.iter().any(|commit| changelog::marks(&commit.subject, None).security),
            complete: listed || end < all.len(),
            url: Some(head.url.clone()),
            entries: on_page.map(changelog::commit_entry).collect(),
        })
    }

    fn border(&self, text: &str, key: &str) -> Result<Border, ApiError> {
        let text = text.trim().to_ascii_lowercase();
        let is = |sha: &str| text.len() >= 7 && sha.starts_with(&text);
        let commits = &self.head.commits;
        let mut listed = commits.iter().enumerate().filter(|(_, commit)| is(&commit.sha));
        match (listed.next(), listed.next(), &self.running) {
            (Some((place, commit)), None, _) => Ok((place, Some(commit.sha.clone()))),
            (None, _, _) if is(&self.head.sha) => Ok((0, Some(self.head.sha.clone()))),
            (None, _, Some(running)) if is(running) || abbreviates(running, &text) => {
                Ok((commits.len(), Some(running.clone())))
            }
            _ => Err(ApiError::BadRequest(format!(
                "on a branch track, {key} must be the running commit, the head or a commit between them that is \
                 listed here: its SHA, or at least seven digits that only one of them begins with"
            ))),
        }
    }
}

/// Whether `short` are the first digits of this full SHA.
fn abbreviates(short: &str, sha: &str) -> bool {
    short.len() >= 7 && is_full_sha(sha) && sha.starts_with(short)
}
