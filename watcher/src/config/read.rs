//! From settings to the typed configuration.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use contract::UpgradeHow;
use releases::Track;
use releases::registry::Platform;
use secrecy::SecretString;
use url::Url;

use super::layers::{Layers, Setting, Sources};
use super::mistakes::Mistakes;
use super::variables::{self, PREFIX};
use super::{Config, Keep, Listen, Log, Notify, Serve, Target, Timing, Upstream, parse};
use crate::cron;

/// Requests an hour without a token: two thirds of what GitHub allows an address that others share.
const BUDGET_WITHOUT_TOKEN: u32 = 40;
/// Requests an hour with a token: four fifths of what GitHub allows it.
const BUDGET_WITH_TOKEN: u32 = 4000;
/// From one forced round to the next.
const FORCE_WITH_TOKEN: Duration = Duration::from_secs(60);
const FORCE_WITHOUT_TOKEN: Duration = Duration::from_secs(300);

/// Reads settings one by one, gathering mistakes.
struct Reader {
    layers: Layers,
    mistakes: Mistakes,
    on_railway: bool,
}

pub(super) fn read(sources: &Sources) -> Result<Config, Mistakes> {
    let mut mistakes = Mistakes::default();
    let layers = Layers::gather(sources, &mut mistakes);
    let on_railway = sources.environment.contains_key("RAILWAY_ENVIRONMENT_ID");
    let mut reader = Reader { layers, mistakes, on_railway };
    let config = reader.config();
    if reader.mistakes.is_empty() { Ok(config) } else { Err(reader.mistakes) }
}

