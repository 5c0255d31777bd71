//! Why a database has not the schema that this program needs, and with which code the program ends then.

use std::error::Error;
use std::time::Duration;

type Cause = Box<dyn Error + Send + Sync>;

/// Why the schema is not as it must be. Nothing was written, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// It cannot be reached, or not written to for now: worth trying again. What had begun was rolled back.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
    /// A newer program migrated it.
    #[error(
        "the database is newer ({database} > {program}): this program does not know its schema; use the program \
         that migrated it or a newer one, or restore a backup from before"
    )]
    SchemaNewer {
        /// The database's version.
        database: i64,
        /// The latest that this program knows.
        program: i64,
    },
    /// Migrations are missing, and it was not asked to apply them.
    #[error(
        "the database is older ({database} < {program}): run `remote-agent-server migrate`, or set MIGRATE_ON_START=true"
    )]
    SchemaOlder {
        /// The database's version.
        database: i64,
        /// The latest that this program knows.
        program: i64,
    },
    /// A migration that was applied is not the one that this program knows by that version.
    #[error(
        "migration {version} ({file}) was changed after it was applied: its checksum is not the one in the database; \
         use a program with the migration as it was, and correct it by a new one"
    )]
    ChecksumChanged {
        /// Its version.
        version: i64,
        /// Its file.
        file: String,
    },
    /// The table of applied migrations contradicts the program or the database.
    #[error(
        "the table _sqlx_migrations does not fit: {0}; nothing is migrated on top of that, restore it from a backup"
    )]
    HistoryBroken(String),
    /// There are tables, and nothing says who made them.
    #[error(
        "the database has tables ({}) but no history of migrations (_sqlx_migrations): it is another program's, or \
         was restored in part; give this program an empty database, or restore the whole backup",
        tables.join(", ")
    )]
    ForeignTables {
        /// Some of them.
        tables: Vec<String>,
    },
    /// It is no database that this program can use.
    #[error("the database cannot be used: {0}")]
    Unsuitable(String),
    /// Another program has the migration lock and does not get on.
    #[error(
        "another program is migrating this database and made no progress; waited {} s for its lock",
        waited.as_secs()
    )]
    Locked {
        /// How long it was waited.
        waited: Duration,
    },
    /// Somebody holds a lock that a migration needs.
    #[error(
        "migration {version} ({file}) did not get a lock that others hold, and was rolled back; is there a long \
         transaction (see pg_stat_activity)?"
    )]
    Blocked {
        /// Its version.
        version: i64,
        /// Its file.
        file: String,
    },
    /// A migration failed. One in a transaction was rolled back; one without is marked, and begun anew by the next run.
    #[error("migration {version} ({file}) failed")]
    Failed {
        /// Its version.
        version: i64,
        /// Its file.
        file: String,
        /// Why.
        #[source]
        cause: Cause,
    },
}

impl MigrateError {
    /// With which code the program ends.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::SchemaNewer { .. } => 3,
            Self::SchemaOlder { .. }
            | Self::ChecksumChanged { .. }
            | Self::HistoryBroken(_)
            | Self::ForeignTables { .. }
            | Self::Unsuitable(_) => 4,
            Self::Failed { .. } => 5,
            Self::Locked { .. } | Self::Blocked { .. } => 75,
            Self::Unavailable(_) => 1,
        }
    }

    /// Whether to wait and try again in the same process. The others need somebody who acts.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}
