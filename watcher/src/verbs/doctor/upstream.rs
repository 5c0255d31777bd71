//! What upstream says.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use contract::{BuildStamp, ErrorCode, PendingReason};
use releases::outbound::{Ask, Lane, Outbound, OutboundConfig, Reply};
use releases::source::SourceFailure;
use secrecy::SecretString;
use serde::Deserialize;

use super::Finding;
use crate::checker::Reason;
use crate::config::Config;
use crate::startup::Core;
use crate::watched::Watched;

/// A clock that is further off makes certificates and dates wrong.
const TOLERATED_SKEW_SECONDS: i64 = 120;

#[derive(Deserialize)]
struct Limits {
    resources: Resources,
}

#[derive(Deserialize)]
struct Resources {
    core: Allowance,
}

#[derive(Deserialize)]
struct Allowance {
    limit: u64,
    remaining: u64,
    reset: i64,
}

/// GitHub's API: reachable? token? allowance? clock?
pub(super) async fn github(config: &Config, core: &Core, stamp: BuildStamp) -> anyhow::Result<Vec<Finding>> {
    let agent = format!("sidewatch/{}", stamp.version);
    let outbound = Outbound::new(OutboundConfig::new(agent), core.checker.gate())?;
    let mut url = config.upstream.api_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("rate_limit");
    }
    let ask = |token: Option<&SecretString>| {
        let ask =
            Ask::get(Lane::Rest, url.clone()).header("accept", "application/vnd.github+json").bearer(token);
        outbound.send(ask)
    };
    let token = config.upstream.token.as_ref();
    let reply = match ask(token).await {
        Ok(reply) => reply,
        Err(failure) => return Ok(vec![unreachable(&failure)]),
    };
    let mut findings = vec![Finding::ok("github", format!("{} answers", config.upstream.api_url))];
    findings.extend(clock(&reply));
    if reply.status == 401 && token.is_some() {
        let fix =
            "make a new token (no scope is needed for public repositories) and set SIDEWATCH_GITHUB_TOKEN";
        findings.push(Finding::failed("token", "GitHub refused the token: wrong, expired or revoked", fix));
        if let Ok(reply) = ask(None).await {
            findings.push(allowance(&reply, false));
        }
    } else {
        findings.push(allowance(&reply, token.is_some()));
    }
    Ok(findings)
}

fn unreachable(failure: &SourceFailure) -> Finding {
    let fix = match failure.code {
        ErrorCode::Dns => "see that this container has a resolver and may look up outside names",
        ErrorCode::Tls => {
            "behind a proxy that opens TLS, mount its certificate and set SSL_CERT_FILE; else see the clock"
        }
        ErrorCode::Proxy => "see that HTTPS_PROXY is right and that the proxy allows GitHub",
        ErrorCode::Budget | ErrorCode::RateLimited => "wait, or set SIDEWATCH_GITHUB_TOKEN",
        _ => "see that a firewall lets this container reach GitHub over HTTPS",
    };
    Finding::failed("github", failure.message.clone(), fix)
}

fn clock(reply: &Reply) -> Option<Finding> {
    let theirs = DateTime::parse_from_rfc2822(reply.header("date")?).ok()?;
    let off = (Utc::now() - theirs.with_timezone(&Utc)).num_seconds();
    if off.abs() <= TOLERATED_SKEW_SECONDS {
        return Some(Finding::ok("clock", format!("within {} s of GitHub's", off.abs().max(1))));
    }
    let direction = if off > 0 { "ahead of" } else { "behind" };
    let fix = "let the host set its clock by the network (timedatectl set-ntp true)";
    Some(Finding::failed("clock", format!("{} s {direction} GitHub's", off.abs()), fix))
}

fn allowance(reply: &Reply, with_token: bool) -> Finding {
    let Ok(limits) = serde_json::from_slice::<Limits>(&reply.body) else {
        let message = format!("GitHub answered {} where it should tell the allowance", reply.status);
        return Finding::warning(
            "token",
            message,
            "see whether a proxy or captive portal answers in its place",
        );
    };
    let Allowance { limit, remaining, reset } = limits.resources.core;
    let reset =
        DateTime::from_timestamp(reset, 0).map(|at| at.format("%H:%M UTC").to_string()).unwrap_or_default();
    let message = format!("{remaining} of {limit} requests left until {reset}");
    match (with_token, remaining) {
        (_, 0) => Finding::warning("token", message, "wait for the reset, or set SIDEWATCH_GITHUB_TOKEN"),
        (true, _) => Finding::ok("token", format!("accepted; {message}")),
        (false, _) if remaining < limit / 4 => Finding::warning(
            "token",
            format!("none; {message}, shared by this address"),
            "set SIDEWATCH_GITHUB_TOKEN",
        ),
        (false, _) => Finding::ok("token", format!("none, and none is needed; {message}")),
    }
}

/// Each target, checked once.
pub(super) async fn targets(core: &Core) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, watched) in core.checker.targets().iter().enumerate() {
        core.checker.check(index, Reason::Forced).await;
        findings.push(target(watched));
        findings.extend(registry(watched));
    }
    findings
}

fn target(watched: &Arc<Watched>) -> Finding {
    let state = watched.state();
    let repo = &watched.target.repo;
    let failure = watched.with_snapshot(|snapshot| snapshot.failure.clone());
    if let Some(failure) = failure {
        let fix = match failure.code {
            ErrorCode::NotFound => {
                "see that SIDEWATCH_REPO is right; a private repository needs a token that may read it"
            }
            ErrorCode::NoRelease => {
                "publish a release or a tag, or follow a branch with SIDEWATCH_TRACK=branch:main"
            }
            ErrorCode::Budget | ErrorCode::RateLimited => "wait, or set SIDEWATCH_GITHUB_TOKEN",
            _ => "see the findings above",
        };
        return Finding::failed("check", format!("{repo}: {}", failure.message), fix);
    }
    if let Some(error) = state.error.as_ref().filter(|error| error.code == ErrorCode::NoRelease) {
        let fix = "see SIDEWATCH_CHANNEL and SIDEWATCH_LINE, or wait for a release";
        return Finding::warning("check", error.message.clone(), fix);
    }
    if let Some(moved_to) = &state.moved_to {
        return Finding::warning(
            "check",
            format!("{repo} has moved"),
            format!("set SIDEWATCH_REPO={moved_to}"),
        );
    }
    let shown = |text: Option<String>| text.unwrap_or_else(|| "unknown".into());
    Finding::ok("check", format!("{repo}: running {}, latest {}", shown(state.current), shown(state.latest)))
}

fn registry(watched: &Arc<Watched>) -> Option<Finding> {
    let image = watched.target.image.as_ref()?;
    let (held, complaint) = watched
        .with_snapshot(|snapshot| (snapshot.held.values().next_back().cloned(), snapshot.complaint.clone()));
    if let Some(complaint) = complaint.filter(|complaint| complaint.code == ErrorCode::Registry) {
        let fix = "see that this container may reach the registry over HTTPS";
        return Some(Finding::failed("registry", complaint.message, fix));
    }
    let Some(held) = held else {
        return Some(Finding::ok("registry", format!("{image} can be asked without a login")));
    };
    let fix = match held.reason {
        PendingReason::RegistryPrivate => "make the package public in its settings on GitHub",
        PendingReason::PlatformMissing => "ask its publisher for this platform, or set SIDEWATCH_PLATFORM",
        PendingReason::ImageMissing | PendingReason::CoolingDown => {
            "wait for its publisher, or see that SIDEWATCH_IMAGE is right"
        }
    };
    Some(Finding::warning("registry", held.detail, fix))
}
