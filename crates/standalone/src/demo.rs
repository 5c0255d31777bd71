//! `--demo`: a stand-in for GitHub and the registry, and the settings that make the show short.

use std::time::Duration;

use fake_github::{DEMO_IMAGE, DEMO_REPO, FakeGithub};
use watcher::config::Sources;

/// When the new release appears.
pub(crate) const PUBLISHED_AFTER: Duration = Duration::from_secs(8);
/// The version that is said to run: the newest one, until then.
const RUNNING: &str = "1.2.3";

/// What of the environment still counts: the rest is about the person's own installation, whose state, Redis,
/// tokens and subscribers a show must leave alone.
const KEPT: [&str; 3] = ["SIDEWATCH_LISTEN", "SIDEWATCH_LOG", "SIDEWATCH_LOG_FORMAT"];

/// Starts the stand-in and points the watcher at it. What the person set by flag stays.
pub(crate) async fn start(sources: &mut Sources) -> FakeGithub {
    let fake = fake_github::demo(PUBLISHED_AFTER).await;
    forget_installation(sources);
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
        if key == "LOG" && sources.environment.contains_key("SIDEWATCH_LOG") {
            continue;
        }
        sources.flags.entry(key).or_insert(value);
    }
    fake
}

fn forget_installation(sources: &mut Sources) {
    sources.environment.retain(|name, _| !name.starts_with("SIDEWATCH_") || KEPT.contains(&name.as_str()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_persons_own_installation_is_left_alone() {
        let names =
            ["STATE_DIR", "REDIS_URL", "REDIS_URL_FILE", "CONFIG", "IMAGE", "GITHUB_TOKEN", "LISTEN", "LOG"];
        let mut sources = Sources::default();
        sources.environment.extend(names.map(|name| (format!("SIDEWATCH_{name}"), "x".to_owned())));
        sources.environment.insert("PATH".into(), "/bin".into());
        forget_installation(&mut sources);
        let mut left: Vec<_> = sources.environment.into_keys().collect();
        left.sort();
        assert_eq!(left, ["PATH", "SIDEWATCH_LISTEN", "SIDEWATCH_LOG"]);
    }
}
