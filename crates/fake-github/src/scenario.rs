//! Ready-made worlds: the demo, and very many repositories for benchmarks.

use std::time::Duration;

use chrono::{TimeDelta, Utc};

use crate::shared::Shared;
use crate::text::github_time;
use crate::{FakeGithub, NewAdvisory, NewRelease};

/// The demo's repository.
pub const DEMO_REPO: &str = "yourorg/remote-agent";
/// The demo's image.
pub const DEMO_IMAGE: &str = "yourorg/remote-agent";

/// Tag, age in days, notes.
const DEMO_RELEASES: [(&str, i64, &str); 6] = [
    (
        "v1.0.0",
        210,
        "## First stable release\n\n- Sessions, transcripts and git activity in one place\n- One binary, one page, no account\n",
    ),
    (
        "v1.1.0",
        160,
        "### Added\n\n- Full-text search over transcripts\n- `remote-agent status --json` for scripts\n\n### Fixed\n\n- The page no longer jumps to the top when a session ends\n",
    ),
    (
        "v1.2.0",
        96,
        "### Breaking\n\n- **BREAKING:** `LISTEN_PORT` is now `PORT`; the old name is refused with a message that says so\n\n### Added\n\n- Transcripts can live in any S3 bucket\n- Dark mode, because you asked. 41 times.\n",
    ),
    (
        "v1.2.1",
        71,
        "### Fixed\n\n- Uploads above 64 MiB are resumed instead of restarted\n- A clock that runs ahead no longer hides new sessions\n",
    ),
    (
        "v1.2.2",
        40,
        "### Security\n\n- **Security:** transcripts of another session could be read by guessing their id (GHSA-7f4q-h2mv-2c9x, high). Everyone should update.\n",
    ),
    (
        "v1.2.3",
        12,
        "### Fixed\n\n- Git hooks work in repositories with spaces in their path\n- The CLI keeps events on disk while the server is away, and says so\n",
    ),
];
const DEMO_NEXT: &str = "### Added\n\n- **Live sessions**: watch an agent work, token by token\n- `remote-agent tui` shows a week at a glance\n\n### Changed\n\n- Start-up is twice as fast; the first page needs one request instead of nine\n\n### Fixed\n\n- Rare duplicate events after a reconnect\n";

/// A GitHub and a registry with the demo's application: v1.0.0 to v1.2.3, and v1.3.0 published after `publish_after`.
/// The image of each release is there, for both platforms.
pub async fn demo(publish_after: Duration) -> FakeGithub {
    let fake = FakeGithub::start().await;
    fake.limit_anonymous(100_000);
    fill_demo(&fake);
    fake.later(publish_after, publish_next);
    fake
}

fn fill_demo(fake: &FakeGithub) {
    let repo = fake.repo(DEMO_REPO);
    let image = fake.image(DEMO_IMAGE);
    for (tag, days, notes) in DEMO_RELEASES {
        let published = github_time(Utc::now() - TimeDelta::days(days));
        repo.release(
            NewRelease::new(tag).title(&format!("Remote Agent {tag}")).notes(notes).published(&published),
        );
        image.index(tag, &["linux/amd64", "linux/arm64"]);
    }
    let published = github_time(Utc::now() - TimeDelta::days(40));
    repo.advisory(
        NewAdvisory::new("GHSA-7f4q-h2mv-2c9x")
            .severity("high")
            .summary("Transcripts could be read by guessing their id")
            .range(">= 1.0.0, < 1.2.2")
            .patched("1.2.2")
            .published(&published),
    );
}

fn publish_next(shared: &std::sync::Arc<Shared>) {
    let release = NewRelease::new("v1.3.0")
        .title("Remote Agent v1.3.0")
        .notes(DEMO_NEXT)
        .published(&github_time(Utc::now()));
    crate::RepoHandle::open(shared.clone(), DEMO_REPO).release(release);
    crate::ImageHandle::open(shared.clone(), DEMO_IMAGE).index("v1.3.0", &["linux/amd64", "linux/arm64"]);
}

impl FakeGithub {
    /// Adds the demo's repository and image, with v1.3.0 after `publish_after`.
    pub fn add_demo(&self, publish_after: Duration) -> &Self {
        fill_demo(self);
        self.later(publish_after, publish_next);
        self
    }
}

/// Very many repositories, `octo/app-0` and on, each with an image of the same name.
#[derive(Clone, Copy, Debug)]
pub struct Many {
    /// How many.
    pub targets: usize,
    /// Releases of each: `v1.0.0`, `v1.1.0` and on.
    pub releases_per_target: usize,
}

impl Many {
    /// Adds them, and lifts the hourly limits out of the way.
    pub fn fill(self, fake: &FakeGithub) {
        fake.limit_anonymous(1_000_000_000).limit_token(1_000_000_000);
        let line = "- a change that somebody will be glad about, told in a line of ordinary length\n";
        let notes = format!("### Changed\n\n{}", line.repeat(6));
        for target in 0..self.targets {
            let name = format!("octo/app-{target}");
            let repo = fake.repo(&name);
            let image = fake.image(&name);
            for minor in 0..self.releases_per_target {
                let tag = format!("v1.{minor}.0");
                repo.release(NewRelease::new(&tag).notes(&notes));
                image.index(&tag, &["linux/amd64", "linux/arm64"]);
            }
        }
    }
}
