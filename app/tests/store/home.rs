//! A database of its own for a test, and what is put into it.

use std::sync::{Arc, Mutex, Weak};

use app::domain::event::{Event, Outcome};
use app::event_store::EventStore;
use app::event_store::postgres::{PostgresOptions, PostgresStore};
use app::event_store::sqlite::{SqliteOptions, SqliteStore};
use app::migrate::{self, Applied, Database, MigrateError, Options};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use sqlx::migrate::{Migration, MigrationType};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqlSafeStr, SqliteConnection};
use tempfile::TempDir;
use test_servers::postgres::Postgres;

/// One server for all tests that run at the same time; it ends with the last of them.
fn shared() -> Arc<Postgres> {
    static SERVER: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
    let mut server = SERVER.lock().unwrap();
    server.upgrade().unwrap_or_else(|| {
        let started = Arc::new(Postgres::start().unwrap());
        *server = Arc::downgrade(&started);
        started
    })
}

/// Where a test's database lives.
pub(crate) struct Home {
    pub(crate) database: Database,
    server: Option<Arc<Postgres>>,
    folder: Option<TempDir>,
}

impl Home {
    pub(crate) fn postgres() -> Self {
        Self::on(shared())
    }

    /// On a server of its own that waits for the disk, as in production.
    pub(crate) fn postgres_durable() -> Self {
        Self::on(Arc::new(Postgres::start_durable().unwrap()))
    }

    fn on(server: Arc<Postgres>) -> Self {
        let database = Database::Postgres(server.fresh_database().unwrap().into());
        Self { database, server: Some(server), folder: None }
    }

    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("app.db"));
        Self { database, server: None, folder: Some(folder) }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.server.is_some()
    }

    /// The URL, or the path.
    pub(crate) fn address(&self) -> String {
        match &self.database {
            Database::Postgres(url) => secrecy::ExposeSecret::expose_secret(url).to_owned(),
            Database::Sqlite(path) => path.to_str().unwrap().to_owned(),
        }
    }

    /// The file of SQLite as it is on the disk.
    pub(crate) fn file(&self) -> Option<Vec<u8>> {
        self.folder.as_ref().map(|folder| std::fs::read(folder.path().join("app.db")).unwrap())
    }

    /// A store with its own connections; the database must have been migrated.
    pub(crate) fn open(&self) -> Arc<dyn EventStore> {
        match &self.database {
            Database::Postgres(url) => {
                Arc::new(PostgresStore::connect(url, &PostgresOptions::default()).unwrap())
            }
            Database::Sqlite(path) => Arc::new(SqliteStore::open(path, &SqliteOptions::default())),
        }
    }

    /// Migrates, and opens a store.
    pub(crate) async fn store(&self) -> Arc<dyn EventStore> {
        migrate::run(&self.database, |_| ()).await.unwrap();
        self.open()
    }

    /// This program's migrations and then these: each a name and its SQL.
    pub(crate) fn migrations(&self, more: &[(&'static str, &str)]) -> Vec<Migration> {
        let mut migrations = self.database.migrations().to_vec();
        for (name, sql) in more {
            let version = migrations.last().unwrap().version + 1;
            let no_transaction = sql.starts_with("-- no-transaction");
            let sql = AssertSqlSafe((*sql).to_owned()).into_sql_str();
            migrations.push(Migration::new(
                version,
                (*name).into(),
                MigrationType::Simple,
                sql,
                no_transaction,
            ));
        }
        migrations
    }

    pub(crate) fn options<'a>(&self, migrations: &'a [Migration]) -> Options<'a> {
        Options { migrations, ..Options::of(&self.database) }
    }

    pub(crate) async fn migrate(&self, migrations: &[Migration]) -> Result<Applied, MigrateError> {
        migrate::run_with(&self.database, &self.options(migrations), &|_| ()).await
    }

    /// Runs SQL, apart from what is tested.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.is_postgres() {
            let mut connection = PgConnection::connect(&self.address()).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        } else {
            let mut connection = SqliteConnection::connect(&self.address()).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }

    /// The first number that SQL selects.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.is_postgres() {
            let mut connection = PgConnection::connect(&self.address()).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        } else {
            let mut connection = SqliteConnection::connect(&self.address()).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        }
    }

    /// The versions that were applied.
    pub(crate) async fn applied(&self) -> i64 {
        self.number("select cast(count(*) as bigint) from _sqlx_migrations where success").await
    }
}

/// When all events of tests are received.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-01-30T12:00:00Z".parse().unwrap()
}

/// So many seconds after an hour before noon.
pub(crate) fn second(second: i64) -> DateTime<Utc> {
    noon() + Duration::seconds(second - 3600)
}

/// An event with this number as its id, at this second, with these fields beside.
pub(crate) fn event(number: u64, kind: &str, at: i64, fields: Value) -> Event {
    let mut sent = json!({"id": id(number).to_string(), "type": kind, "timestamp": second(at)});
    sent.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    Event::parse(&sent.to_string(), noon()).unwrap()
}

pub(crate) fn id(number: u64) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0123_4567_0000_4000_8000_0000_0000_0000 + u128::from(number))
}

/// How many are new.
pub(crate) fn new(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| **outcome == Outcome::New).count()
}
