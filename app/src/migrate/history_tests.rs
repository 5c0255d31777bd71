use sqlx::migrate::MigrationType;
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::*;

fn migrations(latest: i64) -> Vec<Migration> {
    let migration = |version| {
        let sql = AssertSqlSafe(format!("select {version}")).into_sql_str();
        Migration::new(version, "do this".into(), MigrationType::Simple, sql, false)
    };
    (1..=latest).map(migration).collect()
}

fn found(latest: i64) -> Found {
    let row = |migration: Migration| Row {
        version: migration.version,
        success: true,
        checksum: migration.checksum.to_vec(),
    };
    Found {
        history: migrations(latest).into_iter().map(row).collect(),
        tables: vec!["meta".to_owned()],
        recorded: Some(latest),
    }
}

fn refusal(found: &Found, latest: i64) -> (u8, String) {
    let error = found.plan(&migrations(latest)).unwrap_err();
    (error.exit_code(), error.to_string())
}

#[test]
fn what_is_missing_at_the_end_is_to_be_done() {
    let migrations = migrations(3);
    let plan = found(1);
    let plan = plan.plan(&migrations).unwrap();
    assert_eq!(plan.progress(), Progress { done: 1, total: 3 });
    assert_eq!(plan.pending[0].version, 2);
    assert_eq!(Found::default().plan(&migrations).unwrap().pending.len(), 3);
    assert!(found(3).plan(&migrations).unwrap().pending.is_empty());
}

#[test]
fn a_newer_schema_is_told_before_anything_else() {
    let mut newer = found(4);
    newer.history.remove(0);
    newer.history[0].checksum.clear();
    let (code, text) = refusal(&newer, 3);
    assert_eq!(code, 3);
    assert!(text.contains("database is newer (4 > 3)"), "{text}");
    // Only the record is left.
    let (code, _) = refusal(&Found { history: found(3).history, ..found(4) }, 3);
    assert_eq!(code, 3);
}

#[test]
fn a_history_that_does_not_fit_is_refused() {
    let mut gap = found(3);
    gap.history.remove(1);
    let mut tail = found(3);
    tail.history.pop();
    let mut unknown = found(3);
    unknown.history[0].version = 0;
    let mut changed = found(3);
    changed.history[1].checksum[0] ^= 1;
    let mut unfinished = found(3);
    unfinished.history[1].success = false;
    for (found, expected) in [
        (gap, "no row of version 2"),
        (tail, "latest version is 2, but the schema has version 3"),
        (unknown, "a version 0 that this program does not know"),
        (changed, "migration 2 (0002_do_this.sql) was changed"),
        (unfinished, "no row of version 2"),
        (Found { history: Vec::new(), recorded: None, ..found(3) }, "tables (meta) but no history"),
    ] {
        let (code, text) = refusal(&found, 3);
        assert_eq!(code, 4, "{text}");
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn one_that_was_begun_without_a_transaction_is_the_next_one() {
    let mut begun = found(2);
    begun.history.push(Row { version: 3, success: false, checksum: Vec::new() });
    let migrations = migrations(4);
    let plan = begun.plan(&migrations).unwrap();
    assert!(plan.begun);
    assert_eq!(plan.pending[0].version, 3);
}
