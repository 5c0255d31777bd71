//! From settings to the typed configuration.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use contract::UpgradeHow;
use releases::Track;
use releases::registry::Platform;
use service::settings::{self, Setting, parse};
use url::Url;

use super::variables::TABLE;
use super::{Config, Keep, Listen, Mistakes, Notify, Serve, Sources, Target, Timing, Upstream};
use crate::cron;
use crate::startup::DEFAULT_PORT;

/// Requests an hour without a token: two thirds of what GitHub allows an address that others share.
const BUDGET_WITHOUT_TOKEN: u32 = 40;
/// Requests an hour with a token: four fifths of what GitHub allows it.
const BUDGET_WITH_TOKEN: u32 = 4000;
/// From one forced round to the next.
const FORCE_WITH_TOKEN: Duration = Duration::from_secs(60);
const FORCE_WITHOUT_TOKEN: Duration = Duration::from_secs(300);

/// Reads settings one by one, gathering mistakes.
struct Reader {
    settings: settings::Reader,
    on_railway: bool,
}

pub(super) fn read(sources: &Sources) -> Result<Config, Mistakes> {
    let on_railway = sources.environment.contains_key("RAILWAY_ENVIRONMENT_ID");
    let mut reader = Reader { settings: settings::Reader::gather(&TABLE, sources), on_railway };
    let config = reader.config();
    reader.settings.finish(config)
}

/// Where to listen, whatever else the configuration holds.
pub(super) fn listen(sources: &Sources) -> Result<Option<Listen>, Mistakes> {
    let mut settings = settings::Reader::gather_leniently(&TABLE, sources);
    let listen = settings.value("LISTEN", listen_on);
    settings.finish(listen)
}

impl Reader {
    fn config(&mut self) -> Config {
        let upstream = self.upstream();
        let has_token = upstream.token.is_some();
        Config {
            targets: self.targets(&pages(upstream.web_url.as_ref())),
            timing: self.timing(has_token),
            upstream,
            keep: self.keep(),
            serve: self.serve(),
            notify: self.notify(),
            disabled: self.settings.value("DISABLE_UPDATE_CHECK", parse::boolean).unwrap_or(false),
            log: self.settings.log("watcher"),
            strangers: self.settings.take_strangers(),
        }
    }

    fn upstream(&mut self) -> Upstream {
        let token = self.settings.secret("GITHUB_TOKEN", parse::header_safe);
        let api_url = self.settings.value("GITHUB_API_URL", parse::base_url);
        let web_url = self.settings.value("GITHUB_WEB_URL", parse::base_url);
        let default_budget = if token.is_some() { BUDGET_WITH_TOKEN } else { BUDGET_WITHOUT_TOKEN };
        let hourly_budget = self.settings.value("HOURLY_BUDGET", parse::count);
        Upstream {
            web_url: web_url.or_else(|| api_url.as_ref().and_then(web_of)),
            api_url: api_url.unwrap_or_else(|| constant_url("https://api.github.com")),
            registry_url: self.settings.value("REGISTRY_URL", parse::base_url),
            hourly_budget: hourly_budget.unwrap_or(default_budget),
            hourly_budget_without_token: hourly_budget.unwrap_or(BUDGET_WITHOUT_TOKEN),
            token,
        }
    }

    fn timing(&mut self, has_token: bool) -> Timing {
        let force_default = if has_token { FORCE_WITH_TOKEN } else { FORCE_WITHOUT_TOKEN };
        let force_interval = self.settings.value("FORCE_INTERVAL", parse::duration);
        let cache_ttl = self.settings.value("CACHE_TTL", |text| match parse::duration(text)? {
            Duration::ZERO => Err("must be longer than nothing, such as 4h".to_owned()),
            ttl => Ok(ttl),
        });
        Timing {
            schedule: self.settings.value("SCHEDULE", schedule).unwrap_or_else(cron::hourly_at_random),
            force_interval: force_interval.unwrap_or(force_default),
            force_interval_without_token: force_interval.unwrap_or(FORCE_WITHOUT_TOKEN),
            cache_ttl: cache_ttl.unwrap_or_default(),
        }
    }

    fn keep(&mut self) -> Keep {
        let directory = self.settings.value("STATE_DIR", parse::typed::<PathBuf>);
        let redis = self.settings.secret("REDIS_URL", parse::redis_url);
        match (redis, directory) {
            (Some(_), Some(_)) => {
                let rule = "set this or SIDEWATCH_REDIS_URL, not both: state is kept in one place";
                self.settings.mistake("SIDEWATCH_STATE_DIR", rule);
                Keep::Memory
            }
            (Some(url), None) => Keep::Redis(url),
            (None, Some(directory)) => Keep::Directory(directory),
            (None, None) => Keep::Memory,
        }
    }

    fn serve(&mut self) -> Serve {
        let api_token = self.settings.secret("API_TOKEN", parse::header_safe);
        Serve { listen: self.settings.value("LISTEN", listen_on), api_token }
    }

    fn notify(&mut self) -> Notify {
        let address = |text: &str| parse::address(text).map(|_| ());
        let notify = Notify {
            webhook_url: self.settings.secret("NOTIFY_WEBHOOK_URL", address),
            webhook_secret: self.settings.secret("NOTIFY_WEBHOOK_SECRET", |_| Ok(())),
            apprise_url: self.settings.secret("NOTIFY_APPRISE_URL", address),
        };
        if notify.webhook_secret.is_some() && notify.webhook_url.is_none() {
            let rule = "signs the webhook, and there is none; set SIDEWATCH_NOTIFY_WEBHOOK_URL or drop this";
            self.settings.mistake("SIDEWATCH_NOTIFY_WEBHOOK_SECRET", rule);
        }
        notify
    }

