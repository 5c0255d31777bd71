//! Events and what they change, in one transaction.
//!
//! Every statement takes its rows in one order (events by id, sessions and workspaces by name), and the statements
//! follow each other in one order: transactions wait for each other, but never in a circle.

use std::collections::{HashMap, HashSet};

use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::changes;
use super::connection::Lease;
use crate::domain::change::Changes;
use crate::domain::event::{Event, Outcome};
use crate::event_store::batch::{Batch, Digest, session_kinds};

pub(super) async fn insert(pool: &PgPool, events: &[Event]) -> sqlx::Result<Vec<Outcome>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let batch = Batch::new(events);
    let mut lease = Lease::take(pool).await?;
    let mut transaction = lease.begin().await?;
    let inserted = insert_events(&mut transaction, &batch).await?;
    let stored = match inserted.len() < events.len() {
        true => digests(&mut transaction, &batch, &inserted).await?,
        false => HashMap::new(),
    };
    if !inserted.is_empty() {
        let changes = Changes::of(batch.tried_of(&inserted));
        let kinds = session_kinds(batch.tried_of(&inserted));
        changes::store(&mut transaction, &changes, &kinds).await?;
    }
    transaction.commit().await?;
    lease.give_back();
    Ok(batch.outcomes(&inserted, &stored))
}

/// Takes away an event that belongs to nothing, and so changed nothing but the activity.
pub(super) async fn erase(pool: &PgPool, id: Uuid) -> sqlx::Result<bool> {
    let mut lease = Lease::take(pool).await?;
    let erased = sqlx::query(
        "with erased as (
            delete from events where id = $1 and session_id is null and workspace is null returning id
        ), activity as (
            delete from git_activity where id in (select id from erased)
        )
        select id from erased",
    )
    .bind(id)
    .fetch_optional(&mut *lease)
    .await?;
    lease.give_back();
    Ok(erased.is_some())
}

async fn insert_events(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<HashSet<Uuid>> {
    let tried = || batch.tried().map(|(event, _)| event);
    let inserted: Vec<Uuid> = sqlx::query_scalar(
        "insert into events (id, at, happened_at, received_at, kind, session_id, workspace, device, data, digest)
        select * from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::text[],
            $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[])
        on conflict (id) do nothing
        returning id",
    )
    .bind(tried().map(|event| event.id).collect::<Vec<_>>())
    .bind(tried().map(Event::at).collect::<Vec<_>>())
    .bind(tried().map(|event| event.timestamp).collect::<Vec<_>>())
    .bind(tried().map(|event| event.received_at).collect::<Vec<_>>())
    .bind(tried().map(|event| event.kind.as_str()).collect::<Vec<_>>())
    .bind(tried().map(|event| event.session_id.as_deref()).collect::<Vec<_>>())
    .bind(tried().map(|event| event.workspace.as_deref()).collect::<Vec<_>>())
    .bind(tried().map(|event| event.device.as_deref()).collect::<Vec<_>>())
    .bind(tried().map(|event| event.data.as_ref().map(|data| data.get())).collect::<Vec<_>>())
    .bind(batch.tried().map(|(_, digest)| digest.as_slice()).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    Ok(inserted.into_iter().collect())
}

/// Of those that were there already: also of one that another transaction committed while this one waited for it.
async fn digests(
    connection: &mut PgConnection,
    batch: &Batch<'_>,
    inserted: &HashSet<Uuid>,
) -> sqlx::Result<HashMap<Uuid, Digest>> {
    let others: Vec<Uuid> =
        batch.tried().map(|(event, _)| event.id).filter(|id| !inserted.contains(id)).collect();
    if others.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query_as("select id, digest from events where id = any($1)")
        .bind(others)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().filter_map(|(id, digest)| Some((id, digest.try_into().ok()?))).collect())
}
