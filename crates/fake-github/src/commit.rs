//! Commits: as a test describes them, and as a graph that can be compared.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::text::{after, default_instant, object_id};

/// A commit to add with [`crate::RepoHandle::branch`] or [`crate::RepoHandle::push`].
///
/// The same commits in the same order get the same SHAs, in any repository and on any branch: two branches that
/// begin alike share their history.
#[derive(Clone, Debug)]
pub struct NewCommit {
    message: String,
    at: Option<String>,
    sha: Option<String>,
    author: String,
}

impl NewCommit {
    /// A commit with this subject (or whole message).
    #[must_use]
    pub fn new(subject: &str) -> Self {
        Self { message: subject.to_owned(), at: None, sha: None, author: "Mona Lisa".to_owned() }
    }

    /// The message below the subject.
    #[must_use]
    pub fn body(mut self, text: &str) -> Self {
        self.message = format!("{}\n\n{text}", self.message);
        self
    }

    /// When it was committed; default: an hour after its parent, the first on 2026-01-01.
    #[must_use]
    pub fn at(mut self, instant: &str) -> Self {
        self.at = Some(instant.to_owned());
        self
    }

    /// Its SHA, 40 hex digits; default: made from its parent, message and time.
    #[must_use]
    pub fn sha(mut self, sha: &str) -> Self {
        self.sha = Some(sha.to_owned());
        self
    }

    /// Who wrote it.
    #[must_use]
    pub fn author(mut self, name: &str) -> Self {
        self.author = name.to_owned();
        self
    }
}

/// A commit in a repository.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub(crate) sha: String,
    pub(crate) parent: Option<String>,
    pub(crate) message: String,
    pub(crate) at: String,
    pub(crate) author: String,
}

/// The commits of a repository, by SHA.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    commits: HashMap<String, Commit>,
}

/// What lies between two commits.
pub(crate) struct Between {
    pub(crate) merge_base: String,
    /// In head and not in base, oldest first.
    pub(crate) ahead: Vec<String>,
    pub(crate) behind: usize,
}

impl Graph {
    /// Adds a commit on top of `parent`, and gives its SHA.
    pub(crate) fn add(&mut self, parent: Option<&str>, new: NewCommit) -> String {
        let at = new.at.unwrap_or_else(|| match parent.and_then(|sha| self.commits.get(sha)) {
            Some(parent) => after(&parent.at, Duration::from_secs(3600)),
            None => default_instant(0),
        });
        let sha = new.sha.unwrap_or_else(|| {
            object_id(&["commit", parent.unwrap_or_default(), &new.message, &at, &new.author])
        });
        let commit = Commit {
            sha: sha.clone(),
            parent: parent.map(str::to_owned),
            message: new.message,
            at,
            author: new.author,
        };
        self.commits.insert(sha.clone(), commit);
        sha
    }

    pub(crate) fn get(&self, sha: &str) -> Option<&Commit> {
        self.commits.get(sha)
    }

    /// The only commit whose SHA begins so.
    pub(crate) fn abbreviated(&self, prefix: &str) -> Option<&Commit> {
        let mut found = self.commits.values().filter(|commit| commit.sha.starts_with(prefix));
        found.next().filter(|_| found.next().is_none())
    }

    /// The commit and everything before it, newest first.
    pub(crate) fn history(&self, sha: &str) -> Vec<&Commit> {
        let mut history = Vec::new();
        let mut seen = HashSet::new();
        let mut next = self.commits.get(sha);
        while let Some(commit) = next {
            if !seen.insert(commit.sha.as_str()) {
                break;
            }
            history.push(commit);
            next = commit.parent.as_deref().and_then(|parent| self.commits.get(parent));
        }
        history
    }

    /// `None` without a common ancestor.
    pub(crate) fn between(&self, base: &str, head: &str) -> Option<Between> {
        let of_base = self.history(base);
        let places: HashMap<&str, usize> =
            of_base.iter().enumerate().map(|(place, commit)| (commit.sha.as_str(), place)).collect();
        let of_head = self.history(head);
        let meeting = of_head.iter().position(|commit| places.contains_key(commit.sha.as_str()))?;
        let merge_base = of_head[meeting].sha.clone();
        let behind = places[merge_base.as_str()];
        let ahead = of_head[..meeting].iter().rev().map(|commit| commit.sha.clone()).collect();
        Some(Between { merge_base, ahead, behind })
    }

    /// Forgets what none of these leads to.
    pub(crate) fn keep_reachable<'a>(&mut self, heads: impl Iterator<Item = &'a str>) {
        let mut kept: HashSet<String> = HashSet::new();
        for head in heads {
            kept.extend(self.history(head).into_iter().map(|commit| commit.sha.clone()));
        }
        self.commits.retain(|sha, _| kept.contains(sha));
    }
}
