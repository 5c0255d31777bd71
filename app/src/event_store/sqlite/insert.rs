//! Events and what they change, in one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::changes;
use super::connection::write_transaction;
use crate::domain::change::Changes;
use crate::domain::event::{Event, Outcome};
use crate::event_store::batch::{Batch, Digest, session_kinds};

/// So many rows go with one statement: more of them in fewer statements are hardly faster.
const ROWS: usize = 50;

static INSERT_ONE: LazyLock<Arc<str>> = LazyLock::new(|| insert_statement(1));
static INSERT_MANY: LazyLock<Arc<str>> = LazyLock::new(|| insert_statement(ROWS));
static FIND_MANY: LazyLock<Arc<str>> = LazyLock::new(|| {
    let places = vec!["?"; ROWS].join(", ");
    format!("select id, digest from events where id in ({places})").into()
});

fn insert_statement(rows: usize) -> Arc<str> {
    let rows = vec!["(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"; rows].join(", ");
    let columns = "id, at, happened_at, received_at, kind, session_id, workspace, device, data, digest";
    format!("insert into events ({columns}) values {rows}").into()
}

pub(super) async fn insert(writer: &SqlitePool, events: &[Event]) -> sqlx::Result<Vec<Outcome>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let batch = Batch::new(events);
    let mut transaction = write_transaction(writer).await?;
    // Nobody else writes from here on: what is not there now is new.
    let stored = digests(&mut transaction, &batch).await?;
    let fresh: Vec<_> = batch.tried().filter(|(event, _)| !stored.contains_key(&event.id)).collect();
    insert_events(&mut transaction, &fresh).await?;
    let inserted: HashSet<Uuid> = fresh.iter().map(|(event, _)| event.id).collect();
    if !inserted.is_empty() {
        let changes = Changes::of(batch.tried_of(&inserted));
        let kinds = session_kinds(batch.tried_of(&inserted));
        changes::store(&mut transaction, &changes, &kinds).await?;
    }
    transaction.commit().await?;
    Ok(batch.outcomes(&inserted, &stored))
}

/// Takes away an event that belongs to nothing, and so changed nothing but the activity.
pub(super) async fn erase(writer: &SqlitePool, id: Uuid) -> sqlx::Result<bool> {
    let mut transaction = write_transaction(writer).await?;
    let erased = sqlx::query("delete from events where id = $1 and session_id is null and workspace is null")
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    let erased = erased.rows_affected() > 0;
    if erased {
        sqlx::query("delete from git_activity where id = $1").bind(id).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(erased)
}

async fn digests(
    connection: &mut SqliteConnection,
    batch: &Batch<'_>,
) -> sqlx::Result<HashMap<Uuid, Digest>> {
    let ids: Vec<Uuid> = batch.tried().map(|(event, _)| event.id).collect();
    let mut digests = HashMap::new();
    for ids in ids.chunks(ROWS) {
        let mut query = sqlx::query_as(AssertSqlSafe(Arc::clone(&FIND_MANY)));
        // One statement for every number of ids: the last one fills up.
        for id in ids.iter().chain(ids.last().into_iter().cycle()).take(ROWS) {
            query = query.bind(*id);
        }
        let rows: Vec<(Uuid, Vec<u8>)> = query.fetch_all(&mut *connection).await?;
        digests.extend(rows.into_iter().filter_map(|(id, digest)| Some((id, digest.try_into().ok()?))));
    }
    Ok(digests)
}

async fn insert_events(connection: &mut SqliteConnection, events: &[(&Event, &Digest)]) -> sqlx::Result<()> {
    let (many, rest) = events.as_chunks::<ROWS>();
    for events in many {
        let query = sqlx::query(AssertSqlSafe(Arc::clone(&INSERT_MANY)));
        bind(query, events).execute(&mut *connection).await?;
    }
    for event in rest {
        let query = sqlx::query(AssertSqlSafe(Arc::clone(&INSERT_ONE)));
        bind(query, std::slice::from_ref(event)).execute(&mut *connection).await?;
    }
    Ok(())
}

type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

fn bind<'q>(mut query: Statement<'q>, events: &[(&'q Event, &'q Digest)]) -> Statement<'q> {
    for (event, digest) in events {
        query = query
            .bind(event.id)
            .bind(event.at().timestamp_micros())
            .bind(event.timestamp.timestamp_micros())
            .bind(event.received_at.timestamp_micros())
            .bind(event.kind.as_str())
            .bind(event.session_id.as_deref())
            .bind(event.workspace.as_deref())
            .bind(event.device.as_deref())
            .bind(event.data.as_ref().map(|data| data.get()))
            .bind(digest.as_slice());
    }
    query
}
