//! One look at each part, all at once, none longer than a second.

use std::sync::Arc;
use std::time::Duration;

use contract::{Check, CheckStatus};
use tokio::time::{Instant, timeout};

use crate::domain::health::{Parts, plain, told};
use crate::event_queue::RedisQueue;
use crate::event_store::{EventStore, StoreError};
use crate::phase::Phase;
use crate::transcript_blobs::BlobError;
use crate::transcripts::Transcripts;

/// No look takes longer.
const PATIENCE: Duration = Duration::from_millis(850);
/// A part that takes longer than this is slow.
const SLOW: Duration = Duration::from_millis(300);
/// Events that wait longer than this are not being stored.
const LAGGING: Duration = Duration::from_secs(60);

/// Looks at the parts.
pub struct Looker {
    /// PostgreSQL or SQLite.
    pub store: Arc<dyn EventStore>,
    /// Redis, if there is one.
    pub queue: Option<Arc<RedisQueue>>,
    /// Transcripts with their blobs.
    pub transcripts: Arc<Transcripts>,
}

impl Looker {
    /// One look.
    pub async fn look(&self, phase: &Phase) -> Parts {
        let verified = matches!(phase, Phase::Ready(_));
        let (database, (queue, consumer), blobs) =
            tokio::join!(self.database(phase), self.queue(verified), self.blobs());
        Parts { database, queue, consumer, blobs, verified }
    }

    async fn database(&self, phase: &Phase) -> Check {
        match phase {
            Phase::Migrating { done, total } => told(
                CheckStatus::Migrating,
                format!("brings its schema up to date: {done} of {total} migrations"),
            ),
            Phase::Waiting => {
                told(CheckStatus::Down, "has not answered since the start; it is asked again and again")
            }
            Phase::Ready(_) => timed(self.store.ping(), |error| unwell(&error)).await,
        }
    }

    /// The queue, and how far the consumer is behind it.
    async fn queue(&self, verified: bool) -> (Check, Check) {
        let Some(queue) = &self.queue else { return (plain(CheckStatus::Off), plain(CheckStatus::Off)) };
        let looked = async {
            let settings = queue.check_settings().await?;
            Ok::<_, crate::event_queue::QueueError>((settings, queue.status().await?))
        };
        let started = Instant::now();
        let Ok(Ok((settings, status))) = timeout(PATIENCE, looked).await else {
            let down = told(CheckStatus::Down, "Redis does not answer or refuses; the log says why");
            return (down, told(CheckStatus::Down, "cannot read the queue"));
        };
        let mut check = match settings.problem() {
            Some(problem) => told(CheckStatus::Down, problem.to_string()),
            None if queue.is_full(&status) => told(
                CheckStatus::Full,
                "takes no more events until some are stored: see the database and the consumer",
            ),
            None => by_time(started),
        };
        check.depth = Some(status.depth);
        check.lag_seconds = Some(status.lag.as_secs());
        let mut consumer = if verified && status.lag > LAGGING {
            told(CheckStatus::Slow, "events wait longer than a minute to be stored: see the database")
        } else {
            plain(CheckStatus::Ok)
        };
        consumer.dead_letters = Some(status.dead_letters);
        if status.dead_letters > 0 {
            consumer.detail = Some(format!(
                "gave {} events up; GET /api/dead-letters tells why, POST /api/dead-letters/replay tries again",
                status.dead_letters
            ));
        }
        (check, consumer)
    }

    async fn blobs(&self) -> Check {
        timed(self.transcripts.blobs.probe(), |error| {
            told(
                if matches!(error, BlobError::Full(_)) { CheckStatus::Full } else { CheckStatus::Down },
                error.to_string(),
            )
        })
        .await
    }
}

/// What a database is that has this to say; its own words may name hosts, ours do not.
fn unwell(error: &StoreError) -> Check {
    match error {
        StoreError::Full(_) => told(CheckStatus::Full, error.to_string()),
        StoreError::ReadOnly(_)
        | StoreError::SchemaNewer { .. }
        | StoreError::SchemaOlder { .. }
        | StoreError::SchemaMissing => told(CheckStatus::Down, error.to_string()),
        StoreError::Unavailable(_) | StoreError::Refused(_) => {
            told(CheckStatus::Down, "does not answer or refuses; the log says why")
        }
    }
}

/// How a part is by the time that its answer takes.
async fn timed<E>(look: impl Future<Output = Result<(), E>>, down: impl FnOnce(E) -> Check) -> Check {
    let started = Instant::now();
    match timeout(PATIENCE, look).await {
        Ok(Ok(())) => by_time(started),
        Ok(Err(error)) => down(error),
        Err(_) => told(CheckStatus::Down, "does not answer within a second"),
    }
}

fn by_time(started: Instant) -> Check {
    if started.elapsed() > SLOW { told(CheckStatus::Slow, "answers slowly") } else { plain(CheckStatus::Ok) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_says_what_to_do_and_never_what_the_driver_said() {
        let secret = || "postgres://user:secret@host".into();
        let cases = [
            (StoreError::Full(secret()), CheckStatus::Full, "make some"),
            (StoreError::ReadOnly(secret()), CheckStatus::Down, "DATABASE_URL"),
            (StoreError::SchemaNewer { database: 2, program: 1 }, CheckStatus::Down, "2 > 1"),
            (StoreError::SchemaOlder { database: 1, program: 2 }, CheckStatus::Down, "1 < 2"),
            (StoreError::SchemaMissing, CheckStatus::Down, "restore"),
            (StoreError::Unavailable(secret()), CheckStatus::Down, "the log"),
        ];
        for (error, status, word) in cases {
            let check = unwell(&error);
            let detail = check.detail.unwrap();
            assert_eq!(check.status, status, "{detail}");
            assert!(detail.contains(word) && !detail.contains("secret"), "{detail}");
        }
    }
}