    fn targets(&mut self, web_url: &Url) -> Vec<Target> {
        let tables = self.settings.take_list();
        if !tables.is_empty() && self.settings.is_set_in_the_file("REPO") {
            let rule = "the file has [[target]] tables; name repositories there or here, not both";
            self.settings.mistake("repo", rule);
        }
        // A repository named by flag or environment takes the place of all that the file names.
        if tables.is_empty() || self.settings.is_set_above_the_file("REPO") {
            return self.target(&HashMap::new(), "", web_url).into_iter().collect();
        }
        let mut names = BTreeSet::new();
        let mut targets = Vec::new();
        for (index, table) in tables.iter().enumerate() {
            let place = format!("[[target]] {}: ", index + 1);
            let Some(target) = self.target(table, &place, web_url) else { continue };
            if !names.insert(target.name.clone()) {
                self.settings.mistake(
                    format!("{place}name"),
                    format!("`{}` is there twice; give each its own", target.name),
                );
            }
            targets.push(target);
        }
        targets
    }

    /// One target: what stands in its table, else what is set for all.
    fn target(&mut self, table: &HashMap<String, String>, place: &str, web_url: &Url) -> Option<Target> {
        let in_table = !place.is_empty();
        let get = |reader: &mut Self, key: &str| {
            let own = table.get(key).filter(|value| !value.trim().is_empty());
            let own = own.map(|value| Setting {
                value: value.trim().into(),
                name: format!("{place}{}", key.to_ascii_lowercase()),
            });
            let shared = !in_table || !matches!(key, "REPO" | "NAME" | "CURRENT" | "CURRENT_URL" | "IMAGE");
            own.or_else(|| shared.then(|| reader.settings.setting(key)).flatten())
                .or_else(|| reader.settings.default(key))
        };
        macro_rules! optional {
            ($key:literal, $parse:expr) => {
                get(self, $key).and_then(|setting| self.settings.parsed(&setting, $parse))
            };
        }
        let repo_setting = get(self, "REPO");
        if repo_setting.is_none() {
            let name = if in_table { format!("{place}repo") } else { TABLE.name("REPO") };
            self.settings.mistake(name, "must name the repository to watch, as OWNER/NAME");
        }
        let repo: Option<releases::Repo> =
            repo_setting.and_then(|setting| self.settings.parsed(&setting, parse::typed));
        let track: Track = optional!("TRACK", parse::typed).unwrap_or_default();
        let how = optional!("UPGRADE_HOW", upgrade_how);
        let fallback_how = match track {
            _ if self.on_railway => UpgradeHow::Railway,
            Track::Branch(_) => UpgradeHow::Source,
            Track::Releases => UpgradeHow::Compose,
        };
        let name = optional!("NAME", target_name);
        let current = optional!("CURRENT", |text| Ok(text.to_owned()));
        let current_url = optional!("CURRENT_URL", parse::address);
        let channel = optional!("CHANNEL", parse::typed).unwrap_or_default();
        let line = optional!("LINE", parse::typed);
        let image = optional!("IMAGE", parse::typed);
        let platform = optional!("PLATFORM", parse::typed::<Platform>).unwrap_or_else(Platform::host);
        let min_age = optional!("MIN_AGE", parse::duration).unwrap_or_default();
        let repo = repo?;
        Some(Target {
            name: name.unwrap_or_else(|| repo.name().to_owned()),
            repo,
            track,
            channel,
            line,
            current,
            current_url,
            image,
            platform,
            min_age,
            upgrade_how: how.unwrap_or(fallback_how),
            web_url: web_url.clone(),
        })
    }
}

fn listen_on(text: &str) -> Result<Listen, String> {
    parse::listen(text, DEFAULT_PORT)
}

/// A cron expression, with or without a field for seconds; printed with it.
fn schedule(text: &str) -> Result<String, String> {
    let rule = "must be a cron expression in UTC, such as `0 * * * *` (hourly) or `0 */15 * * * *`";
    let with_seconds = match text.split_whitespace().count() {
        5 => format!("0 {text}"),
        _ => text.to_owned(),
    };
    cron::Cron::parse(&with_seconds).map_err(|_| rule.to_owned())?;
    Ok(with_seconds)
}

fn target_name(text: &str) -> Result<String, String> {
    let fits =
        text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if fits {
        Ok(text.to_owned())
    } else {
        Err("must be at most 64 letters, digits, `-`, `_` or `.`".to_owned())
    }
}

fn upgrade_how(text: &str) -> Result<UpgradeHow, String> {
    match text {
        "compose" => Ok(UpgradeHow::Compose),
        "source" => Ok(UpgradeHow::Source),
        "railway" => Ok(UpgradeHow::Railway),
        _ => Err("must be compose, source or railway".to_owned()),
    }
}

/// The web site that belongs to an API: github.com, or the host of an Enterprise Server.
fn web_of(api: &Url) -> Option<Url> {
    if api.host_str() == Some("api.github.com") {
        return Some(constant_url("https://github.com"));
    }
    let root = api.path().strip_suffix("/api/v3")?.to_owned();
    let mut web = api.clone();
    web.set_path(&root);
    Some(web)
}

/// Where pages for people are: without a known web site the API is taken for a mirror of github.com's.
fn pages(web_url: Option<&Url>) -> Url {
    web_url.cloned().unwrap_or_else(|| constant_url("https://github.com"))
}

#[expect(clippy::expect_used, reason = "a constant")]
fn constant_url(text: &str) -> Url {
    Url::parse(text).expect("a valid constant")
}
