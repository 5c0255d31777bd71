//! `remote-agent-server selftest`: a canary through queue, database and blobs, written and read back.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use contract::BuildStamp;
use serde::Serialize;
use service::screen::print;

use super::{configure, failed};
use crate::canary;

/// How to tell.
#[derive(Debug, Args)]
pub struct SelftestArgs {
    /// Folder of the embedded stores (`DATA_DIR`)
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// One step, as it is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    name: &'static str,
    ok: bool,
    milliseconds: u64,
    detail: Option<String>,
}

/// `0` if every step worked.
pub async fn run(args: SelftestArgs, stamp: BuildStamp) -> ExitCode {
    let flags: BTreeMap<_, _> = args.data_dir.into_iter().map(|folder| ("DATA_DIR", folder)).collect();
    let config = match configure(flags) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let flights = match canary::fly(&config, stamp).await {
        Ok(flights) => flights,
        Err(error) => return failed(&error),
    };
    let steps: Vec<Step> = flights.into_iter().map(step).collect();
    let well = steps.iter().all(|step| step.ok);
    if args.json {
        print(&serde_json::json!({ "ok": well, "steps": steps }).to_string());
    } else {
        for step in &steps {
            let verdict = if step.ok { "ok" } else { "FAILED" };
            let detail = step.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
            print(&format!("{:<9} {verdict:<7} {} ms{detail}", step.name, step.milliseconds));
        }
    }
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn step(flight: canary::Flight) -> Step {
    Step {
        name: flight.name,
        ok: flight.result.is_ok(),
        milliseconds: u64::try_from(flight.took.as_millis()).unwrap_or(u64::MAX),
        detail: flight.result.err().map(|error| format!("{error:#}")),
    }
}
