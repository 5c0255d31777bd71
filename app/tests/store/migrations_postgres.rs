//! What only PostgreSQL has: locks, timeouts, indices that are built concurrently.

use std::time::{Duration, Instant};

use app::migrate::{self, Database, MigrateError, Options};
use sqlx::{Connection, PgConnection};

use crate::home::Home;

/// "remagent", as the runner locks it.
const LOCK: i64 = 0x7265_6d61_6765_6e74;
const INDEX: (&str, &str) =
    ("index kinds", "-- no-transaction\n-- Why.\ncreate index concurrently events_by_kind on events (kind);");

async fn session(home: &Home) -> PgConnection {
    PgConnection::connect(&home.address()).await.unwrap()
}

async fn execute(connection: &mut PgConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap();
}

async fn locks(home: &Home) -> i64 {
    home.number(
        "select count(*) from pg_locks where locktype = 'advisory' \
         and database = (select oid from pg_database where datname = current_database())",
    )
    .await
}

/// Waits until `sql` selects this number.
pub(crate) async fn until(home: &Home, sql: &str, expected: i64) {
    let started = Instant::now();
    while home.number(sql).await != expected {
        assert!(started.elapsed() < Duration::from_secs(20), "{sql} never was {expected}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

///
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_migration_leaves_no_lock_and_the_second_program_fails_within_15_seconds() {
    let home = Home::postgres();
    let migrations = home.migrations(&[("break it", "select 1; select 1/0;")]);
    for _ in 0..2 {
        let begun = Instant::now();
        let error = home.migrate(&migrations).await.unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(begun.elapsed() < Duration::from_secs(15));
        assert_eq!(locks(&home).await, 0);
    }
    assert_eq!(home.applied().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_whose_holder_does_nothing_is_not_waited_for_without_end() {
    let home = Home::postgres();
    let mut holder = session(&home).await;
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut holder).await.unwrap();
    let options = Options { patience: Duration::from_secs(1), ..Options::of(&home.database) };
    let error = migrate::run_with(&home.database, &options, &|_| ()).await.unwrap_err();
    assert!(matches!(error, MigrateError::Locked { .. }), "{error}");
    assert_eq!(error.exit_code(), 75);
    drop(holder);
    migrate::run(&home.database, |_| ()).await.unwrap();
}

/// A-23, with a migration that takes longer than a program waits for one that does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_waits_while_another_one_migrates_and_then_only_looks() {
    let home = Home::postgres();
    let migrations = home.migrations(&[("sleep", "select pg_sleep(2); create table slept (n integer)")]);
    let options = Options { patience: Duration::from_millis(500), ..home.options(&migrations) };
    let tell = |_| ();
    let (first, second) = tokio::join!(
        migrate::run_with(&home.database, &options, &tell),
        migrate::run_with(&home.database, &options, &tell)
    );
    assert_eq!(first.unwrap(), second.unwrap());
}

///
#[tokio::test(flavor = "multi_thread")]
async fn a_long_migration_is_not_ended_by_a_timeout_of_the_server() {
    let home = Home::postgres();
    home.execute(
        "do $$ begin
            execute format('alter database %I set statement_timeout = 300', current_database());
            execute format('alter database %I set idle_in_transaction_session_timeout = 300', current_database());
        end $$",
    )
    .await;
    let told = std::sync::Mutex::new(Vec::new());
    let tell = |progress: migrate::Progress| told.lock().unwrap().push(progress.done);
    let migrations = home.migrations(&[("sleep", "select pg_sleep(1.5)")]);
    migrate::run_with(&home.database, &home.options(&migrations), &tell).await.unwrap();
    assert_eq!(told.lock().unwrap().last(), Some(&migrations.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_gets_no_lock_holds_nobody_up_and_is_run_later() {
    let home = Home::postgres();
    home.store().await;
    let mut reader = session(&home).await;
    execute(&mut reader, "begin; select * from events").await;
    let migrations = home.migrations(&[("widen", "alter table events add column note text")]);
    let options = Options { lock_timeout: Duration::from_millis(200), ..home.options(&migrations) };
    let error = migrate::run_with(&home.database, &options, &|_| ()).await.unwrap_err();
    assert!(matches!(error, MigrateError::Blocked { .. }), "{error:?}");
    assert_eq!(error.exit_code(), 75);
    assert_eq!(locks(&home).await, 0);
    drop(reader);
    home.migrate(&migrations).await.unwrap();
}

/// A-29 and P20: an index that a build left invalid is dropped and built again.
#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_was_left_invalid_is_built_again() {
    let valid =
        "select count(*) from pg_index where indexrelid = to_regclass('events_by_kind') and indisvalid";
    for if_not_exists in [false, true] {
        let home = Home::postgres();
        home.store().await;
        // Somebody's transaction keeps the build from its end; it is cancelled then.
        let mut other = session(&home).await;
        execute(
            &mut other,
            "begin; insert into dropped_blobs values ('x', now()); lock events in row exclusive mode",
        )
        .await;
        let mut build = session(&home).await;
        let interrupted =
            "set statement_timeout = 500; create index concurrently events_by_kind on events (kind)";
        let (timeout, statement) = interrupted.split_once("; ").unwrap();
        execute(&mut build, timeout).await;
        assert!(sqlx::raw_sql(statement).execute(&mut build).await.is_err());
        drop(other);
        assert_eq!(home.number("select count(*) from pg_class where relname = 'events_by_kind'").await, 1);
        assert_eq!(home.number(valid).await, 0);
        let sql = INDEX.1.replace("concurrently", "concurrently if not exists");
        let sql = if if_not_exists { sql.as_str() } else { INDEX.1 };
        home.migrate(&home.migrations(&[("index kinds", sql)])).await.unwrap();
        assert_eq!(home.number(valid).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_that_name_by_somebody_else_is_not_taken_for_ours() {
    let home = Home::postgres();
    home.store().await;
    home.execute("create index events_by_kind on events (device)").await;
    for _ in 0..2 {
        let error = home.migrate(&home.migrations(&[INDEX])).await.unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("there already"));
    }
    home.execute("drop index events_by_kind").await;
    home.migrate(&home.migrations(&[INDEX])).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_worth_waiting_for() {
    let port = test_servers::process::free_port().unwrap();
    let database = Database::Postgres(format!("postgres://postgres@127.0.0.1:{port}/none").into());
    let error = migrate::run(&database, |_| ()).await.unwrap_err();
    assert!(error.is_temporary(), "{error:?}");
    assert_eq!(error.exit_code(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_another_encoding_is_refused() {
    let home = Home::postgres();
    home.execute("create database latin encoding 'LATIN1' locale 'C' template template0").await;
    let (server, _) = home.address().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let database = Database::Postgres(format!("{server}/latin").into());
    let error = migrate::run(&database, |_| ()).await.unwrap_err();
    home.execute("drop database latin").await;
    assert!(error.to_string().contains("encoding is LATIN1"), "{error}");
    assert_eq!(error.exit_code(), 4);
}
