//! One migration of SQLite: with its row in one transaction, or, without one, between two marks.

use std::time::{Duration, Instant};

use sqlx::migrate::Migration;
use sqlx::{Connection, SqliteConnection};

use crate::migrate::MigrateError;
use crate::migrate::history::file;

const MAKE_TABLE: &str = "create table if not exists _sqlx_migrations (
    version bigint primary key,
    description text not null,
    installed_on timestamp not null default current_timestamp,
    success boolean not null,
    checksum blob not null,
    execution_time bigint not null
)";

pub(super) async fn apply(
    connection: &mut SqliteConnection,
    migration: &Migration,
) -> Result<(), MigrateError> {
    let applied = if migration.no_tx {
        without_transaction(connection, migration).await
    } else {
        in_transaction(connection, migration).await
    };
    applied.map_err(|error| failed(error, migration))
}

async fn in_transaction(connection: &mut SqliteConnection, migration: &Migration) -> sqlx::Result<()> {
    prepare(connection).await?;
    let started = Instant::now();
    let mut transaction = connection.begin_with("begin immediate").await?;
    sqlx::query(MAKE_TABLE).execute(&mut *transaction).await?;
    sqlx::raw_sql(migration.sql.clone()).execute(&mut *transaction).await?;
    write_row(&mut transaction, migration, Some(started.elapsed())).await?;
    transaction.commit().await
}

/// Its statement can be run twice: what was begun and interrupted begins anew.
async fn without_transaction(connection: &mut SqliteConnection, migration: &Migration) -> sqlx::Result<()> {
    prepare(connection).await?;
    let started = Instant::now();
    let mut transaction = connection.begin_with("begin immediate").await?;
    sqlx::query(MAKE_TABLE).execute(&mut *transaction).await?;
    write_row(&mut transaction, migration, None).await?;
    transaction.commit().await?;
    sqlx::raw_sql(migration.sql.clone()).execute(&mut *connection).await?;
    let mut transaction = connection.begin_with("begin immediate").await?;
    write_row(&mut transaction, migration, Some(started.elapsed())).await?;
    transaction.commit().await
}

/// From the first write on. Others may read and write meanwhile; a short wait for them is fine.
async fn prepare(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    for setting in ["pragma busy_timeout = 5000", "pragma journal_mode = wal", "pragma synchronous = full"] {
        sqlx::raw_sql(setting).execute(&mut *connection).await?;
    }
    Ok(())
}

/// `took`: none while it is not done.
async fn write_row(
    connection: &mut SqliteConnection,
    migration: &Migration,
    took: Option<Duration>,
) -> sqlx::Result<()> {
    let nanos = took.map_or(-1, |took| took.as_nanos().try_into().unwrap_or(i64::MAX));
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values ($1, $2, $3, $4, $5)
        on conflict (version) do update set description = excluded.description, success = excluded.success,
            checksum = excluded.checksum, execution_time = excluded.execution_time",
    )
    .bind(migration.version)
    .bind(&*migration.description)
    .bind(took.is_some())
    .bind(&*migration.checksum)
    .bind(nanos)
    .execute(&mut *connection)
    .await?;
    if took.is_some() {
        sqlx::query(
            "insert into meta (key, value) values ('schema_version', $1)
            on conflict (key) do update set value = excluded.value",
        )
        .bind(migration.version.to_string())
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// The primary result code.
pub(super) fn code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

fn failed(error: sqlx::Error, migration: &Migration) -> MigrateError {
    let (version, file) = (migration.version, file(migration));
    match code(&error) {
        // BUSY, LOCKED.
        Some(5 | 6) => MigrateError::Blocked { version, file },
        // PERM, READONLY, IOERR, FULL, CANTOPEN.
        Some(3 | 8 | 10 | 13 | 14) | None => MigrateError::Unavailable(error.into()),
        Some(_) => MigrateError::Failed { version, file, cause: error.into() },
    }
}
