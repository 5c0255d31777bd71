//! The log, and which of this program's libraries are kept quiet in it.

use service::telemetry;

pub use service::telemetry::Log;

/// Starts logging; a second call in one process changes nothing.
pub fn start(log: &Log) {
    let filter = format!("tokio_cron_scheduler=warn,{}", log.filter);
    telemetry::start(&Log { filter, json: log.json });
}
