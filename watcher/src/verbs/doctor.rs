//! `sidewatch doctor`: what could keep the checks from working, each finding named, with its fix.

mod local;
mod upstream;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use contract::BuildStamp;
use releases::notes::one_line;
use serde::Serialize;

use super::{EXIT_CONFIG, Settings, complain, print};
use crate::config::{Config, Log, Notify, Sources};
use crate::{startup, telemetry};

/// How to look.
#[derive(Clone, Debug, Args)]
pub struct DoctorArgs {
    /// Print the findings as JSON
    #[arg(long)]
    pub json: bool,
    /// The rest
    #[command(flatten)]
    pub settings: Settings,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was looked at: `token`, `clock`, `proxy`, `ipv6`, `github`, `registry`, `state`, `current`.
    pub name: &'static str,
    /// How it is.
    pub level: Level,
    /// What was seen.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, and could be better.
    Warning,
    /// Keeps the checks from working.
    Failed,
}

impl Finding {
    fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, level: Level::Ok, message: message.into(), fix: None }
    }

    fn warning(name: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, level: Level::Warning, message: message.into(), fix: Some(fix.into()) }
    }

    fn failed(name: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, level: Level::Failed, message: message.into(), fix: Some(fix.into()) }
    }
}

/// Looks, prints, and fails if something keeps the checks from working.
pub async fn run(args: DoctorArgs, stamp: BuildStamp) -> ExitCode {
    let config = match Config::read(&Sources::from_process(args.settings.into_flags())) {
        Ok(config) => config,
        Err(mistakes) => {
            complain(&mistakes.to_string());
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    telemetry::start(&Log { filter: "error".into(), json: false });
    let findings = match look(config, stamp).await {
        Ok(findings) => findings,
        Err(error) => {
            complain(&format!("{error:#}"));
            return ExitCode::FAILURE;
        }
    };
    report(&findings, args.json);
    let failed = findings.iter().any(|finding| finding.level == Level::Failed);
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn look(mut config: Config, stamp: BuildStamp) -> anyhow::Result<Vec<Finding>> {
    let mut findings = local::variables(&config);
    findings.push(local::ipv6());
    findings.extend(local::proxy());
    if config.disabled {
        let message = "checks are switched off; nothing upstream was asked";
        findings.push(Finding::warning(
            "github",
            message,
            "unset SIDEWATCH_DISABLE_UPDATE_CHECK to switch them on",
        ));
        return Ok(findings);
    }
    findings.extend(super::load::too_many_targets(&config).map(|warning| {
        Finding::warning("budget", warning, "set SIDEWATCH_GITHUB_TOKEN, or a slower SIDEWATCH_SCHEDULE")
    }));
    findings.push(local::state(&config.keep).await);
    findings.extend(local::current(&config, stamp).await?);
    // To look is not to tell: nobody is notified, and what a sidecar knows stays as it is.
    config.notify = Notify::default();
    config.keep = config.keep.beside_sidecar();
    let config = Arc::new(config);
    let core = startup::build_core(&config, stamp).await?;
    findings.extend(upstream::github(&config, &core, stamp).await?);
    findings.extend(upstream::targets(&core).await);
    core.store.flush();
    Ok(findings)
}

fn report(findings: &[Finding], json: bool) {
    if json {
        print(&serde_json::to_string_pretty(findings).unwrap_or_default());
        return;
    }
    for finding in findings {
        let level = match finding.level {
            Level::Ok => "ok     ",
            Level::Warning => "warning",
            Level::Failed => "FAILED ",
        };
        print(&format!("{level}  {:<9} {}", finding.name, one_line(&finding.message, 400)));
        if let Some(fix) = &finding.fix {
            print(&format!("{:20}→ {fix}", ""));
        }
    }
}
