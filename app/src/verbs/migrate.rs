//! `remote-agent-server migrate`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use service::screen::print;

use super::{complain, configure_database, failed};
use crate::migrate;

/// Which database, and how to tell.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// Folder of the embedded database (`DATA_DIR`)
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Only look whether the schema is up to date
    #[arg(long)]
    check: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Brings the schema up to date, or only looks.
pub async fn run(args: MigrateArgs) -> ExitCode {
    let flags: BTreeMap<_, _> = args.data_dir.into_iter().map(|folder| ("DATA_DIR", folder)).collect();
    let database = match configure_database(flags) {
        Ok(database) => database,
        Err(code) => return code,
    };
    let progress = |progress: migrate::Progress| {
        complain(&format!("{} of {} migrations", progress.done, progress.total));
    };
    let applied =
        if args.check { migrate::verify(&database).await } else { migrate::run(&database, progress).await };
    match applied {
        Ok(applied) if args.json => {
            let told = json!({
                "schemaVersion": applied.schema_version,
                "installationId": applied.installation_id,
            });
            print(&told.to_string());
            ExitCode::SUCCESS
        }
        Ok(applied) => {
            print(&format!("the schema is at version {}", applied.schema_version));
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error.into()),
    }
}
