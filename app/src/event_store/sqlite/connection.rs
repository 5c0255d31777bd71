//! Connections: how they are set up, and how one begins to write.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::SqliteOptions;

pub(super) fn pool(path: &Path, options: &SqliteOptions, connections: u32) -> SqlitePool {
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(options.busy_timeout)
        // What a burst made of the WAL is given back to the disk.
        .pragma("journal_size_limit", "67108864")
        .disable_statement_logging();
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .max_lifetime(None)
        .after_release(|connection, _| Box::pin(is_clean(connection)))
        .connect_lazy_with(connect)
}

/// Whether a connection may be used again. SQLite ends a transaction by itself when the disk is full, the library then
/// counts on a transaction that is not there, and nothing could ever be written again.
async fn is_clean(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    // Behind the rollback that a dropped transaction left.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Takes the lock at once: a transaction that reads first and writes later may find that another program wrote
/// in between, and can only fail.
pub(super) async fn write_transaction(writer: &SqlitePool) -> sqlx::Result<Transaction<'static, Sqlite>> {
    writer.begin_with("begin immediate").await
}