/// Where to listen, whatever else the configuration holds.
pub(super) fn listen(sources: &Sources) -> Result<Option<Listen>, Mistakes> {
    let layers = Layers::gather(sources, &mut Mistakes::default());
    let mut reader = Reader { layers, mistakes: Mistakes::default(), on_railway: false };
    let listen = reader.value("LISTEN", parse::listen);
    if reader.mistakes.is_empty() { Ok(listen) } else { Err(reader.mistakes) }
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
            disabled: self.value("DISABLE_UPDATE_CHECK", parse::boolean).unwrap_or(false),
            log: self.log(),
            strangers: std::mem::take(&mut self.layers.strangers),
        }
    }

    /// The setting of `key`, else its default, through `parse`; a mistake is noted and gives `None`.
    fn value<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let setting = self.layers.get(key, &mut self.mistakes).or_else(|| default(key))?;
        self.parsed(&setting, parse)
    }

    fn parsed<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        parse(&setting.value).map_err(|rule| self.mistakes.add(setting.name.clone(), rule)).ok()
    }

    fn secret(&mut self, key: &str, check: impl Fn(&str) -> Result<(), String>) -> Option<SecretString> {
        self.value(key, |text| check(text).map(|()| SecretString::from(text)))
    }

    fn upstream(&mut self) -> Upstream {
        let token = self.secret("GITHUB_TOKEN", header_safe);
        let api_url = self.value("GITHUB_API_URL", parse::base_url);
        let web_url = self.value("GITHUB_WEB_URL", parse::base_url);
        let default_budget = if token.is_some() { BUDGET_WITH_TOKEN } else { BUDGET_WITHOUT_TOKEN };
        let hourly_budget = self.value("HOURLY_BUDGET", parse::count);
        Upstream {
            web_url: web_url.or_else(|| api_url.as_ref().and_then(web_of)),
            api_url: api_url.unwrap_or_else(|| constant_url("https://api.github.com")),
            registry_url: self.value("REGISTRY_URL", parse::base_url),
            hourly_budget: hourly_budget.unwrap_or(default_budget),
            hourly_budget_without_token: hourly_budget.unwrap_or(BUDGET_WITHOUT_TOKEN),
            token,
        }
    }

    fn timing(&mut self, has_token: bool) -> Timing {
        let force_default = if has_token { FORCE_WITH_TOKEN } else { FORCE_WITHOUT_TOKEN };
        let force_interval = self.value("FORCE_INTERVAL", parse::duration);
        let cache_ttl = self.value("CACHE_TTL", |text| match parse::duration(text)? {
            Duration::ZERO => Err("must be longer than nothing, such as 4h".to_owned()),
            ttl => Ok(ttl),
        });
        Timing {
            schedule: self.value("SCHEDULE", parse::schedule).unwrap_or_else(cron::hourly_at_random),
            force_interval: force_interval.unwrap_or(force_default),
            force_interval_without_token: force_interval.unwrap_or(FORCE_WITHOUT_TOKEN),
            cache_ttl: cache_ttl.unwrap_or_default(),
        }
    }

    fn keep(&mut self) -> Keep {
        let directory = self.value("STATE_DIR", parse::typed::<PathBuf>);
        let redis = self.secret("REDIS_URL", |text| {
            let known = ["redis://", "rediss://", "redis+unix://", "unix://"];
            let fits = known.iter().any(|scheme| text.starts_with(scheme)) && Url::parse(text).is_ok();
            if fits { Ok(()) } else { Err("must be a redis:// or rediss:// address".to_owned()) }
        });
        match (redis, directory) {
            (Some(_), Some(_)) => {
                let rule = "set this or SIDEWATCH_REDIS_URL, not both: state is kept in one place";
                self.mistakes.add("SIDEWATCH_STATE_DIR", rule);
                Keep::Memory
            }
            (Some(url), None) => Keep::Redis(url),
            (None, Some(directory)) => Keep::Directory(directory),
            (None, None) => Keep::Memory,
        }
    }

    fn serve(&mut self) -> Serve {
        let api_token = self.secret("API_TOKEN", header_safe);
        Serve { listen: self.value("LISTEN", parse::listen), api_token }
    }

    fn notify(&mut self) -> Notify {
        let address = |text: &str| parse::address(text).map(|_| ());
        let notify = Notify {
            webhook_url: self.secret("NOTIFY_WEBHOOK_URL", address),
            webhook_secret: self.secret("NOTIFY_WEBHOOK_SECRET", |_| Ok(())),
            apprise_url: self.secret("NOTIFY_APPRISE_URL", address),
        };
        if notify.webhook_secret.is_some() && notify.webhook_url.is_none() {
            let rule = "signs the webhook, and there is none; set SIDEWATCH_NOTIFY_WEBHOOK_URL or drop this";
            self.mistakes.add("SIDEWATCH_NOTIFY_WEBHOOK_SECRET", rule);
        }
        notify
    }

    fn log(&mut self) -> Log {
        let filter = self.value("LOG", |text| {
            let parsed: Result<tracing_subscriber::filter::Targets, _> = text.parse();
            parsed
                .map(|_| text.to_owned())
                .map_err(|_| "must be a filter such as info or watcher=debug".to_owned())
        });
        let json = self.value("LOG_FORMAT", |text| match text {
            "text" => Ok(false),
            "json" => Ok(true),
            _ => Err("must be text or json".to_owned()),
        });
        Log { filter: filter.unwrap_or_default(), json: json.unwrap_or_default() }
    }

    fn targets(&mut self, web_url: &Url) -> Vec<Target> {
        let tables = std::mem::take(&mut self.layers.targets);
        if !tables.is_empty() && self.layers.is_set_in_the_file("REPO") {
            let rule = "the file has [[target]] tables; name repositories there or here, not both";
            self.mistakes.add("repo", rule);
        }
        // A repository named by flag or environment takes the place of all that the file names.
        if tables.is_empty() || self.layers.is_set_above_the_file("REPO") {
            return self.target(&HashMap::new(), "", web_url).into_iter().collect();
        }
        let mut names = BTreeSet::new();
        let mut targets = Vec::new();
        for (index, table) in tables.iter().enumerate() {
            let place = format!("[[target]] {}: ", index + 1);
            let Some(target) = self.target(table, &place, web_url) else { continue };
            if !names.insert(target.name.clone()) {
                self.mistakes.add(
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
            own.or_else(|| shared.then(|| reader.layers.get(key, &mut reader.mistakes)).flatten())
                .or_else(|| default(key))
        };
        macro_rules! optional {
            ($key:literal, $parse:expr) => {
                get(self, $key).and_then(|setting| self.parsed(&setting, $parse))
            };
        }
        let repo_setting = get(self, "REPO");
        if repo_setting.is_none() {
            let name = if in_table { format!("{place}repo") } else { format!("{PREFIX}REPO") };
            self.mistakes.add(name, "must name the repository to watch, as OWNER/NAME");
        }
        let repo: Option<releases::Repo> =
            repo_setting.and_then(|setting| self.parsed(&setting, parse::typed));
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

fn default(key: &str) -> Option<Setting> {
    let variable = variables::find(key).filter(|variable| !variable.default.is_empty())?;
    Some(Setting { value: variable.default.into(), name: format!("{PREFIX}{key}") })
}

fn header_safe(text: &str) -> Result<(), String> {
    let fits = text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(()) } else { Err("has characters that no token has (a line break or a space?)".to_owned()) }
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
