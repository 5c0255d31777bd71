//! One migration of PostgreSQL: with its row in one transaction, or, without one, between two marks.

use std::time::{Duration, Instant};

use sqlx::migrate::Migration;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::migrate::history::file;
use crate::migrate::index::{self, Index};
use crate::migrate::{MigrateError, Options};

/// So often a migration is tried that does not get a lock.
const TRIES: u32 = 3;
/// Of a migration outside a transaction, which holds nobody up while it waits.
const LONG_LOCK_TIMEOUT: &str = "set lock_timeout = '10min'";

const MAKE_TABLE: &str = "create table if not exists _sqlx_migrations (
    version bigint primary key,
    description text not null,
    installed_on timestamptz not null default now(),
    success boolean not null,
    checksum bytea not null,
    execution_time bigint not null
)";

pub(super) async fn apply(
    connection: &mut PgConnection,
    migration: &Migration,
    begun: bool,
    options: &Options<'_>,
) -> Result<(), MigrateError> {
    if migration.no_tx {
        let done = without_transaction(connection, migration, begun).await;
        let timeout = format!("set lock_timeout = {}", options.lock_timeout.as_millis());
        drop(sqlx::query(AssertSqlSafe(timeout)).execute(&mut *connection).await);
        return done;
    }
    let mut tries = 1;
    loop {
        match in_transaction(connection, migration).await {
            Err(error) if lacks_lock(&error) && tries < TRIES => tries += 1,
            result => return result.map_err(|error| failed(error, migration)),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn in_transaction(connection: &mut PgConnection, migration: &Migration) -> sqlx::Result<()> {
    let started = Instant::now();
    let mut transaction = connection.begin().await?;
    sqlx::query(MAKE_TABLE).execute(&mut *transaction).await?;
    sqlx::raw_sql(migration.sql.clone()).execute(&mut *transaction).await?;
    write_row(&mut transaction, migration, Some(started.elapsed())).await?;
    transaction.commit().await
}

async fn without_transaction(
    connection: &mut PgConnection,
    migration: &Migration,
    begun: bool,
) -> Result<(), MigrateError> {
    let started = Instant::now();
    let database = |error| failed(error, migration);
    let made = index::made_by(migration.sql.as_str());
    if matches!(made, Some(Index { name: None, .. })) {
        return Err(broken(migration, "its index has no name: an invalid one could not be found again"));
    }
    let mut state = match &made {
        Some(made) => state_of(connection, made).await.map_err(database)?,
        None => State::Missing,
    };
    if !begun {
        // From here on an index of this name is of this migration, unless it stood there before.
        if matches!((&made, &state), (Some(made), State::Valid) if !made.if_not_exists) {
            return Err(broken(migration, "an index of this name is there already"));
        }
        mark(connection, migration).await.map_err(database)?;
    }
    if let (Some(Index { name: Some(name), .. }), State::Invalid) = (&made, &state) {
        tracing::warn!("index {name} was left invalid by a build that was interrupted; it is built anew");
        let drop_index = format!("drop index concurrently if exists {}", index::quoted(name));
        sqlx::query(LONG_LOCK_TIMEOUT).execute(&mut *connection).await.map_err(database)?;
        sqlx::raw_sql(AssertSqlSafe(drop_index)).execute(&mut *connection).await.map_err(database)?;
        state = State::Missing;
    }
    if !matches!(state, State::Valid) {
        sqlx::query(LONG_LOCK_TIMEOUT).execute(&mut *connection).await.map_err(database)?;
        sqlx::raw_sql(migration.sql.clone()).execute(&mut *connection).await.map_err(database)?;
    }
    if let Some(made) = &made
        && !matches!(state_of(connection, made).await.map_err(database)?, State::Valid)
    {
        return Err(broken(migration, "its index is not valid"));
    }
    finish(connection, migration, started.elapsed()).await.map_err(database)
}

/// What became of an index.
enum State {
    Missing,
    Invalid,
    Valid,
}

async fn state_of(connection: &mut PgConnection, index: &Index) -> sqlx::Result<State> {
    let valid: Option<bool> = sqlx::query_scalar(
        "select i.indisvalid and i.indisready from pg_index i join pg_class c on c.oid = i.indexrelid
        where c.relnamespace = current_schema()::regnamespace and c.relname = $1",
    )
    .bind(&index.name)
    .fetch_optional(connection)
    .await?;
    Ok(match valid {
        None => State::Missing,
        Some(false) => State::Invalid,
        Some(true) => State::Valid,
    })
}

async fn mark(connection: &mut PgConnection, migration: &Migration) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::query(MAKE_TABLE).execute(&mut *transaction).await?;
    write_row(&mut transaction, migration, None).await?;
    transaction.commit().await
}

async fn finish(connection: &mut PgConnection, migration: &Migration, took: Duration) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    write_row(&mut transaction, migration, Some(took)).await?;
    transaction.commit().await
}

/// `took`: none while it is not done. A row that was marked before takes the text that was run at last.
async fn write_row(
    connection: &mut PgConnection,
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

/// 55P03: the lock timeout; 40P01: a deadlock, which the server ended.
fn lacks_lock(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| matches!(code.as_ref(), "55P03" | "40P01"))
}

fn failed(error: sqlx::Error, migration: &Migration) -> MigrateError {
    let (version, file) = (migration.version, file(migration));
    if lacks_lock(&error) {
        return MigrateError::Blocked { version, file };
    }
    let passing = match &error {
        // 08, 57P: the connection or the server ended. 53: no space, no memory. 25006: a copy that only reads.
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| ["08", "53", "57P", "25006"].iter().any(|class| code.starts_with(class))),
        _ => true,
    };
    if passing {
        MigrateError::Unavailable(error.into())
    } else {
        MigrateError::Failed { version, file, cause: error.into() }
    }
}

fn broken(migration: &Migration, why: &str) -> MigrateError {
    MigrateError::Failed { version: migration.version, file: file(migration), cause: why.into() }
}

pub(super) fn unavailable(error: sqlx::Error) -> MigrateError {
    MigrateError::Unavailable(error.into())
}
