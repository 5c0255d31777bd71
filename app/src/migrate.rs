//! Brings a database to the schema that this program knows, or says why not; its files are in `migrations/`.
//!
//! It looks before it writes: a database that is newer, another program's, or not as its history says is left alone.
//! One program migrates at a time; the lock ends with the connection, whatever happens to the program.

mod error;
mod history;
mod index;
mod postgres;
mod sqlite;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use sqlx::migrate::{Migration, Migrator};
use uuid::Uuid;

pub use self::error::MigrateError;

static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");

/// Where events are kept.
#[derive(Clone, Debug)]
pub enum Database {
    /// The URL of a database of PostgreSQL.
    Postgres(SecretString),
    /// The path of a file of SQLite.
    Sqlite(PathBuf),
}

impl Database {
    /// The migrations that this program has for it.
    #[must_use]
    pub fn migrations(&self) -> &'static [Migration] {
        match self {
            Self::Postgres(_) => &POSTGRES.migrations,
            Self::Sqlite(_) => &SQLITE.migrations,
        }
    }
}

/// The version that this program's migrations of PostgreSQL end with.
#[must_use]
pub fn postgres_version() -> i64 {
    history::latest(&POSTGRES.migrations)
}

/// The version that this program's migrations of SQLite end with.
#[must_use]
pub fn sqlite_version() -> i64 {
    history::latest(&SQLITE.migrations)
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Migrations that the database has.
    pub done: usize,
    /// All that this program knows.
    pub total: usize,
}

/// A schema that is as it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its version: that of the latest migration.
    pub schema_version: i64,
    /// Made when this database was first migrated.
    pub installation_id: Uuid,
}

/// What is run, and how long is waited.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// By version.
    pub migrations: &'a [Migration],
    /// For the answer to a question, such as a connection.
    pub deadline: Duration,
    /// While another program has the lock and does not get on.
    pub patience: Duration,
    /// While it does.
    pub longest_wait: Duration,
    /// For locks that a migration needs, each time it is tried.
    pub lock_timeout: Duration,
}

impl Options<'static> {
    /// Those of this program.
    #[must_use]
    pub fn of(database: &Database) -> Self {
        Self {
            migrations: database.migrations(),
            deadline: Duration::from_secs(10),
            patience: Duration::from_secs(15),
            longest_wait: Duration::from_secs(45 * 60),
            lock_timeout: Duration::from_secs(5),
        }
    }
}

/// Is told how far it is, at the start and after every migration.
pub type Tell<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// Applies what is missing. It may take as long as its migrations do.
///
/// # Errors
/// See [`MigrateError`].
pub async fn run(
    database: &Database,
    tell: impl Fn(Progress) + Send + Sync,
) -> Result<Applied, MigrateError> {
    run_with(database, &Options::of(database), &tell).await
}

/// [`run`] with other migrations and waits.
///
/// # Errors
/// See [`MigrateError`].
pub async fn run_with(
    database: &Database,
    options: &Options<'_>,
    tell: Tell<'_>,
) -> Result<Applied, MigrateError> {
    match database {
        Database::Postgres(url) => postgres::run(url, options, tell).await,
        Database::Sqlite(path) => sqlite::run(path, options, tell).await,
    }
}

/// Looks whether nothing is missing, and writes nothing.
///
/// # Errors
/// See [`MigrateError`].
pub async fn verify(database: &Database) -> Result<Applied, MigrateError> {
    verify_with(database, &Options::of(database)).await
}

/// [`verify`] with other migrations.
///
/// # Errors
/// See [`MigrateError`].
pub async fn verify_with(database: &Database, options: &Options<'_>) -> Result<Applied, MigrateError> {
    match database {
        Database::Postgres(url) => postgres::verify(url, options).await,
        Database::Sqlite(path) => sqlite::verify(path, options).await,
    }
}

/// How long the lock was waited for, and since when nothing changed.
struct Wait<'a> {
    options: &'a Options<'a>,
    begun: Instant,
    moved: Instant,
    done: usize,
}

impl<'a> Wait<'a> {
    fn new(options: &'a Options<'a>, progress: Progress) -> Self {
        let now = Instant::now();
        Self { options, begun: now, moved: now, done: progress.done }
    }

    /// Waits a moment, unless it was long enough.
    async fn moment(&mut self, progress: Progress, holder_works: bool) -> Result<(), MigrateError> {
        if holder_works || progress.done != self.done {
            self.moved = Instant::now();
            self.done = progress.done;
        }
        let waited = self.begun.elapsed();
        if self.moved.elapsed() > self.options.patience || waited > self.options.longest_wait {
            return Err(MigrateError::Locked { waited });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(())
    }
}

/// The answer to a question of the database, in time.
async fn in_time<T>(
    options: &Options<'_>,
    question: impl Future<Output = sqlx::Result<T>>,
) -> Result<T, sqlx::Error> {
    match tokio::time::timeout(options.deadline, question).await {
        Ok(answer) => answer,
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

fn installation_id(text: Option<String>) -> Result<Uuid, MigrateError> {
    let id = text.and_then(|text| text.parse().ok());
    id.ok_or_else(|| MigrateError::HistoryBroken("the table meta has no installation_id".to_owned()))
}
