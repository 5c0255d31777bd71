//! Connections: how they are set up, borrowed, and given up.

use std::ops::{Deref, DerefMut};

use secrecy::{ExposeSecret, SecretString};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection, PgPool, Postgres};

use super::PostgresOptions;

/// Reads a URL, with what is the same for every connection.
pub(super) fn options(url: &SecretString) -> sqlx::Result<PgConnectOptions> {
    let options: PgConnectOptions = url.expose_secret().parse()?;
    Ok(options.application_name("remote-agent-server").disable_statement_logging())
}

pub(super) fn pool(connect: PgConnectOptions, options: &PostgresOptions) -> PgPool {
    let limits = Limits::of(options);
    PgPoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(options.acquire_timeout)
        .after_connect(move |connection, _| Box::pin(limits.set(connection)))
        .connect_lazy_with(connect)
}

/// Keeps its connection: where a server runs out of them, a new one may not be had.
pub(super) fn ping_pool(connect: PgConnectOptions, options: &PostgresOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(options.ping_deadline)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(connect)
}

/// What [`ping`] finds.
#[derive(sqlx::FromRow)]
pub(super) struct Found {
    /// Of the newest migration that was begun.
    pub(super) version: Option<i64>,
    /// Whether nothing can be written.
    pub(super) read_only: bool,
}

/// Asks twice: the first connection may have ended with a server that is back by now.
pub(super) async fn ping(pool: &PgPool) -> sqlx::Result<Found> {
    if let Ok(found) = ask(pool).await {
        return Ok(found);
    }
    ask(pool).await
}

async fn ask(pool: &PgPool) -> sqlx::Result<Found> {
    let mut lease = Lease::take(pool).await?;
    let found = sqlx::query_as(
        "select (select version from _sqlx_migrations order by version desc limit 1) as version,
            pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as read_only",
    )
    .fetch_one(&mut *lease)
    .await?;
    lease.give_back();
    Ok(found)
}

/// What the server does for every connection, in milliseconds. Set by a statement and not as parameters of the start,
/// which poolers between us and the server refuse.
#[derive(Clone, Copy)]
struct Limits {
    statement: u128,
    lock: u128,
}

impl Limits {
    fn of(options: &PostgresOptions) -> Self {
        Self { statement: options.statement_timeout.as_millis(), lock: options.lock_timeout.as_millis() }
    }

    async fn set(self, connection: &mut PgConnection) -> sqlx::Result<()> {
        // A transaction of ours is idle only while this program computes what to write next.
        sqlx::query(
            "select set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false), \
             set_config('idle_in_transaction_session_timeout', '10000', false)",
        )
        .bind(self.statement.to_string())
        .bind(self.lock.to_string())
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// A borrowed connection. It goes back only if it is given back: after an error, a deadline or a call that was
/// dropped it is closed, and the server rolls back what was open. (Otherwise the pool would first wait until what runs
/// on it has ended, and for one that hangs that is never.)
pub(super) struct Lease {
    connection: PoolConnection<Postgres>,
    sound: bool,
}

impl Lease {
    pub(super) async fn take(pool: &PgPool) -> sqlx::Result<Self> {
        Ok(Self { connection: pool.acquire().await?, sound: false })
    }

    pub(super) fn give_back(mut self) {
        self.sound = true;
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.sound {
            self.connection.close_on_drop();
        }
    }
}
