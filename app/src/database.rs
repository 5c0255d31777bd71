//! Brings the database up: waits for it, brings its schema up to date or verifies it, and says how far that is.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

use crate::backoff::Backoff;
use crate::metrics::Metrics;
use crate::migrate::{self, Database, MigrateError, Progress};
use crate::phase::{Phase, Ready};

/// Ends when the schema is the one that this program knows. A database that is away is waited for.
///
/// # Errors
/// If the schema is refused or a migration fails: this program must not serve then.
pub async fn bring_up(
    database: &Database,
    migrate_on_start: bool,
    phase: &watch::Sender<Phase>,
    metrics: &Metrics,
) -> anyhow::Result<()> {
    let mut backoff = Backoff::default();
    // The first word is how far the database was; each one after that is a migration.
    let told = AtomicU64::new(0);
    loop {
        let applied = if migrate_on_start {
            let progress = |progress: Progress| {
                told.fetch_add(1, Ordering::Relaxed);
                if progress.done < progress.total {
                    phase.send_replace(Phase::Migrating { done: progress.done, total: progress.total });
                }
            };
            migrate::run(database, progress).await
        } else {
            migrate::verify(database).await
        };
        match applied {
            Ok(applied) => {
                let ready = Ready {
                    schema_version: applied.schema_version,
                    installation_id: applied.installation_id,
                };
                metrics.schema(ready.schema_version, told.load(Ordering::Relaxed).saturating_sub(1));
                phase.send_replace(Phase::Ready(ready));
                tracing::info!(schema.version = ready.schema_version, "the database is ready");
                return Ok(());
            }
            Err(error) if error.is_temporary() => wait(&mut backoff, phase, error).await,
            Err(error) => return Err(error.into()),
        }
    }
}

async fn wait(backoff: &mut Backoff, phase: &watch::Sender<Phase>, error: MigrateError) {
    phase.send_replace(Phase::Waiting);
    if backoff.is_first() {
        let error = anyhow::Error::new(error);
        tracing::warn!(error = ?format!("{error:#}"), "the database does not answer yet; it is asked again until it does");
    }
    backoff.wait().await;
}
