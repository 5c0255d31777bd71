//! Migrations of PostgreSQL: looks, takes an advisory lock, applies, lets go.

mod apply;
mod inspect;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::history::Plan;
use super::{Applied, MigrateError, Options, Tell, Wait, history, in_time, installation_id};

/// Of the advisory lock; a lock holds in one database only. "remagent" in ASCII.
const LOCK: i64 = 0x7265_6d61_6765_6e74;

pub(super) async fn run(
    url: &SecretString,
    options: &Options<'_>,
    tell: Tell<'_>,
) -> Result<Applied, MigrateError> {
    let mut connection = connect(url, options).await?;
    let result = on(&mut connection, options, tell).await;
    // The lock ends with the connection, also where letting go of it failed.
    drop(in_time(options, connection.close()).await);
    result
}

pub(super) async fn verify(url: &SecretString, options: &Options<'_>) -> Result<Applied, MigrateError> {
    let mut connection = connect(url, options).await?;
    let found = inspect::look(&mut connection, options).await?;
    let plan = found.plan(options.migrations)?;
    let result = if plan.pending.is_empty() {
        applied(&mut connection, options).await
    } else {
        let program = history::latest(options.migrations);
        let done = options.migrations.len() - plan.pending.len();
        let database = history::latest(&options.migrations[..done]);
        Err(MigrateError::SchemaOlder { database, program })
    };
    drop(in_time(options, connection.close()).await);
    result
}

async fn on(
    connection: &mut PgConnection,
    options: &Options<'_>,
    tell: Tell<'_>,
) -> Result<Applied, MigrateError> {
    if !look(connection, options, tell).await?.pending.is_empty() && lock(connection, options, tell).await? {
        let result = migrate(connection, options, tell).await;
        let unlock = sqlx::query("select pg_advisory_unlock($1)").bind(LOCK).execute(&mut *connection);
        drop(in_time(options, unlock).await);
        result?;
    }
    applied(connection, options).await
}

async fn look<'a>(
    connection: &mut PgConnection,
    options: &Options<'a>,
    tell: Tell<'_>,
) -> Result<Plan<'a>, MigrateError> {
    let plan = inspect::look(connection, options).await?.plan(options.migrations)?;
    tell(plan.progress());
    Ok(plan)
}

/// `false`: another program has meanwhile done what was to be done.
async fn lock(
    connection: &mut PgConnection,
    options: &Options<'_>,
    tell: Tell<'_>,
) -> Result<bool, MigrateError> {
    let mut wait = None;
    loop {
        let lock =
            sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LOCK).fetch_one(&mut *connection);
        if in_time(options, lock).await.map_err(apply::unavailable)? {
            return Ok(true);
        }
        let plan = look(connection, options, tell).await?;
        if plan.pending.is_empty() {
            return Ok(false);
        }
        let progress = plan.progress();
        let works = in_time(options, holder_works(connection)).await.map_err(apply::unavailable)?;
        wait.get_or_insert_with(|| Wait::new(options, progress)).moment(progress, works).await?;
    }
}

/// Whether the program that has the lock is running a statement: one migration may take half an hour.
async fn holder_works(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (
            select from pg_locks l join pg_stat_activity a on a.pid = l.pid
            where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                and ((l.classid::bigint << 32) | l.objid::bigint) = $1
                and l.database = (select oid from pg_database where datname = current_database())
                and a.state = 'active'
        )",
    )
    .bind(LOCK)
    .fetch_one(connection)
    .await
}

async fn migrate(
    connection: &mut PgConnection,
    options: &Options<'_>,
    tell: Tell<'_>,
) -> Result<(), MigrateError> {
    loop {
        // Again under the lock: another program may have been faster.
        let plan = look(connection, options, tell).await?;
        let Some(next) = plan.pending.first() else { return Ok(()) };
        tracing::info!("migration {} begins", history::file(next));
        apply::apply(connection, next, plan.begun, options).await?;
    }
}

async fn applied(connection: &mut PgConnection, options: &Options<'_>) -> Result<Applied, MigrateError> {
    let id = sqlx::query_scalar("select value from meta where key = 'installation_id'")
        .fetch_optional(&mut *connection);
    let id = in_time(options, id).await.map_err(apply::unavailable)?;
    Ok(Applied { schema_version: history::latest(options.migrations), installation_id: installation_id(id)? })
}

async fn connect(url: &SecretString, options: &Options<'_>) -> Result<PgConnection, MigrateError> {
    let connect: PgConnectOptions = url
        .expose_secret()
        .parse()
        .map_err(|error: sqlx::Error| MigrateError::Unsuitable(format!("DATABASE_URL: {error}")))?;
    let connect = connect.application_name("remote-agent-migrate").disable_statement_logging();
    let set_up = async {
        let mut connection = connect.connect().await?;
        // A migration may take as long as it does, but must not stand in a line for a lock: all others stand behind it.
        sqlx::query(
            "select set_config('statement_timeout', '0', false), set_config('lock_timeout', $1, false), \
             set_config('idle_in_transaction_session_timeout', '0', false)",
        )
        .bind(options.lock_timeout.as_millis().to_string())
        .execute(&mut connection)
        .await?;
        // If this program is killed, what it runs is to end, and its lock with it. Not every system can do that.
        drop(sqlx::query("set client_connection_check_interval = '1s'").execute(&mut connection).await);
        Ok(connection)
    };
    in_time(options, set_up).await.map_err(apply::unavailable)
}
