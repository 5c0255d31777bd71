//! What can be seen without asking upstream.

use std::fs;
use std::net::{Ipv6Addr, TcpListener};
use std::path::Path;

use contract::BuildStamp;

use super::Finding;
use crate::config::{Config, Keep};
use crate::running::RunningReader;
use crate::state_store::StateStore;

/// Variables that look like ours and are not.
pub(super) fn variables(config: &Config) -> Vec<Finding> {
    let stranger = |name: &String| {
        Finding::warning(
            "variables",
            format!("{name} is no variable of this program"),
            "see .env.example; misspelt?",
        )
    };
    config.strangers.iter().map(stranger).collect()
}

/// Can state be kept?
pub(super) async fn state(keep: &Keep) -> Finding {
    match keep {
        Keep::Memory => {
            let fix = "set SIDEWATCH_STATE_DIR to a directory on a volume, or SIDEWATCH_REDIS_URL";
            Finding::warning("state", "kept in memory: a restart starts fresh and asks upstream again", fix)
        }
        Keep::Directory(path) | Keep::LedgerOf(path) => match try_write(path) {
            Ok(()) => Finding::ok("state", format!("{} can be written", path.display())),
            Err(error) => {
                let fix = "make the directory writable for the user this runs as, and see that the disk is not full";
                Finding::failed("state", format!("cannot write {}: {error}", path.display()), fix)
            }
        },
        Keep::Redis(_) => match StateStore::open(keep, 1).shared() {
            Some(redis) if redis.revisions().await.is_ok() => Finding::ok("state", "Redis answers"),
            _ => Finding::failed(
                "state",
                "Redis does not answer",
                "see that SIDEWATCH_REDIS_URL is right and Redis runs",
            ),
        },
    }
}

fn try_write(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(path)?;
    let probe = path.join(format!(".doctor-{}", std::process::id()));
    fs::write(&probe, b"probe")?;
    fs::remove_file(&probe)
}

/// Is there IPv6? Without it the watcher listens on IPv4 only.
pub(super) fn ipv6() -> Finding {
    match TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)) {
        Ok(_) => Finding::ok("ipv6", "the host has IPv6; the watcher listens on both"),
        Err(_) => {
            let fix = "nothing to do, unless clients reach this host by IPv6 only (some platforms' private networks do)";
            Finding::warning("ipv6", "the host has no IPv6; the watcher listens on IPv4 only", fix)
        }
    }
}

/// A proxy or a certificate bundle that the environment names.
pub(super) fn proxy() -> Vec<Finding> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let proxy =
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].into_iter().find(|name| set(name).is_some());
    let mut findings = Vec::new();
    match proxy {
        // The value may hold a password, so only the name is told.
        Some(name) => {
            findings.push(Finding::ok("proxy", format!("upstream is asked through the proxy in {name}")))
        }
        None => findings.push(Finding::ok("proxy", "none is set; upstream is asked directly")),
    }
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let Some(value) = set(name) else { continue };
        if Path::new(&value).exists() {
            findings.push(Finding::ok("ca", format!("certificates are read from {name}={value}")));
        } else {
            let fix = format!("unset {name}, or mount the file there");
            findings.push(Finding::failed("ca", format!("{name}={value} does not exist"), fix));
        }
    }
    findings
}

/// Can the running version be read?
pub(super) async fn current(config: &Config, stamp: BuildStamp) -> anyhow::Result<Vec<Finding>> {
    let reader = RunningReader::new(&format!("sidewatch/{}", stamp.version))?;
    let mut findings = Vec::new();
    for target in &config.targets {
        let name = &target.name;
        let finding = match (&target.current_url, &target.current) {
            (Some(_), _) => match reader.ask(target).await {
                Ok(running) => {
                    let told = running.version.or(running.commit).unwrap_or_default();
                    Finding::ok("current", format!("{name} says that it runs {told}"))
                }
                Err(error) => {
                    let fix = "see that SIDEWATCH_CURRENT_URL is reachable from here and answers JSON with `version`";
                    Finding::failed("current", format!("{name}: {error}"), fix)
                }
            },
            (None, Some(version)) => {
                Finding::ok("current", format!("{name} runs {version}, by configuration"))
            }
            (None, None) => {
                let fix = "set SIDEWATCH_CURRENT or SIDEWATCH_CURRENT_URL";
                Finding::warning(
                    "current",
                    format!("{name}: nothing tells what runs, so nothing can be compared"),
                    fix,
                )
            }
        };
        findings.push(finding);
    }
    Ok(findings)
}
