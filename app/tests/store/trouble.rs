//! Databases that are away, busy or damaged: an answer within a bound, and the right one of two.

use std::time::{Duration, Instant};

use app::domain::event::Outcome;
use app::event_store::EventStore;
use app::event_store::postgres::{PostgresOptions, PostgresStore};
use app::event_store::sqlite::{SqliteOptions, SqliteStore};
use app::migrate::{self, Database};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use test_servers::postgres::Postgres;

use crate::home::{Home, event, id};

fn impatient() -> PostgresOptions {
    PostgresOptions {
        connections: 3,
        acquire_timeout: Duration::from_secs(1),
        lock_timeout: Duration::from_millis(500),
        ..PostgresOptions::default()
    }
}

fn store(url: &str) -> PostgresStore {
    PostgresStore::connect(&url.into(), &impatient()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_made_while_its_server_is_away_and_works_when_it_comes() {
    let mut server = Postgres::start().unwrap();
    let url = server.fresh_database().unwrap();
    let database = Database::Postgres(url.clone().into());
    migrate::run(&database, |_| ()).await.unwrap();
    server.stop().unwrap();
    let store = store(&url);
    let begun = Instant::now();
    assert!(store.ping().await.unwrap_err().is_temporary());
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert!(store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap_err().is_temporary());
    server.restart().unwrap();
    store.ping().await.unwrap();
    assert_eq!(store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap(), [Outcome::New]);
    // Killed under open connections: the next call may fail, in a way that says that it may pass; the ping does not.
    server.kill();
    assert!(store.ping().await.unwrap_err().is_temporary());
    server.restart().unwrap();
    store.ping().await.unwrap();
    assert_eq!(store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap(), [Outcome::Duplicate]);
}

/// the answer was lost, the event was not.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_a_kill_of_the_server() {
    let mut server = Postgres::start_durable().unwrap();
    let url = server.fresh_database().unwrap();
    migrate::run(&Database::Postgres(url.clone().into()), |_| ()).await.unwrap();
    let store = store(&url);
    let mut stored = 0;
    for round in 0..5_u64 {
        for number in round * 100..round * 100 + 20 {
            let event = event(number, "session.prompt", 1, json!({"sessionId": "s"}));
            assert_eq!(store.insert(&[event]).await.unwrap(), [Outcome::New]);
            stored += 1;
        }
        server.kill();
        server.restart().unwrap();
        let session = store.session("s").await.unwrap().unwrap();
        assert_eq!((session.events, session.prompts), (stored, stored));
    }
}

/// a transaction that holds a lock and does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_ping_is_answered_while_every_connection_waits_for_a_lock() {
    let home = Home::postgres();
    home.store().await;
    let store = std::sync::Arc::new(store(&home.address()));
    let mut blocker = PgConnection::connect(&home.address()).await.unwrap();
    sqlx::raw_sql("begin; lock events in exclusive mode").execute(&mut blocker).await.unwrap();
    let begun = Instant::now();
    let callers: Vec<_> = (0..8_u64)
        .map(|number| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move { store.insert(&[event(number, "note", 1, json!({}))]).await })
        })
        .collect();
    crate::migrations_postgres::until(
        &home,
        "select least(count(*), 3) from pg_locks where not granted and relation = 'events'::regclass",
        3,
    )
    .await;
    let asked = Instant::now();
    store.ping().await.unwrap();
    assert!(asked.elapsed() < Duration::from_millis(800));
    for caller in callers {
        assert!(caller.await.unwrap().unwrap_err().is_temporary());
    }
    assert!(begun.elapsed() < Duration::from_secs(10));
    drop(blocker);
    assert_eq!(store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap(), [Outcome::New]);
}

/// a server that has no connection left.
#[tokio::test(flavor = "multi_thread")]
async fn a_ping_is_answered_where_no_new_connection_can_be_had() {
    let server = Postgres::start().unwrap();
    let url = server.fresh_database().unwrap();
    migrate::run(&Database::Postgres(url.clone().into()), |_| ()).await.unwrap();
    let store = store(&url);
    store.ping().await.unwrap();
    let mut taken = Vec::new();
    while let Ok(connection) = PgConnection::connect(&url).await {
        taken.push(connection);
    }
    let begun = Instant::now();
    assert!(store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap_err().is_temporary());
    assert!(begun.elapsed() < Duration::from_secs(3));
    store.ping().await.unwrap();
    drop(taken);
    let begun = Instant::now();
    while store.insert(&[event(1, "note", 1, json!({}))]).await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_data_is_refused_and_nothing_of_the_batch_is_stored() {
    let home = Home::postgres();
    let store = home.store().await;
    // No such event passes the parser; a row that the database cannot hold is refused for good.
    let mut wrong = event(2, "note", 1, json!({"sessionId": "s"}));
    wrong.device = Some("\0".to_owned());
    let error = store.insert(&[event(1, "note", 1, json!({})), wrong]).await.unwrap_err();
    assert!(!error.is_temporary(), "{error:?}");
    assert!(store.event(id(1)).await.unwrap().is_none());
    assert_eq!(store.session("s").await.unwrap(), None);
    // What somebody can put right is not the fault of the data.
    for (trouble, mended) in [
        ("alter table events rename to away", "alter table away rename to events"),
        (
            "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$",
            "set transaction_read_only = off; do $$ begin execute format('alter database %I reset default_transaction_read_only', current_database()); end $$",
        ),
    ] {
        home.execute(trouble).await;
        let fresh = home.open();
        let error = fresh.insert(&[event(3, "note", 1, json!({}))]).await.unwrap_err();
        assert!(error.is_temporary(), "{error:?}");
        home.execute(mended).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_dropped_gives_its_connection_back_or_up() {
    let home = Home::postgres();
    home.store().await;
    let store = store(&home.address());
    let mut blocker = PgConnection::connect(&home.address()).await.unwrap();
    sqlx::raw_sql("begin; lock events in exclusive mode").execute(&mut blocker).await.unwrap();
    let events = [event(1, "note", 1, json!({}))];
    for _ in 0..6 {
        let insert = store.insert(&events);
        assert!(tokio::time::timeout(Duration::from_millis(50), insert).await.is_err());
    }
    drop(blocker);
    assert_eq!(store.insert(&events).await.unwrap(), [Outcome::New]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_away_or_none_of_sqlite_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let store = SqliteStore::open(&path, &SqliteOptions::default());
    assert!(store.ping().await.unwrap_err().is_temporary());
    assert!(!path.exists());
    std::fs::write(&path, "this is no database, and long enough to look at".repeat(100)).unwrap();
    let error = migrate::run(&Database::Sqlite(path.clone()), |_| ()).await.unwrap_err();
    assert_eq!(error.exit_code(), 4, "{error:?}");
    assert!(store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap_err().is_temporary());
    std::fs::remove_file(&path).unwrap();
    migrate::run(&Database::Sqlite(path), |_| ()).await.unwrap();
    store.ping().await.unwrap();
    assert_eq!(store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap(), [Outcome::New]);
}
