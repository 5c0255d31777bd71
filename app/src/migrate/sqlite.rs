//! Migrations of SQLite: looks, takes a lock on a file beside the database, applies, lets go.

mod apply;

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::history::{Found, Plan, Row, TABLE};
use super::{Applied, MigrateError, Options, Tell, Wait, history, in_time, installation_id};

pub(super) async fn run(path: &Path, options: &Options<'_>, tell: Tell<'_>) -> Result<Applied, MigrateError> {
    let mut connection = if exists(path)? {
        let mut connection = open(path, options).await?;
        if look(&mut connection, options, tell).await?.pending.is_empty() {
            return close(connection, options).await;
        }
        connection
    } else {
        // The verb may come before the server's first start, which makes the folder too.
        create(path).map_err(|error| MigrateError::Unavailable(error.into()))?;
        open(path, options).await?
    };
    let lock = lock(path, &mut connection, options, tell).await?;
    migrate(&mut connection, options, tell).await?;
    let applied = close(connection, options).await;
    drop(lock);
    applied
}

pub(super) async fn verify(path: &Path, options: &Options<'_>) -> Result<Applied, MigrateError> {
    let program = history::latest(options.migrations);
    if !exists(path)? {
        return Err(MigrateError::SchemaOlder { database: 0, program });
    }
    let mut connection = open(path, options).await?;
    let plan = look(&mut connection, options, &|_| ()).await?;
    if !plan.pending.is_empty() {
        let done = options.migrations.len() - plan.pending.len();
        let database = history::latest(&options.migrations[..done]);
        return Err(MigrateError::SchemaOlder { database, program });
    }
    close(connection, options).await
}

fn exists(path: &Path) -> Result<bool, MigrateError> {
    path.try_exists().map_err(|error| MigrateError::Unavailable(error.into()))
}

/// An empty file, which is a database without tables. Nobody else may read it; what SQLite makes beside it has the
/// mode of the file.
fn create(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    File::options().create(true).append(true).mode(0o600).open(path).map(drop)
}

/// Sets nothing that is kept in the file: it may be one that is to be left alone.
async fn open(path: &Path, options: &Options<'_>) -> Result<SqliteConnection, MigrateError> {
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_millis(500))
        .disable_statement_logging();
    in_time(options, connect.connect()).await.map_err(sorted)
}

async fn close(mut connection: SqliteConnection, options: &Options<'_>) -> Result<Applied, MigrateError> {
    let id = sqlx::query_scalar("select value from meta where key = 'installation_id'")
        .fetch_optional(&mut connection);
    let id = in_time(options, id).await.map_err(sorted)?;
    drop(connection.close().await);
    Ok(Applied { schema_version: history::latest(options.migrations), installation_id: installation_id(id)? })
}

async fn look<'a>(
    connection: &mut SqliteConnection,
    options: &Options<'a>,
    tell: Tell<'_>,
) -> Result<Plan<'a>, MigrateError> {
    let found = in_time(options, found(connection)).await.map_err(sorted)?;
    let plan = found.plan(options.migrations)?;
    tell(plan.progress());
    Ok(plan)
}

/// One look: another program may be migrating.
async fn found(connection: &mut SqliteConnection) -> sqlx::Result<Found> {
    let mut look = connection.begin().await?;
    let mut tables: Vec<String> = sqlx::query_scalar(
        "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite!_%' escape '!'
        order by name",
    )
    .fetch_all(&mut *look)
    .await?;
    let mut found = Found::default();
    if let Some(place) = tables.iter().position(|table| table == TABLE) {
        tables.remove(place);
        let rows: Vec<(i64, bool, Vec<u8>)> =
            sqlx::query_as("select version, success, checksum from _sqlx_migrations order by version")
                .fetch_all(&mut *look)
                .await?;
        found.history =
            rows.into_iter().map(|(version, success, checksum)| Row { version, success, checksum }).collect();
    }
    if !found.history.is_empty() && tables.iter().any(|table| table == "meta") {
        let recorded: Option<String> =
            sqlx::query_scalar("select value from meta where key = 'schema_version'")
                .fetch_optional(&mut *look)
                .await?;
        found.recorded = recorded.and_then(|version| version.parse().ok());
    }
    look.rollback().await?;
    found.tables = tables;
    Ok(found)
}

/// Of the kernel: it ends with the process. The file stays; deleting it would let two programs lock two files.
async fn lock(
    path: &Path,
    connection: &mut SqliteConnection,
    options: &Options<'_>,
    tell: Tell<'_>,
) -> Result<File, MigrateError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-migrating");
    let unavailable = |error: std::io::Error| MigrateError::Unavailable(error.into());
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .mode(0o600)
        .open(PathBuf::from(beside))
        .map_err(unavailable)?;
    let mut wait = None;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(unavailable(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        let progress = look(connection, options, tell).await?.progress();
        wait.get_or_insert_with(|| Wait::new(options, progress)).moment(progress, false).await?;
    }
}

async fn migrate(
    connection: &mut SqliteConnection,
    options: &Options<'_>,
    tell: Tell<'_>,
) -> Result<(), MigrateError> {
    loop {
        // Again under the lock: another program may have been faster.
        let plan = look(connection, options, tell).await?;
        let Some(next) = plan.pending.first() else { return Ok(()) };
        tracing::info!("migration {} begins", history::file(next));
        apply::apply(connection, next).await?;
    }
}

/// A file that is no database is not one that may become one.
fn sorted(error: sqlx::Error) -> MigrateError {
    match apply::code(&error) {
        // CORRUPT, NOTADB.
        Some(11 | 26) => MigrateError::Unsuitable(format!("its file is damaged or none of SQLite: {error}")),
        // ERROR: a column is missing.
        Some(1) => MigrateError::HistoryBroken(error.to_string()),
        _ => MigrateError::Unavailable(error.into()),
    }
}
