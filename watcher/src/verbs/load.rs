//! Whether the budget suffices for what is configured.

use chrono::Utc;

use crate::config::Config;
use crate::cron::Cron;

/// What a check asks: the list and the advisories.
const REQUESTS: f64 = 2.0;
/// What the image check adds: token, index, manifest.
const REQUESTS_OF_IMAGE: f64 = 3.0;

/// What to say where all targets together will ask more than the hourly budget allows.
pub(super) fn too_many_targets(config: &Config) -> Option<String> {
    let interval = Cron::parse(&config.timing.schedule).ok()?.interval(Utc::now()).as_seconds_f64();
    let per_check = |image: bool| REQUESTS + if image { REQUESTS_OF_IMAGE } else { 0.0 };
    let all: f64 = config.targets.iter().map(|target| per_check(target.image.is_some())).sum();
    let needed = all * 3600.0 / interval.max(1.0);
    let budget = f64::from(config.upstream.hourly_budget);
    let count = u32::try_from(config.targets.len()).unwrap_or(u32::MAX);
    if config.disabled || needed <= budget {
        return None;
    }
    let fit =
        (1..=count).rev().find(|fit| needed * f64::from(*fit) <= budget * f64::from(count)).unwrap_or(0);
    Some(format!(
        "{count} target{} need about {needed:.0} requests an hour and the budget is {budget:.0}: about {fit} fit; \
         SIDEWATCH_GITHUB_TOKEN or a slower SIDEWATCH_SCHEDULE helps",
        if count == 1 { "" } else { "s" }
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    fn told(settings: &[(&str, &str)]) -> Option<String> {
        let pairs = [("REPO", "octo/app")].into_iter().chain(settings.iter().copied());
        let environment = pairs.map(|(key, value)| (format!("SIDEWATCH_{key}"), value.to_owned())).collect();
        too_many_targets(&Config::read(&Sources { environment, ..Sources::default() }).unwrap())
    }

    #[test]
    fn more_than_the_budget_allows_is_said() {
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[("SCHEDULE", "*/3 * * * *")]), None);
        assert!(
            told(&[("SCHEDULE", "* * * * *")])
                .unwrap()
                .contains("about 120 requests an hour and the budget is 40")
        );
        assert!(
            told(&[("SCHEDULE", "*/6 * * * *"), ("IMAGE", "ghcr.io/octo/app")])
                .unwrap()
                .contains("SIDEWATCH_SCHEDULE")
        );
        assert_eq!(told(&[("SCHEDULE", "* * * * *"), ("GITHUB_TOKEN", "x")]), None);
    }
}
