use secrecy::ExposeSecret;

use super::*;

const KEY: (&str, &str) = ("API_KEY", "0123456789abcdef0123456789abcdef");

fn read(settings: &[(&str, &str)]) -> Result<Config, Mistakes> {
    let environment = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::read(&Sources { environment: environment.collect(), ..Sources::default() })
}

fn mistakes(settings: &[(&str, &str)]) -> String {
    read(settings).unwrap_err().to_string()
}

#[test]
fn a_key_alone_is_enough() {
    let config = read(&[KEY]).unwrap();
    assert_eq!(config.http.listen, Listen::everywhere(5100));
    assert_eq!(config.http.metrics, Some(Listen::everywhere(5101)));
    assert!(config.database.url.is_none() && config.redis_url.is_none() && config.s3.is_none());
    assert!(config.database.migrate_on_start);
    assert_eq!(config.data_dir, PathBuf::from("./data"));
}

#[test]
fn a_missing_or_short_key_is_refused_with_the_way_to_make_one() {
    for settings in
        [&[][..], &[("API_KEY", " ")], &[("API_KEY", "short-and-secret")][..0], &[("API_KEY", "short")]]
    {
        let text = mistakes(settings);
        assert!(text.contains("API_KEY") && text.contains("openssl rand -hex 32"), "{text}");
        assert!(!text.contains("short\n"), "{text}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_and_no_secret_is() {
    let text = mistakes(&[
        ("API_KEY", "hunter2"),
        ("PORT", "many"),
        ("DATABASE_URL", "mysql://u:hunter2@h/d"),
        ("REDIS_URL", "http://hunter2"),
        ("S3_ENDPOINT", "garage:3900"),
        ("S3_SECRET_ACCESS_KEY", "hunter2"),
        ("WATCHER_URL", "ftp://w"),
        ("MIGRATE_ON_START", "perhaps"),
        ("TRANSCRIPT_MAX_BYTES", "1 GB"),
        ("METRICS_LISTEN", "here"),
    ]);
    for name in [
        "API_KEY",
        "PORT",
        "DATABASE_URL",
        "REDIS_URL",
        "S3_ENDPOINT",
        "S3_BUCKET",
        "S3_ACCESS_KEY_ID",
        "WATCHER_URL",
        "MIGRATE_ON_START",
        "TRANSCRIPT_MAX_BYTES",
        "METRICS_LISTEN",
    ] {
        assert!(text.contains(&format!("\n  {name}: ")), "{name} in {text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn what_a_library_would_log_or_refuse_later_is_refused_here_without_its_value() {
    for (name, value) in [
        ("DATABASE_URL", "postgres://u@h/d?pasword=hunter2"),
        ("DATABASE_URL", "postgres://u@h/d?sslmode=hunter2"),
        ("DATABASE_URL", "postgres://u@h:hunter2/d"),
        ("REDIS_URL", "redis://h/hunter2"),
    ] {
        let text = mistakes(&[KEY, (name, value)]);
        assert!(text.contains(name) && !text.contains("hunter2"), "{text}");
    }
    for value in
        ["postgres://u@h/d?password=x&sslmode=require&application-name=a", "postgresql:///d?host=/run/x"]
    {
        assert!(read(&[KEY, ("DATABASE_URL", value)]).is_ok(), "{value}");
    }
}

#[test]
fn a_secret_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "from-a-file-0123456789\n").unwrap();
    let config = read(&[("API_KEY_FILE", file.to_str().unwrap())]).unwrap();
    assert_eq!(config.http.api_key.expose_secret(), "from-a-file-0123456789");
}

#[test]
fn a_host_narrows_where_the_server_listens() {
    let config = read(&[KEY, ("HOST", "127.0.0.1"), ("PORT", "80"), ("METRICS_LISTEN", "off")]).unwrap();
    assert_eq!(config.http.listen, Listen { first: "127.0.0.1:80".parse().unwrap(), fallback: None });
    assert_eq!(config.http.metrics, None);
    assert_eq!(read(&[KEY, ("HOST", "::")]).unwrap().http.listen, Listen::everywhere(5100));
    assert!(mistakes(&[KEY, ("HOST", "here.example")]).contains("HOST"));
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let config =
        read(&[KEY, ("DATABASE_URL", "postgres://u:hunter2@h/d"), ("REDIS_URL", "redis://:hunter2@h")]);
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains(KEY.1), "{shown}");
}

/// Key, value and comment of each of the app's variables in `.env.example`.
fn explained() -> Vec<(String, String, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../.env.example");
    let text = std::fs::read_to_string(path).unwrap();
    let mut comment = String::new();
    let mut found = Vec::new();
    for line in text.lines() {
        let variable =
            line.strip_prefix('#').filter(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()));
        if let Some((key, value)) = variable.and_then(|rest| rest.split_once('=')) {
            let comment = std::mem::take(&mut comment);
            if !key.starts_with("SIDEWATCH_") {
                found.push((key.to_owned(), value.to_owned(), comment));
            }
        } else if let Some(words) = line.strip_prefix("# ") {
            comment.push_str(words);
            comment.push(' ');
        } else {
            comment.clear();
        }
    }
    found
}

#[test]
fn the_example_explains_every_variable_once_in_order_with_its_default() {
    let explained = explained();
    let keys: Vec<&str> = explained.iter().map(|(key, ..)| key.as_str()).collect();
    let known: Vec<&str> = variables::TABLE.variables.iter().map(|variable| variable.key).collect();
    assert_eq!(keys, known);
    for (key, value, comment) in explained {
        let variable = variables::TABLE.find(&key).unwrap();
        assert_eq!(comment.starts_with("Secret."), variable.secret, "{key}: {comment}");
        if !variable.default.is_empty() {
            assert_eq!(value, variable.default, "{key}");
            assert!(comment.contains(&format!("Default: {}", variable.default)), "{key}: {comment}");
        }
    }
}

#[test]
fn every_value_of_the_example_is_accepted() {
    let explained = explained();
    let mut settings: Vec<(&str, &str)> =
        explained.iter().map(|(key, value, _)| (key.as_str(), value.as_str())).collect();
    settings.extend([("S3_ACCESS_KEY_ID", "id"), ("S3_SECRET_ACCESS_KEY", "secret"), KEY]);
    let config = read(&settings).unwrap();
    assert!(config.s3.is_some() && config.watcher.url.is_some());
}
