//! What a test does with one repository.

use std::sync::Arc;

use crate::repo::{Advisory, Repo};
use crate::shared::Shared;
use crate::text::{default_instant, object_id};
use crate::{NewAdvisory, NewCommit, NewRelease};

/// One repository; every method takes effect at once. Stays the same repository when that is renamed.
#[derive(Clone)]
pub struct RepoHandle {
    shared: Arc<Shared>,
    id: u64,
}

impl RepoHandle {
    pub(crate) fn open(shared: Arc<Shared>, full_name: &str) -> Self {
        let Some((owner, name)) = full_name.split_once('/') else {
            panic!("write OWNER/NAME instead of {full_name:?}")
        };
        let id = shared.world().open_repo(owner, name);
        Self { shared, id }
    }

    /// Changes the repository, unless it has been deleted.
    fn change(&self, change: impl FnOnce(&mut Repo)) -> &Self {
        if let Some(repo) = self.shared.world().repo_mut(self.id) {
            change(repo);
            repo.changed();
        }
        self
    }

    /// The repository's number, as in `/repositories/ID`.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Adds a release, its tag included; one of the same tag is replaced.
    pub fn release(&self, release: NewRelease) -> &Self {
        let id = self.shared.world().next_id() + 200_000_000;
        self.change(|repo| repo.add_release(id, release))
    }

    /// Takes a release away, and its tag.
    pub fn remove_release(&self, tag: &str) -> &Self {
        self.change(|repo| {
            repo.releases.retain(|release| release.what.tag != tag);
            repo.remove_tag(tag);
        })
    }

    /// Takes every release and tag away.
    pub fn remove_all_releases(&self) -> &Self {
        self.change(|repo| {
            repo.releases.clear();
            repo.tags.clear();
        })
    }

    /// Gives a release GitHub's own latest mark. Without this the last release added that is no pre-release has it.
    pub fn mark_latest(&self, tag: &str) -> &Self {
        self.change(|repo| repo.latest_mark = Some(tag.to_owned()))
    }

    /// Replaces a release's notes.
    pub fn edit_notes(&self, tag: &str, markdown: &str) -> &Self {
        self.change(|repo| {
            for release in repo.releases.iter_mut().filter(|release| release.what.tag == tag) {
                release.what.notes = Some(markdown.to_owned());
            }
        })
    }

    /// Adds (or moves) a lightweight tag without a release.
    pub fn tag(&self, name: &str, sha: &str) -> &Self {
        self.change(|repo| repo.add_tag(name, sha, false))
    }

    /// Adds (or moves) an annotated tag: git shows its object and, as `^{}`, its commit.
    pub fn annotated_tag(&self, name: &str, sha: &str) -> &Self {
        self.change(|repo| repo.add_tag(name, sha, true))
    }

    /// Takes a tag away, leaving its release.
    pub fn remove_tag(&self, name: &str) -> &Self {
        self.change(|repo| repo.remove_tag(name))
    }

    /// The commit a branch, tag or abbreviated SHA means.
    #[must_use]
    pub fn resolve(&self, reference: &str) -> Option<String> {
        self.shared.world().repo(self.id)?.resolve(reference)
    }

    /// Makes a branch of these commits, oldest first; the first branch is the default one.
    pub fn branch(&self, name: &str, commits: &[NewCommit]) -> &Self {
        self.change(|repo| {
            repo.set_branch(name, commits);
        })
    }

    /// Puts a commit on top of a branch (made if there is none) and gives its SHA.
    pub fn push(&self, branch: &str, commit: NewCommit) -> String {
        let mut sha = String::new();
        self.change(|repo| sha = repo.push(branch, commit));
        sha
    }

    /// Replaces a branch's history, and gives its head. What nothing leads to any more is forgotten: comparing with
    /// it answers 404.
    pub fn force_push(&self, branch: &str, commits: &[NewCommit]) -> String {
        let mut sha = None;
        self.change(|repo| {
            sha = repo.set_branch(branch, commits);
            repo.forget_unreachable();
        });
        sha.unwrap_or_default()
    }

    /// A branch's head.
    #[must_use]
    pub fn head(&self, branch: &str) -> Option<String> {
        self.shared.world().repo(self.id)?.branches.get(branch).cloned()
    }

    /// The SHAs of a branch, oldest first.
    #[must_use]
    pub fn shas(&self, branch: &str) -> Vec<String> {
        let world = self.shared.world();
        let Some(repo) = world.repo(self.id) else { return Vec::new() };
        let Some(head) = repo.branches.get(branch) else { return Vec::new() };
        repo.graph.history(head).into_iter().rev().map(|commit| commit.sha.clone()).collect()
    }

    /// Makes another branch the default one.
    pub fn default_branch(&self, name: &str) -> &Self {
        self.change(|repo| name.clone_into(&mut repo.default_branch))
    }

    /// Adds a pull request's head, which git shows as `refs/pull/NUMBER/head`.
    pub fn pull(&self, number: u64) -> &Self {
        self.change(|repo| {
            repo.pulls.insert(number, object_id(&["pull", &number.to_string()]));
        })
    }

    /// Adds a published advisory; one with the same id is replaced.
    pub fn advisory(&self, advisory: NewAdvisory) -> &Self {
        self.change(|repo| {
            let published = advisory
                .published
                .clone()
                .unwrap_or_else(|| default_instant(24 * (31 + repo.advisories.len() as u64)));
            repo.advisories.retain(|other| other.what.ghsa_id != advisory.ghsa_id);
            repo.advisories.push(Advisory { published, what: advisory });
        })
    }

    /// Takes an advisory away.
    pub fn remove_advisory(&self, ghsa_id: &str) -> &Self {
        self.change(|repo| repo.advisories.retain(|other| other.what.ghsa_id != ghsa_id))
    }

    /// Gives it another name. The API answers 301 to `/repositories/ID/…` under the old one, the web site to the new.
    ///
    /// # Panics
    /// If the name is not `owner/name`.
    pub fn rename_to(&self, full_name: &str) -> &Self {
        let Some((owner, name)) = full_name.split_once('/') else {
            panic!("write OWNER/NAME instead of {full_name:?}")
        };
        self.shared.world().rename(self.id, owner, name);
        self
    }

    /// Makes it private: 404 for everyone without an accepted token.
    pub fn private(&self) -> &Self {
        self.change(|repo| repo.private = true)
    }

    /// Makes it public again.
    pub fn public(&self) -> &Self {
        self.change(|repo| repo.private = false)
    }

    /// Archives it.
    pub fn archived(&self) -> &Self {
        self.change(|repo| repo.archived = true)
    }

    /// Deletes it: 404 from now on, under former names too.
    pub fn delete(&self) -> &Self {
        self.shared.world().delete(self.id);
        self
    }

    /// Its git door speaks only the old protocol (version 0, or 1 where asked), also to those who ask for 2.
    pub fn git_v1_only(&self) -> &Self {
        self.change(|repo| repo.git_v1_only = true)
    }
}
