//! The truth table: what the parts mean for the whole. `docs/health.md` shows it to people; a test holds them together.

use contract::{Check, CheckStatus, HealthStatus};

/// The parts. `queue` and `consumer` are [`CheckStatus::Off`] where events go straight into the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// PostgreSQL or SQLite, with its schema.
    pub database: Check,
    /// Redis.
    pub queue: Check,
    /// What brings events from the queue into the database.
    pub consumer: Check,
    /// S3 or a folder.
    pub blobs: Check,
    /// Whether the schema was ever found to be the right one since the start.
    pub verified: bool,
}

impl Parts {
    /// The whole.
    #[must_use]
    pub fn whole(&self) -> HealthStatus {
        let works = |check: &Check| matches!(check.status, CheckStatus::Ok | CheckStatus::Slow);
        // Events are accepted where the queue is, or straight by the database.
        let intake = if self.queue.status == CheckStatus::Off { &self.database } else { &self.queue };
        let parts = [&self.database, &self.queue, &self.consumer, &self.blobs];
        let is_well = |check: &&Check| matches!(check.status, CheckStatus::Ok | CheckStatus::Off);
        match () {
            () if self.database.status == CheckStatus::Migrating => HealthStatus::Migrating,
            () if !self.verified || !works(intake) => HealthStatus::Down,
            () if parts.iter().all(is_well) => HealthStatus::Ok,
            () => HealthStatus::Degraded,
        }
    }
}

/// A part with this status and nothing to say.
#[must_use]
pub fn plain(status: CheckStatus) -> Check {
    Check { status, detail: None, depth: None, lag_seconds: None, dead_letters: None }
}

/// A part with this status and a word on it.
#[must_use]
pub fn told(status: CheckStatus, detail: impl Into<String>) -> Check {
    Check { detail: Some(detail.into()), ..plain(status) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CheckStatus::{Down, Full, Migrating, Off, Ok, Slow};

    /// database, queue, consumer, blobs → the whole.
    const TABLE: [([CheckStatus; 4], HealthStatus); 17] = [
        ([Ok, Ok, Ok, Ok], HealthStatus::Ok),
        ([Ok, Off, Off, Ok], HealthStatus::Ok),
        ([Slow, Ok, Ok, Ok], HealthStatus::Degraded),
        ([Slow, Off, Off, Ok], HealthStatus::Degraded),
        ([Down, Ok, Ok, Ok], HealthStatus::Degraded),
        ([Down, Off, Off, Ok], HealthStatus::Down),
        ([Full, Off, Off, Ok], HealthStatus::Down),
        ([Full, Ok, Ok, Ok], HealthStatus::Degraded),
        ([Migrating, Ok, Ok, Ok], HealthStatus::Migrating),
        ([Migrating, Down, Down, Down], HealthStatus::Migrating),
        ([Ok, Down, Ok, Ok], HealthStatus::Down),
        ([Ok, Full, Ok, Ok], HealthStatus::Down),
        ([Ok, Slow, Ok, Ok], HealthStatus::Degraded),
        ([Ok, Ok, Down, Ok], HealthStatus::Degraded),
        ([Ok, Ok, Ok, Down], HealthStatus::Degraded),
        ([Ok, Ok, Ok, Slow], HealthStatus::Degraded),
        ([Ok, Off, Off, Down], HealthStatus::Degraded),
    ];

    #[test]
    fn the_whole_is_as_the_table_says() {
        for ([database, queue, consumer, blobs], whole) in TABLE {
            let parts = Parts {
                database: plain(database),
                queue: plain(queue),
                consumer: plain(consumer),
                blobs: plain(blobs),
                verified: true,
            };
            assert_eq!(parts.whole(), whole, "{parts:?}");
        }
    }

    /// As the status is written in JSON.
    fn word(status: impl serde::Serialize) -> String {
        serde_json::to_value(status).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn the_document_shows_this_table() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/health.md");
        let page = std::fs::read_to_string(file).unwrap();
        let (_, after) = page.split_once("| database | queue | consumer | blobs | whole |\n").unwrap();
        let rows = after.lines().skip(1).take_while(|line| line.starts_with('|'));
        let shown: Vec<String> = rows.map(|row| row.replace(['|', ' ', '`'], " ")).collect();
        let shown: Vec<Vec<&str>> = shown.iter().map(|row| row.split_whitespace().collect()).collect();
        let expected = TABLE.map(|(parts, whole)| [parts.map(word).to_vec(), vec![word(whole)]].concat());
        assert_eq!(shown, expected);
    }

    #[test]
    fn nothing_is_healthy_before_the_schema_was_seen() {
        let parts = Parts {
            database: plain(Down),
            queue: plain(Ok),
            consumer: plain(Ok),
            blobs: plain(Ok),
            verified: false,
        };
        assert_eq!(parts.whole(), HealthStatus::Down);
    }
}
