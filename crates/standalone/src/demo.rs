//! `--demo`: a stand-in for GitHub and the registry, and the settings that make the show short.

use std::time::Duration;

use fake_github::{DEMO_IMAGE, DEMO_REPO, FakeGithub};
use watcher::config::Sources;

/// When the new release appears.
pub(crate) const PUBLISHED_AFTER: Duration = Duration::from_secs(8);
/// The version that is said to run: the newest one, until then.
const RUNNING: &str = "1.2.3";

/// Starts the stand-in and points the watcher at it. What the person set by flag stays.
pub(crate) async fn start(sources: &mut Sources) -> FakeGithub {
    let fake = fake_github::demo(PUBLISHED_AFTER).await;
    let settings = [
        ("REPO", DEMO_REPO.to_owned()),
        ("CURRENT", RUNNING.to_owned()),
        ("IMAGE", format!("ghcr.io/{DEMO_IMAGE}")),
        ("GITHUB_API_URL", fake.api_url()),
        ("GITHUB_WEB_URL", fake.web_url()),
        ("REGISTRY_URL", fake.registry_url()),
        ("SCHEDULE", "*/2 * * * * *".to_owned()),
        ("FORCE_INTERVAL", "1s".to_owned()),
        ("HOURLY_BUDGET", "100000".to_owned()),
        ("LOG", "warn".to_owned()),
    ];
    for (key, value) in settings {
        sources.flags.entry(key).or_insert(value);
    }
    fake
}
