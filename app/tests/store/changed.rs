//! What happens to a database after the start: a ping tells it, and tells what to do.

use app::event_store::StoreError;
use serde_json::json;

use crate::home::{Home, event};

crate::for_both!(
    a_database_that_a_newer_program_migrated_is_told,
    a_database_that_an_older_one_was_restored_over_is_told,
    a_database_whose_tables_are_gone_is_told,
);

async fn a_database_that_a_newer_program_migrated_is_told(home: Home) {
    let store = home.store().await;
    store.ping().await.unwrap();
    let newer = home.migrations(&[("widen", "alter table sessions add column note text")]);
    home.migrate(&newer).await.unwrap();
    let (known, found) = (newer[newer.len() - 2].version, newer[newer.len() - 1].version);
    let error = store.ping().await.unwrap_err();
    assert!(
        matches!(error, StoreError::SchemaNewer { database, program } if (database, program) == (found, known)),
        "{error:?}"
    );
    assert!(error.is_temporary());
    home.execute(&format!("delete from _sqlx_migrations where version = {found}")).await;
    store.ping().await.unwrap();
}

async fn a_database_that_an_older_one_was_restored_over_is_told(home: Home) {
    let store = home.store().await;
    store.ping().await.unwrap();
    home.execute("update _sqlx_migrations set version = version - 100").await;
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::SchemaOlder { .. }), "{error:?}");
    home.execute("update _sqlx_migrations set version = version + 100").await;
    store.ping().await.unwrap();
}

async fn a_database_whose_tables_are_gone_is_told(home: Home) {
    let store = home.store().await;
    store.ping().await.unwrap();
    home.execute("alter table _sqlx_migrations rename to away").await;
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::SchemaMissing), "{error:?}");
    home.execute("alter table away rename to _sqlx_migrations").await;
    store.ping().await.unwrap();
    home.execute("delete from _sqlx_migrations").await;
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::SchemaMissing), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_became_read_only_is_told() {
    let home = Home::postgres();
    home.store().await;
    let alter = async |what: &str| {
        let sql = format!(
            "set transaction_read_only = off; do $$ begin
                execute format('alter database %I {what}', current_database());
            end $$"
        );
        home.execute(&sql).await;
    };
    alter("set default_transaction_read_only = on").await;
    let store = home.open();
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    alter("reset default_transaction_read_only").await;
    let store = home.open();
    store.ping().await.unwrap();
    // Connections that are open do not learn of it; the next write does.
    alter("set default_transaction_read_only = on").await;
    let error = store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    alter("reset default_transaction_read_only").await;
    store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap();
    store.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_room_is_full_until_a_write_succeeds() {
    let home = Home::postgres();
    let store = home.store().await;
    store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap();
    home.execute(
        "create function full_disk() returns trigger language plpgsql as $$ begin
            raise exception using errcode = 'disk_full';
        end $$;
        create trigger full_disk before insert on events for each row
            when (new.kind = 'large') execute function full_disk()",
    )
    .await;
    let error = store.insert(&[event(2, "large", 1, json!({}))]).await.unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    assert!(error.is_temporary());
    assert!(matches!(store.ping().await, Err(StoreError::Full(_))));
    // Reading, and what is there already, needs no room.
    store.insert(&[event(1, "note", 1, json!({}))]).await.unwrap();
    assert!(matches!(store.ping().await, Err(StoreError::Full(_))));
    store.insert(&[event(3, "note", 1, json!({}))]).await.unwrap();
    store.ping().await.unwrap();
}
