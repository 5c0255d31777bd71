//! A repository's state: releases, tags, branches, advisories, and the pages rendered from them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::advisory::NewAdvisory;
use crate::api::Page;
use crate::commit::{Graph, NewCommit};
use crate::release::NewRelease;
use crate::text::{default_instant, object_id};

/// How many rendered pages are kept for one repository.
const KEEP_PAGES: usize = 256;

/// A repository.
pub(crate) struct Repo {
    pub(crate) id: u64,
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) private: bool,
    pub(crate) archived: bool,
    /// Speaks only the old git protocol.
    pub(crate) git_v1_only: bool,
    pub(crate) default_branch: String,
    /// In the order they were added.
    pub(crate) releases: Vec<Release>,
    pub(crate) latest_mark: Option<String>,
    /// In the order they were added.
    pub(crate) tags: Vec<Tag>,
    pub(crate) branches: BTreeMap<String, String>,
    pub(crate) pulls: BTreeMap<u64, String>,
    pub(crate) graph: Graph,
    pub(crate) advisories: Vec<Advisory>,
    pages: HashMap<String, Arc<Page>>,
}

/// A release with its ids and times settled.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) id: u64,
    /// The first asset's; the others follow.
    pub(crate) first_asset_id: u64,
    pub(crate) created: String,
    pub(crate) published: String,
    pub(crate) what: NewRelease,
}

/// A tag.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    /// The commit.
    pub(crate) sha: String,
    /// The tag object, where it is an annotated tag.
    pub(crate) object: Option<String>,
    /// When its commit was made, for the feed.
    pub(crate) at: String,
}

/// An advisory with its time settled.
#[derive(Clone, Debug)]
pub(crate) struct Advisory {
    pub(crate) published: String,
    pub(crate) what: NewAdvisory,
}

impl Repo {
    pub(crate) fn new(id: u64, owner: &str, name: &str) -> Self {
        Self {
            id,
            owner: owner.to_owned(),
            name: name.to_owned(),
            private: false,
            archived: false,
            git_v1_only: false,
            default_branch: "main".to_owned(),
            releases: Vec::new(),
            latest_mark: None,
            tags: Vec::new(),
            branches: BTreeMap::new(),
            pulls: BTreeMap::new(),
            graph: Graph::default(),
            advisories: Vec::new(),
            pages: HashMap::new(),
        }
    }

    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    pub(crate) fn rename(&mut self, owner: &str, name: &str) {
        owner.clone_into(&mut self.owner);
        name.clone_into(&mut self.name);
        self.changed();
    }

    /// Rendered pages no longer hold.
    pub(crate) fn changed(&mut self) {
        self.pages.clear();
    }

    /// The page under this key, rendered where it is not yet.
    pub(crate) fn page(&mut self, key: &str, render: impl FnOnce(&Self) -> Page) -> Arc<Page> {
        if let Some(page) = self.pages.get(key) {
            return page.clone();
        }
        let page = Arc::new(render(self));
        if self.pages.len() >= KEEP_PAGES {
            self.pages.clear();
        }
        self.pages.insert(key.to_owned(), page.clone());
        page
    }

    /// Adds a release and, unless it is a draft, its tag.
    pub(crate) fn add_release(&mut self, id: u64, what: NewRelease) {
        let published = what.published.clone().unwrap_or_else(|| default_instant(self.releases.len() as u64));
        let created = what.created.clone().unwrap_or_else(|| published.clone());
        self.releases.retain(|release| release.what.tag != what.tag);
        if !what.draft && !self.tags.iter().any(|tag| tag.name == what.tag) {
            let sha = what.sha.clone().unwrap_or_else(|| object_id(&["tag", &self.full_name(), &what.tag]));
            self.tags.push(Tag { name: what.tag.clone(), sha, object: None, at: created.clone() });
        }
        let first_asset_id = id * 100;
        self.releases.push(Release { id, first_asset_id, created, published, what });
        self.changed();
    }

    /// Adds or moves a tag.
    pub(crate) fn add_tag(&mut self, name: &str, sha: &str, annotated: bool) {
        let at = match self.graph.get(sha) {
            Some(commit) => commit.at.clone(),
            None => default_instant(self.tags.len() as u64),
        };
        let object = annotated.then(|| object_id(&["tag object", name, sha]));
        self.tags.retain(|tag| tag.name != name);
        self.tags.push(Tag { name: name.to_owned(), sha: sha.to_owned(), object, at });
        self.changed();
    }

