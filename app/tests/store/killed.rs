//! SIGKILL in the middle of a migration: the next run completes, without anybody's help.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use app::migrate::{self, Database};
use sqlx::{Connection, PgConnection};

use crate::home::Home;
use crate::migrations_postgres::until;

const ADDRESS: &str = "STORE_TEST_DATABASE";
const SQL: &str = "STORE_TEST_MIGRATION";

/// Not a test: the program that is killed.
#[tokio::test(flavor = "multi_thread")]
async fn program_that_is_killed() {
    let Ok(address) = std::env::var(ADDRESS) else { return };
    let database = match address.contains("://") {
        true => Database::Postgres(address.into()),
        false => Database::Sqlite(address.into()),
    };
    let mut home = Home::sqlite();
    home.database = database;
    let sql = std::env::var(SQL).unwrap();
    let migrations = home.migrations(&[("gated", &sql)]);
    drop(migrate::run_with(&home.database, &home.options(&migrations), &|_| ()).await);
}

fn start(home: &Home, sql: &str) -> Child {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["--exact", "killed::program_that_is_killed", "--nocapture"]);
    command.env(ADDRESS, home.address()).env(SQL, sql);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn kill(mut program: Child) {
    program.kill().unwrap();
    program.wait().unwrap();
}

/// before the first statement, between two, after the last, each time with a gate that the test keeps shut.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_in_a_transaction_leaves_nothing_and_the_next_completes() {
    for statements_before in 0..4 {
        let home = Home::postgres();
        home.store().await;
        let mut statements: Vec<String> =
            (0..3).map(|number| format!("create table made{number} (n integer)")).collect();
        statements.insert(statements_before, "select pg_advisory_xact_lock(7)".to_owned());
        let sql = statements.join(";\n");
        let mut gate = PgConnection::connect(&home.address()).await.unwrap();
        sqlx::raw_sql("select pg_advisory_lock(7)").execute(&mut gate).await.unwrap();
        let program = start(&home, &sql);
        until(&home, "select count(*) from pg_locks where locktype = 'advisory' and not granted and objid = 7 and database = (select oid from pg_database where datname = current_database())", 1).await;
        kill(program);
        drop(gate);
        let migrations = home.migrations(&[("gated", &sql)]);
        home.migrate(&migrations).await.unwrap();
        assert_eq!(home.number("select count(*) from pg_class where relname like 'made_'").await, 3);
        assert_eq!(home.applied().await, migrations.len() as i64);
    }
}

///
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_while_it_builds_an_index_leaves_it_to_the_next() {
    let home = Home::postgres();
    home.store().await;
    let sql = "-- no-transaction\ncreate index concurrently events_by_kind on events (kind)";
    // The build waits for this transaction.
    let mut gate = PgConnection::connect(&home.address()).await.unwrap();
    sqlx::raw_sql("begin; lock events in row exclusive mode").execute(&mut gate).await.unwrap();
    let program = start(&home, sql);
    until(&home, "select count(*) from pg_class where relname = 'events_by_kind'", 1).await;
    kill(program);
    // The server notices that nobody waits for the index any more, and gives it up.
    let builds = "select count(*) from pg_stat_activity where datname = current_database() \
                  and application_name = 'remote-agent-migrate'";
    until(&home, builds, 0).await;
    drop(gate);
    assert_eq!(home.number("select count(*) from _sqlx_migrations where not success").await, 1);
    assert_eq!(home.number("select count(*) from pg_index where not indisvalid").await, 1);
    let migrations = home.migrations(&[("gated", sql)]);
    home.migrate(&migrations).await.unwrap();
    let valid = "select count(*) from pg_index where indexrelid = 'events_by_kind'::regclass and indisvalid";
    assert_eq!(home.number(valid).await, 1);
    assert_eq!(home.applied().await, migrations.len() as i64);
}

/// The same for SQLite, in a statement that takes minutes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_while_it_migrates_a_file_leaves_nothing_and_the_next_completes() {
    let home = Home::sqlite();
    home.store().await;
    let long = "create table made (n integer); insert into made
        with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 1000000000)
        select n from numbers";
    let program = start(&home, long);
    // It has begun when it has written into the WAL.
    let wal = format!("{}-wal", home.address());
    let begun = Instant::now();
    while std::fs::metadata(&wal).map_or(0, |wal| wal.len()) < 1 << 20 {
        assert!(begun.elapsed() < Duration::from_secs(30), "it never began");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    kill(program);
    let migrations = home.migrations(&[("gated", "create table made (n integer)")]);
    home.migrate(&migrations).await.unwrap();
    assert_eq!(home.number("select count(*) from made").await, 0);
    assert_eq!(
        home.number("select count(*) from pragma_integrity_check where integrity_check = 'ok'").await,
        1
    );
}
