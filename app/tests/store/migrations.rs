//! Migrations of both databases: once, by one program at a time, never over what they do not know.

use std::sync::{Arc, Mutex};

use app::migrate::{self, MigrateError, Options, Progress};
use serde_json::json;

use crate::home::{Home, event};

crate::for_both!(
    the_second_run_does_nothing,
    of_many_programs_at_once_one_migrates_and_all_succeed,
    a_failed_migration_leaves_the_schema_as_it_was_and_fails_the_same_way_again,
    a_changed_migration_is_refused_and_named,
    a_newer_database_is_refused_and_left_alone,
    a_history_that_does_not_fit_is_refused_and_left_alone,
    tables_without_a_history_are_not_migrated_over,
    verifying_writes_nothing_and_tells_what_is_missing,
    progress_is_told,
    a_migration_without_a_transaction_that_failed_is_run_again,
    data_outlives_a_migration,
);

const SLOW_TABLE: (&str, &str) = ("make a", "create table a (n integer); insert into a values (1);");
const BAD: (&str, &str) = ("break it", "create table b (n integer);\ninsert into nowhere values (1);");

async fn the_second_run_does_nothing(home: Home) {
    let first = migrate::run(&home.database, |_| ()).await.unwrap();
    let second = migrate::run(&home.database, |_| ()).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(first.schema_version, home.database.migrations().last().unwrap().version);
    assert_eq!(migrate::verify(&home.database).await.unwrap(), first);
}

///
async fn of_many_programs_at_once_one_migrates_and_all_succeed(home: Home) {
    let home = Arc::new(home);
    let programs: Vec<_> = (0..6)
        .map(|_| {
            let home = Arc::clone(&home);
            tokio::spawn(async move { home.migrate(&home.migrations(&[SLOW_TABLE])).await.unwrap() })
        })
        .collect();
    let mut applied = Vec::new();
    for program in programs {
        applied.push(program.await.unwrap());
    }
    applied.dedup();
    assert_eq!(applied.len(), 1);
    assert_eq!(home.number("select cast(count(*) as bigint) from a").await, 1);
}

///
async fn a_failed_migration_leaves_the_schema_as_it_was_and_fails_the_same_way_again(home: Home) {
    home.store().await;
    let before = home.applied().await;
    let migrations = home.migrations(&[SLOW_TABLE, BAD]);
    for _ in 0..2 {
        let error = home.migrate(&migrations).await.unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(error.to_string().contains("_break_it.sql) failed"), "{error}");
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("nowhere"), "{cause}");
        assert!(!error.is_temporary());
        assert_eq!(home.applied().await, before + 1);
    }
    // Nothing of it is left: corrected, it makes its table.
    let corrected = [SLOW_TABLE, ("break it", "create table b (n integer)")];
    home.migrate(&home.migrations(&corrected)).await.unwrap();
}

///
async fn a_changed_migration_is_refused_and_named(home: Home) {
    home.migrate(&home.migrations(&[SLOW_TABLE])).await.unwrap();
    let changed = ("make a", "create table a (n bigint)");
    refused(&home, &[changed], 4, "_make_a.sql) was changed after it was applied").await;
    refused(&home, &[changed, BAD], 4, "_make_a.sql) was changed after it was applied").await;
}

///
async fn a_newer_database_is_refused_and_left_alone(home: Home) {
    let applied = home.migrate(&home.migrations(&[SLOW_TABLE])).await.unwrap();
    let (newer, known) = (applied.schema_version, applied.schema_version - 1);
    refused(&home, &[], 3, &format!("database is newer ({newer} > {known})")).await;
    // Also where the one that this program has is another one.
    home.execute(&format!("update _sqlx_migrations set version = {} where version = {newer}", newer + 5))
        .await;
    refused(&home, &[BAD], 3, "database is newer").await;
}

///
async fn a_history_that_does_not_fit_is_refused_and_left_alone(home: Home) {
    let more = [SLOW_TABLE, ("make b", "create table b (n integer)")];
    let latest = home.migrate(&home.migrations(&more)).await.unwrap().schema_version;
    let delete = |version: i64| format!("delete from _sqlx_migrations where version = {version}");
    home.execute(&format!("create table kept as select * from _sqlx_migrations; {}", delete(latest))).await;
    refused(&home, &more, 4, &format!("latest version is {}, but the schema has", latest - 1)).await;
    home.execute(&format!(
        "delete from _sqlx_migrations; insert into _sqlx_migrations select * from kept; {}",
        delete(latest - 1)
    ))
    .await;
    refused(&home, &more, 4, &format!("no row of version {}", latest - 1)).await;
    home.execute("delete from _sqlx_migrations").await;
    refused(&home, &more, 4, "but no history of migrations").await;
    home.execute("alter table _sqlx_migrations rename to other").await;
    refused(&home, &more, 4, "but no history of migrations").await;
    home.execute("create table _sqlx_migrations (n integer)").await;
    refused(&home, &more, 4, "_sqlx_migrations does not fit").await;
}