    pub(crate) fn remove_tag(&mut self, name: &str) {
        self.tags.retain(|tag| tag.name != name);
        self.changed();
    }

    /// Published releases, in the order of the API: newest commit first, later added first among equals.
    pub(crate) fn published(&self) -> Vec<&Release> {
        let mut shown: Vec<&Release> = self.releases.iter().filter(|release| !release.what.draft).collect();
        shown.reverse();
        shown.sort_by(|one, other| other.created.cmp(&one.created));
        shown
    }

    /// The published release of that tag.
    pub(crate) fn release(&self, tag: &str) -> Option<&Release> {
        self.releases.iter().find(|release| release.what.tag == tag && !release.what.draft)
    }

    /// The release with GitHub's own latest mark: the one marked, else the last one added that may have it.
    pub(crate) fn latest(&self) -> Option<&Release> {
        let marked = self.latest_mark.as_deref().and_then(|tag| self.release(tag));
        marked.or_else(|| {
            self.releases
                .iter()
                .rev()
                .find(|release| !release.what.draft && !release.what.prerelease && !release.what.not_latest)
        })
    }

    /// Tags in the order of the API: by name, downwards.
    pub(crate) fn tags_by_name(&self) -> Vec<&Tag> {
        let mut tags: Vec<&Tag> = self.tags.iter().collect();
        tags.sort_by_key(|tag| std::cmp::Reverse(natural(&tag.name)));
        tags
    }

    /// The commit a branch, tag, full or abbreviated SHA means.
    pub(crate) fn resolve(&self, reference: &str) -> Option<String> {
        let reference =
            reference.strip_prefix("heads/").or_else(|| reference.strip_prefix("tags/")).unwrap_or(reference);
        if reference == "HEAD" {
            return self.branches.get(&self.default_branch).cloned();
        }
        if let Some(sha) = self.branches.get(reference) {
            return Some(sha.clone());
        }
        if let Some(tag) = self.tags.iter().find(|tag| tag.name == reference) {
            return Some(tag.sha.clone());
        }
        if let Some(tag) = self.tags.iter().find(|tag| tag.sha == reference) {
            return Some(tag.sha.clone());
        }
        if reference.len() < 7 {
            return None;
        }
        self.graph.abbreviated(&reference.to_ascii_lowercase()).map(|commit| commit.sha.clone())
    }

    /// Puts these commits, oldest first, on a branch that begins with them.
    pub(crate) fn set_branch(&mut self, branch: &str, commits: &[NewCommit]) -> Option<String> {
        let mut head: Option<String> = None;
        for commit in commits {
            head = Some(self.graph.add(head.as_deref(), commit.clone()));
        }
        match &head {
            Some(sha) => {
                if self.branches.is_empty() {
                    branch.clone_into(&mut self.default_branch);
                }
                self.branches.insert(branch.to_owned(), sha.clone());
            }
            None => {
                self.branches.remove(branch);
            }
        }
        self.changed();
        head
    }

    /// Puts one commit on top of a branch, which begins with it if there is none.
    pub(crate) fn push(&mut self, branch: &str, commit: NewCommit) -> String {
        let parent = self.branches.get(branch).cloned();
        if self.branches.is_empty() {
            branch.clone_into(&mut self.default_branch);
        }
        let sha = self.graph.add(parent.as_deref(), commit);
        self.branches.insert(branch.to_owned(), sha.clone());
        self.changed();
        sha
    }

    /// Forgets commits that no branch, tag or pull request leads to.
    pub(crate) fn forget_unreachable(&mut self) {
        let tags = self.tags.iter().map(|tag| tag.sha.as_str());
        let heads: Vec<&str> =
            self.branches.values().chain(self.pulls.values()).map(String::as_str).chain(tags).collect();
        self.graph.keep_reachable(heads.into_iter());
        self.changed();
    }
}

/// Numbers in a name compare as numbers.
fn natural(name: &str) -> Vec<(u64, String)> {
    name.split(|character: char| !character.is_ascii_alphanumeric())
        .map(|part| {
            let digits: String = part.chars().skip_while(|c| !c.is_ascii_digit()).collect();
            (digits.parse().unwrap_or(0), part.to_owned())
        })
        .collect()
}
