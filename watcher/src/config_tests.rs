//! Precedence, mistakes, secrets.

#[path = "config_tests/example.rs"]
mod example;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::variables::PREFIX;
use super::{Config, Keep, Listen, Mistakes, Sources};

/// A repository, and these variables (without prefix).
fn environment(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    let all = [("REPO", "octo/app")].iter().chain(pairs);
    all.map(|(key, value)| (format!("{PREFIX}{key}"), (*value).to_owned())).collect()
}

fn read(pairs: &[(&str, &str)]) -> Result<Config, Mistakes> {
    Config::read(&Sources { environment: environment(pairs), ..Sources::default() })
}

fn good(pairs: &[(&str, &str)]) -> Config {
    read(pairs).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn bad(pairs: &[(&str, &str)]) -> String {
    read(pairs).expect_err("a mistake").to_string()
}

/// A directory with this file in it; both names.
fn file(name: &str, text: &str) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

#[test]
fn the_defaults_are_those_of_the_interface() {
    let config = good(&[]);
    let target = &config.targets[0];
    assert_eq!((target.name.as_str(), target.track.to_string().as_str()), ("app", "releases"));
    assert_eq!((target.channel.to_string().as_str(), target.min_age), ("stable", Duration::ZERO));
    assert_eq!(config.timing.cache_ttl, Duration::from_secs(4 * 3600));
    assert_eq!(config.timing.force_interval, Duration::from_secs(300));
    assert_eq!(config.upstream.hourly_budget, 40);
    assert_eq!(config.upstream.api_url.as_str(), "https://api.github.com/");
    assert_eq!(config.upstream.web_url.as_ref().unwrap().as_str(), "https://github.com/");
    assert!(matches!(config.keep, Keep::Memory));
    assert!(config.serve.listen.is_none() && config.serve.api_token.is_none());
    assert!(!config.disabled && !config.log.json && config.strangers.is_empty());
    assert_eq!(config.timing.schedule.split_whitespace().count(), 6);
}

#[test]
fn a_token_changes_the_defaults_that_depend_on_it() {
    let config = good(&[("GITHUB_TOKEN", "ghp_x")]);
    assert_eq!(config.timing.force_interval, Duration::from_secs(60));
    assert_eq!(config.upstream.hourly_budget, 4000);
    let config = good(&[("GITHUB_TOKEN", "ghp_x"), ("FORCE_INTERVAL", "0s"), ("HOURLY_BUDGET", "7")]);
    assert_eq!((config.timing.force_interval, config.upstream.hourly_budget), (Duration::ZERO, 7));
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let (_directory, path) =
        file("x.toml", "cache_ttl = \"1h\"\nchannel = \"prerelease\"\nlog = \"debug\"\n");
    let config = good(&[("CONFIG", &path)]);
    assert_eq!(config.timing.cache_ttl, Duration::from_secs(3600));
    let pairs = [("CONFIG", path.as_str()), ("CACHE_TTL", "2h"), ("LOG", "warn")];
    let config = good(&pairs);
    assert_eq!((config.timing.cache_ttl, config.log.filter.as_str()), (Duration::from_secs(7200), "warn"));
    let flags = BTreeMap::from([("CACHE_TTL", "3h".to_owned())]);
    let config = Config::read(&Sources { flags, environment: environment(&pairs) }).unwrap();
    assert_eq!(config.timing.cache_ttl, Duration::from_secs(10_800));
    assert_eq!(config.targets[0].channel.to_string(), "prerelease");
}

#[test]
fn an_empty_value_counts_as_not_set() {
    let (_directory, path) = file("x.toml", "channel = \"prerelease\"\n");
    let config = good(&[("CONFIG", &path), ("CHANNEL", ""), ("CURRENT", "  "), ("GITHUB_TOKEN", "")]);
    assert_eq!(config.targets[0].channel.to_string(), "prerelease");
    assert!(config.targets[0].current.is_none() && config.upstream.token.is_none());
}

#[test]
fn all_mistakes_are_told_at_once_each_with_a_rule() {
    let wrong = [
        ("REPO", "octo"),
        ("TRACK", "branch:"),
        ("CHANNEL", "beta"),
        ("LINE", "one"),
        ("CURRENT_URL", "app:5100"),
        ("IMAGE", "not an image"),
        ("PLATFORM", "linux"),
        ("MIN_AGE", "long"),
        ("UPGRADE_HOW", "magic"),
        ("SCHEDULE", "* *"),
        ("CACHE_TTL", "0s"),
        ("FORCE_INTERVAL", "-1s"),
        ("HOURLY_BUDGET", "0"),
        ("GITHUB_API_URL", "ftp://api.github.com"),
        ("GITHUB_WEB_URL", "https://user:pw@github.com"),
        ("REGISTRY_URL", "ghcr.io"),
        ("LISTEN", "everywhere"),
        ("NOTIFY_APPRISE_URL", "apprise"),
        ("LOG", "info,,=="),
        ("LOG_FORMAT", "xml"),
        ("DISABLE_UPDATE_CHECK", "perhaps"),
        ("NAME", "a name with spaces"),
    ];
    let text = bad(&wrong);
    for (key, _) in wrong {
        assert!(text.contains(&format!("{PREFIX}{key}: ")), "{key} is not named in {text}");
    }
    assert_eq!(text.lines().count(), wrong.len() + 1, "{text}");
    assert!(text.starts_with(&format!("the configuration has {} mistakes:", wrong.len())), "{text}");
}

#[test]
fn without_a_repository_there_is_nothing_to_do() {
    let mistakes = Config::read(&Sources::default()).expect_err("a mistake");
    assert!(mistakes.to_string().contains("SIDEWATCH_REPO"), "{mistakes}");
    assert_eq!(mistakes.iter().count(), 1);
}

#[test]
fn every_secret_may_come_from_a_file() {
    let secrets = [
        ("GITHUB_TOKEN", "ghp_fromfile"),
        ("API_TOKEN", "0123456789abcdef"),
        ("NOTIFY_WEBHOOK_URL", "https://hooks.example.org/x"),
        ("NOTIFY_WEBHOOK_SECRET", "s3cret"),
        ("NOTIFY_APPRISE_URL", "http://apprise:8000/notify/x"),
    ];
    let directory = tempfile::tempdir().unwrap();
    let pairs: Vec<(String, String)> = secrets
        .iter()
        .map(|(key, value)| {
            let path = directory.path().join(key);
            // As editors and `docker secret` write them: with a line break at the end.
            std::fs::write(&path, format!("{value}\n")).unwrap();
            (format!("{key}_FILE"), path.to_str().unwrap().to_owned())
        })
        .collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let config = good(&pairs);
    let (serve, notify) = (config.serve, config.notify);
    let read = [
        config.upstream.token,
        serve.api_token,
        notify.webhook_url,
        notify.webhook_secret,
        notify.apprise_url,
    ];
    for ((key, value), read) in secrets.iter().zip(read) {
        assert_eq!(read.as_ref().map(|secret| secret.expose_secret()), Some(*value), "{key}");
    }
    let (_directory, path) = file("redis", "redis://redis:6379/0\n");
    assert!(matches!(good(&[("REDIS_URL_FILE", &path)]).keep, Keep::Redis(_)));
}

#[test]
fn a_secret_and_its_file_are_not_both_set() {
    let (_directory, path) = file("token", "ghp_fromfile");
    let text = bad(&[("GITHUB_TOKEN", "ghp_direct"), ("GITHUB_TOKEN_FILE", &path)]);
    assert!(
        text.contains("SIDEWATCH_GITHUB_TOKEN: ") && text.contains("SIDEWATCH_GITHUB_TOKEN_FILE"),
        "{text}"
    );
    assert!(!text.contains("ghp_"), "{text}");
}

#[test]
fn a_secret_file_that_is_missing_or_empty_is_named() {
    let (_directory, empty) = file("token", " \n");
    for path in ["/nowhere/token", empty.as_str()] {
        let text = bad(&[("API_TOKEN_FILE", path)]);
        assert!(text.contains("SIDEWATCH_API_TOKEN_FILE: ") && text.contains(path), "{text}");
    }
}

#[test]
fn no_secret_is_ever_printed() {
    let pairs = [
        ("GITHUB_TOKEN", "hidden-token"),
        ("API_TOKEN", "hidden-api-token-0123"),
        ("REDIS_URL", "redis://:hidden-pw@redis:6379"),
        ("NOTIFY_WEBHOOK_URL", "https://hooks.example.org/hidden-path"),
        ("NOTIFY_WEBHOOK_SECRET", "hidden-secret"),
        ("NOTIFY_APPRISE_URL", "http://apprise/notify/hidden-key"),
    ];
    assert!(!format!("{:?}", good(&pairs)).contains("hidden"));
    for (key, value) in [
        ("GITHUB_TOKEN", "hidden token"),
        ("GITHUB_TOKEN", "hidden\ntoken"),
        ("REDIS_URL", "hidden-pw@redis"),
        ("NOTIFY_WEBHOOK_URL", "hooks.example.org/hidden"),
        ("NOTIFY_APPRISE_URL", "hidden"),
    ] {
        let text = bad(&[(key, value)]);
        assert!(text.contains(&format!("{PREFIX}{key}: ")) && !text.contains("hidden"), "{text}");
    }
}

#[test]
fn what_looks_like_a_variable_and_is_none_is_noticed_and_does_not_stop_the_start() {
    let config = good(&[("CACHE_TLT", "4h"), ("CURRENT_FILE", "/x"), ("API_TOKEN_FILE_FILE", "/x")]);
    assert_eq!(
        config.strangers,
        ["SIDEWATCH_API_TOKEN_FILE_FILE", "SIDEWATCH_CACHE_TLT", "SIDEWATCH_CURRENT_FILE"]
    );
}

#[test]
fn numbers_and_truths_in_the_file_need_no_quotes() {
    let (_directory, path) = file("x.toml", "hourly_budget = 17\ndisable_update_check = true\n");
    let config = good(&[("CONFIG", &path)]);
    assert_eq!((config.upstream.hourly_budget, config.disabled), (17, true));
}

#[test]
fn an_unknown_key_in_the_file_is_a_mistake() {
    let text =
        "cache_tlt = \"4h\"\n[[target]]\nrepo = \"a/b\"\nlisten = \":1\"\n[[target]]\nrepo = [\"a/b\"]\n";
    let (_directory, path) = file("x.toml", text);
    let sources =
        Sources { environment: environment(&[("CONFIG", &path), ("REPO", "")]), ..Sources::default() };
    let text = Config::read(&sources).expect_err("mistakes").to_string();
    for part in ["cache_tlt", "listen", "[[target]]", ".env.example", "single value"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_a_mistake() {
    let (_directory, broken) = file("x.toml", "repo = ");
    for path in ["/nowhere/x.toml", broken.as_str()] {
        let text = bad(&[("CONFIG", path)]);
        assert!(text.contains("SIDEWATCH_CONFIG: ") && text.contains(path), "{text}");
    }
}

#[test]
fn targets_need_a_repository_and_a_name_of_their_own() {
    let text = "repo = \"a/top\"\n[[target]]\nrepo = \"a/app\"\n[[target]]\nrepo = \"b/app\"\n[[target]]\nname = \"x\"\n";
    let (_directory, path) = file("x.toml", text);
    let environment = environment(&[("CONFIG", &path), ("REPO", "")]);
    let text =
        Config::read(&Sources { environment, ..Sources::default() }).expect_err("mistakes").to_string();
    assert!(text.contains("\n  repo: "), "{text}");
    assert!(text.contains("[[target]] 2: name: `app` is there twice"), "{text}");
    assert!(text.contains("[[target]] 3: repo: "), "{text}");
}

#[test]
fn state_is_kept_in_one_place() {
    assert!(
        matches!(good(&[("STATE_DIR", "/data")]).keep, Keep::Directory(path) if path.as_path() == Path::new("/data"))
    );
    let text = bad(&[("STATE_DIR", "/data"), ("REDIS_URL", "redis://redis")]);
    assert!(text.contains("SIDEWATCH_STATE_DIR") && text.contains("SIDEWATCH_REDIS_URL"), "{text}");
    let text = bad(&[("NOTIFY_WEBHOOK_SECRET", "x")]);
    assert!(text.contains("SIDEWATCH_NOTIFY_WEBHOOK_URL"), "{text}");
}

#[test]
fn addresses_to_listen_on_are_written_in_several_ways() {
    for (text, address) in [
        ("127.0.0.1:5200", "127.0.0.1:5200"),
        ("[::1]:80", "[::1]:80"),
        (":5300", "[::]:5300 or 0.0.0.0:5300"),
        ("5300", "[::]:5300 or 0.0.0.0:5300"),
        ("localhost:5300", "127.0.0.1:5300 or [::1]:5300"),
    ] {
        let Listen { first, fallback } = good(&[("LISTEN", text)]).serve.listen.unwrap();
        let other = fallback.map(|fallback| format!(" or {fallback}")).unwrap_or_default();
        assert_eq!(format!("{first}{other}"), address, "{text}");
    }
    for text in ["localhost", "localhost:", "otherhost:5300", "localhost:port"] {
        assert!(bad(&[("LISTEN", text)]).contains("SIDEWATCH_LISTEN: "), "{text}");
    }
}

#[test]
fn a_number_that_would_lose_its_zeros_must_stand_in_quotes() {
    let text = "line = 1.10\n[[target]]\nrepo = \"a/b\"\ncurrent = 1.10\n";
    let (_directory, path) = file("x.toml", text);
    let environment = environment(&[("CONFIG", &path), ("REPO", "")]);
    let text =
        Config::read(&Sources { environment, ..Sources::default() }).expect_err("mistakes").to_string();
    for part in ["line: ", "current: ", "in quotes"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_repository_by_flag_or_environment_takes_the_place_of_the_files_targets() {
    let text = "channel = \"prerelease\"\n[[target]]\nrepo = \"a/one\"\nchannel = \"stable\"\n[[target]]\nrepo = \"a/two\"\n";
    let (_directory, path) = file("x.toml", text);
    let by_environment = good(&[("CONFIG", &path)]);
    let flags = BTreeMap::from([("REPO", "by/flag".to_owned())]);
    let environment = environment(&[("CONFIG", &path)]);
    let by_flag = Config::read(&Sources { flags, environment }).unwrap();
    for (config, repo) in [(by_environment, "octo/app"), (by_flag, "by/flag")] {
        let seen: Vec<_> = config.targets.iter().map(|target| target.repo.to_string()).collect();
        assert_eq!(seen, [repo]);
        assert_eq!(config.targets[0].channel.to_string(), "prerelease", "the file's top level still counts");
    }
}

#[test]
fn the_advice_follows_where_it_runs() {
    let how = |pairs: &[(&str, &str)], railway: bool| {
        let mut environment = environment(pairs);
        if railway {
            environment.insert("RAILWAY_ENVIRONMENT_ID".into(), "x".into());
        }
        let config = Config::read(&Sources { environment, ..Sources::default() }).unwrap();
        serde_json::to_value(config.targets[0].upgrade_how).unwrap()
    };
    assert_eq!(how(&[], false), "compose");
    assert_eq!(how(&[("TRACK", "branch:main")], false), "source");
    assert_eq!(how(&[("TRACK", "branch:main")], true), "railway");
    assert_eq!(how(&[("UPGRADE_HOW", "compose")], true), "compose");
}
