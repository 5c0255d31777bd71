//! From settings to the configuration.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use secrecy::SecretString;
use service::listen::Listen;
use service::settings::{Mistakes, Reader, Sources, parse};
use service::telemetry::Log;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::variables::TABLE;
use super::{Config, Database, Folders, Http, S3, Watcher};
use crate::access::Hosts;

/// Shortest API key, in characters.
const SHORTEST_KEY: usize = 16;
/// What makes a good one.
const MAKE_KEY: &str = "make one with `openssl rand -hex 32`";
/// Parameters of a PostgreSQL address, with `_` for `-`.
const DATABASE_PARAMETERS: [&str; 15] = [
    "sslmode",
    "ssl_mode",
    "sslrootcert",
    "ssl_root_cert",
    "ssl_ca",
    "sslcert",
    "ssl_cert",
    "sslkey",
    "ssl_key",
    "host",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
];
const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
/// Where the server listens.
const PORT: u16 = 5100;

pub(super) fn read(sources: &Sources) -> Result<Config, Mistakes> {
    let mut reader = Reader::gather(&TABLE, sources);
    let http = http(&mut reader);
    let database = database(&mut reader);
    let redis_url = reader.secret("REDIS_URL", redis_url);
    let s3 = s3(&mut reader);
    let data_dir = reader.value("DATA_DIR", path).unwrap_or_default();
    let transcript_max_bytes = reader.value("TRANSCRIPT_MAX_BYTES", bytes).unwrap_or_default();
    let watcher = Watcher {
        url: reader.value("WATCHER_URL", parse::base_url),
        token: reader.secret("WATCHER_TOKEN", parse::header_safe),
    };
    let folders = Folders {
        workspaces: reader.value("WORKSPACES_DIR", path),
        ssh_keys: reader.value("SSH_KEYS_DIR", path),
    };
    let log = reader.log("app");
    reader.finish(Config {
        http,
        database,
        redis_url,
        s3,
        data_dir,
        watcher,
        folders,
        transcript_max_bytes,
        log,
    })
}

pub(super) fn read_database(sources: &Sources) -> Result<(Database, PathBuf, Log), Mistakes> {
    let mut reader = Reader::gather(&TABLE, sources);
    let database = database(&mut reader);
    let data_dir = reader.value("DATA_DIR", path).unwrap_or_default();
    let log = reader.log("app");
    reader.finish((database, data_dir, log))
}

fn database(reader: &mut Reader) -> Database {
    Database {
        url: reader.secret("DATABASE_URL", database_url),
        migrate_on_start: reader.value("MIGRATE_ON_START", parse::boolean).unwrap_or(true),
    }
}

pub(super) fn read_listen(sources: &Sources) -> Result<Listen, Mistakes> {
    let mut reader = Reader::gather_leniently(&TABLE, sources);
    let listen = listen(&mut reader);
    reader.finish(listen)
}

fn listen(reader: &mut Reader) -> Listen {
    let port = reader.value("PORT", port).unwrap_or(PORT);
    let host = reader.value("HOST", host);
    match host.flatten() {
        None => Listen::everywhere(port),
        Some(host) => Listen { first: SocketAddr::new(host, port), fallback: None },
    }
}

fn http(reader: &mut Reader) -> Http {
    let listen = listen(reader);
    let metrics = reader.value("METRICS_LISTEN", metrics_listen).flatten();
    let hosts = reader.value("ALLOWED_HOSTS", Hosts::parse).unwrap_or_default();
    if reader.setting("API_KEY").is_none() {
        reader.mistake("API_KEY", format!("must be set: it opens everything under /api; {MAKE_KEY}"));
    }
    let api_key = reader.secret("API_KEY", api_key).unwrap_or_else(|| SecretString::from(""));
    Http { listen, metrics, api_key, hosts }
}

fn s3(reader: &mut Reader) -> Option<S3> {
    let endpoint = reader.value("S3_ENDPOINT", parse::base_url);
    let region = reader.value("S3_REGION", |text| Ok(text.to_owned()));
    let bucket = reader.value("S3_BUCKET", bucket);
    let access_key_id = reader.secret("S3_ACCESS_KEY_ID", parse::header_safe);
    let secret_access_key = reader.secret("S3_SECRET_ACCESS_KEY", parse::header_safe);
    let keys = ["S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"];
    let (set, missing): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| is_set(reader, key));
    if let Some(first) = set.first() {
        for key in missing {
            reader
                .mistake(key, format!("must be set too, because {first} is: together they name the bucket"));
        }
    }
    Some(S3 {
        endpoint: endpoint?,
        region: region?,
        bucket: bucket?,
        access_key_id: access_key_id?,
        secret_access_key: secret_access_key?,
    })
}

/// Whether somebody set it, be it wrongly: what is wrong with the value was noted when it was read.
fn is_set(reader: &mut Reader, key: &str) -> bool {
    reader.is_set_above_the_file(key) || reader.is_set_above_the_file(&format!("{key}_FILE"))
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "must be a port from 0 to 65535".to_owned())
}

/// `None` for every address.
fn host(text: &str) -> Result<Option<IpAddr>, String> {
    match text.trim_start_matches('[').trim_end_matches(']') {
        "::" | "*" => Ok(None),
        "localhost" => Ok(Some(IpAddr::from([127, 0, 0, 1]))),
        text => text.parse().map(Some).map_err(|_| {
            "must be an IP address to listen on, such as 127.0.0.1, or :: for every address".to_owned()
        }),
    }
}

fn metrics_listen(text: &str) -> Result<Option<Listen>, String> {
    if text == "off" { Ok(None) } else { parse::listen(text, 5101).map(Some) }
}

fn api_key(text: &str) -> Result<(), String> {
    if text.chars().count() < SHORTEST_KEY {
        return Err(format!("must have at least {SHORTEST_KEY} characters; {MAKE_KEY}"));
    }
    parse::header_safe(text)
}

fn database_url(text: &str) -> Result<(), String> {
    let rule = || "must be a postgres:// address; leave it out for SQLite in DATA_DIR".to_owned();
    let url = Url::parse(text).map_err(|_| rule())?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(rule());
    }
    // What the library does not know it would log with its value, which may be a password under a misspelt name.
    for (key, value) in url.query_pairs() {
        if !DATABASE_PARAMETERS.contains(&key.replace('-', "_").as_str()) {
            return Err(format!(
                "has a parameter that is not known; these are: {}",
                DATABASE_PARAMETERS.join(", ")
            ));
        }
        if matches!(&*key, "sslmode" | "ssl-mode") && !SSL_MODES.contains(&&*value) {
            return Err(format!("sslmode must be one of {}", SSL_MODES.join(", ")));
        }
    }
    let parsed: Result<PgConnectOptions, _> = text.parse();
    parsed.map(drop).map_err(|_| rule())
}

fn redis_url(text: &str) -> Result<(), String> {
    parse::redis_url(text)?;
    redis::Client::open(text)
        .map(drop)
        .map_err(|_| "must be a redis:// address, such as redis://:PASSWORD@HOST:6379/0".to_owned())
}

fn bucket(text: &str) -> Result<String, String> {
    let fits = (3..=63).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte));
    if fits {
        Ok(text.to_owned())
    } else {
        Err("must be a bucket's name: 3 to 63 of a-z, 0-9, `-`, `.`".into())
    }
}

fn bytes(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|bytes| (1..=1 << 40).contains(bytes))
        .ok_or_else(|| "must be a number of bytes, such as 268435456".to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "as the reader wants it")]
fn path(text: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(text))
}