async fn tables_without_a_history_are_not_migrated_over(home: Home) {
    if !home.is_postgres() {
        std::fs::File::create(home.address()).unwrap();
    }
    home.execute("create table customers (n integer)").await;
    refused(&home, &[], 4, "has tables (customers) but no history").await;
}

/// Runs and looks, both in vain; PostgreSQL is told to refuse every write meanwhile, the file of SQLite stays as it was.
async fn refused(home: &Home, more: &[(&'static str, &str)], code: u8, text: &str) {
    let writable = |writable: bool| {
        let read_only = if writable { "off" } else { "on" };
        format!(
            "do $$ begin execute format('alter database %I set default_transaction_read_only = {read_only}', \
             current_database()); end $$"
        )
    };
    let before = home.file();
    if home.is_postgres() {
        home.execute(&writable(false)).await;
    }
    let migrations = home.migrations(more);
    let run = home.migrate(&migrations).await.unwrap_err();
    let verify = migrate::verify_with(&home.database, &home.options(&migrations)).await.unwrap_err();
    for error in [run, verify] {
        assert_eq!(error.exit_code(), code, "{error:?}");
        assert!(error.to_string().contains(text), "{error}");
        assert!(!error.is_temporary());
    }
    if home.is_postgres() {
        home.execute(&format!("set transaction_read_only = off; {}", writable(true))).await;
    }
    assert!(home.file() == before);
}

async fn verifying_writes_nothing_and_tells_what_is_missing(home: Home) {
    let error = migrate::verify(&home.database).await.unwrap_err();
    assert!(matches!(error, MigrateError::SchemaOlder { database: 0, program: 1.. }), "{error}");
    if !home.is_postgres() {
        assert!(!std::path::Path::new(&home.address()).exists());
    }
    let applied = migrate::run(&home.database, |_| ()).await.unwrap();
    let migrations = home.migrations(&[SLOW_TABLE]);
    let error = migrate::verify_with(&home.database, &home.options(&migrations)).await.unwrap_err();
    let expected = format!("database is older ({} < {})", applied.schema_version, applied.schema_version + 1);
    assert!(error.to_string().contains(&expected), "{error}");
    assert_eq!(error.exit_code(), 4);
}

async fn progress_is_told(home: Home) {
    let migrations = home.migrations(&[SLOW_TABLE, ("make b", "create table b (n integer)")]);
    let told = Mutex::new(Vec::new());
    let tell = |progress: Progress| told.lock().unwrap().push(progress);
    let options: Options<'_> = home.options(&migrations);
    migrate::run_with(&home.database, &options, &tell).await.unwrap();
    let mut told = told.into_inner().unwrap();
    told.dedup();
    let total = migrations.len();
    let expected: Vec<Progress> = (0..=total).map(|done| Progress { done, total }).collect();
    assert_eq!(told, expected);
}

async fn a_migration_without_a_transaction_that_failed_is_run_again(home: Home) {
    home.store().await;
    let failing = [("fill a", "-- no-transaction\n-- Why.\ninsert into a values (2);"), SLOW_TABLE];
    let error = home.migrate(&home.migrations(&failing)).await.unwrap_err();
    assert_eq!(error.exit_code(), 5);
    // Marked as begun; looking says that it is missing, and another program does not skip it.
    let verify = migrate::verify_with(&home.database, &home.options(&home.migrations(&failing))).await;
    assert_eq!(verify.unwrap_err().exit_code(), 4);
    home.execute("create table a (n integer)").await;
    home.migrate(&home.migrations(&failing[..1])).await.unwrap();
    assert_eq!(home.number("select cast(count(*) as bigint) from a").await, 1);
}

async fn data_outlives_a_migration(home: Home) {
    let store = home.store().await;
    store.insert(&[event(1, "note", 1, json!({"sessionId": "s"}))]).await.unwrap();
    // The old program still runs while the new one migrates.
    home.migrate(&home.migrations(&[("widen", "alter table sessions add column note text")])).await.unwrap();
    store.insert(&[event(2, "note", 1, json!({"sessionId": "s"}))]).await.unwrap();
    assert_eq!(store.session("s").await.unwrap().unwrap().events, 2);
}
