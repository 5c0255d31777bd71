//! One target: whose releases are watched, for whom.

use std::time::Duration;

use contract::UpgradeHow;
use releases::registry::{ImageName, Platform};
use releases::{Channel, Line, Repo, Track};
use url::Url;

use crate::snapshot::Snapshot;

/// One target: whose releases are watched, for whom.
#[derive(Clone, Debug)]
pub struct Target {
    /// What people call it; unique.
    pub name: String,
    /// The repository.
    pub repo: Repo,
    /// Releases, or the head of a branch.
    pub track: Track,
    /// Whether pre-releases count.
    pub channel: Channel,
    /// The range to stay on.
    pub line: Option<Line>,
    /// What runs, told by configuration.
    pub current: Option<String>,
    /// Asked for what runs before each check.
    pub current_url: Option<Url>,
    /// Turns the image check on.
    pub image: Option<ImageName>,
    /// The platform that must be in the image.
    pub platform: Platform,
    /// Versions younger than this are held back; a security fix is not.
    pub min_age: Duration,
    /// How an upgrade is done here.
    pub upgrade_how: UpgradeHow,
    /// GitHub's web site, for addresses that people follow.
    pub web_url: Url,
}

impl Target {
    /// The page of a release or tag.
    #[must_use]
    pub fn release_page(&self, tag: &str) -> Option<String> {
        self.page(&["releases", "tag", tag])
    }

    /// The list of all releases.
    #[must_use]
    pub fn releases_page(&self) -> Option<String> {
        self.page(&["releases"])
    }

    /// The commits of a branch.
    #[must_use]
    pub fn branch_page(&self, branch: &str) -> Option<String> {
        self.page(&["commits", branch])
    }

    fn page(&self, rest: &[&str]) -> Option<String> {
        let mut url = self.web_url.clone();
        url.path_segments_mut()
            .ok()?
            .pop_if_empty()
            .extend([self.repo.owner(), self.repo.name()])
            .extend(rest);
        Some(url.into())
    }

    /// The running commit: what the app told, or `CURRENT` where that is a SHA.
    #[must_use]
    pub fn running_commit(&self, snapshot: &Snapshot) -> Option<String> {
        let running = snapshot.running.as_ref()?;
        let told = running.commit.as_deref().or(running.version.as_deref())?;
        let told = told.trim().to_ascii_lowercase();
        let is_sha = (7..=64).contains(&told.len()) && told.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_sha.then_some(told)
    }

    /// What a saved answer must be an answer to.
    #[must_use]
    pub fn question(&self, api_url: &Url) -> String {
        format!("{} {} {api_url}", self.repo, self.track)
    }
}
