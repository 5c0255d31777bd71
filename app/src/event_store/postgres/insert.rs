//! Events and what they change, in one transaction.
//!
//! Every statement takes its rows in one order (events by id, sessions and workspaces by name), and the statements
//! follow each other in one order: transactions wait for each other, but never in a circle.

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::{Connection, PgConnection, PgPool};
use uuid::Uuid;

use super::connection::Lease;
use crate::domain::change::{Changes, Counts, Latest, SessionChange};
use crate::domain::event::{Event, Outcome};
use crate::event_store::batch::{Batch, Digest};

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
        change_sessions(&mut transaction, &changes).await?;
        add_kinds(&mut transaction, batch.tried_of(&inserted)).await?;
        change_workspaces(&mut transaction, &changes).await?;
        add_activity(&mut transaction, &changes).await?;
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

/// Sums stop short of the largest number: no event, however odd, must make the next ones fail.
const CHANGE_SESSIONS: &str = "
    insert into sessions as s (
        id, first_at, last_at, first_start, last_start, last_end,
        workspace_at, workspace, device_at, device, model_at, model,
        events, prompts, tool_uses, commits,
        input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_nanos
    )
    select * from unnest(
        $1::text[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
        $7::timestamptz[], $8::text[], $9::timestamptz[], $10::text[], $11::timestamptz[], $12::text[],
        $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[],
        $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[]
    )
    on conflict (id) do update set
        first_at = least(s.first_at, excluded.first_at),
        last_at = greatest(s.last_at, excluded.last_at),
        first_start = least(s.first_start, excluded.first_start),
        last_start = greatest(s.last_start, excluded.last_start),
        last_end = greatest(s.last_end, excluded.last_end),
        workspace = case when s.workspace_at is null or (excluded.workspace_at, excluded.workspace) > (s.workspace_at, s.workspace)
            then excluded.workspace else s.workspace end,
        workspace_at = greatest(s.workspace_at, excluded.workspace_at),
        device = case when s.device_at is null or (excluded.device_at, excluded.device) > (s.device_at, s.device)
            then excluded.device else s.device end,
        device_at = greatest(s.device_at, excluded.device_at),
        model = case when s.model_at is null or (excluded.model_at, excluded.model) > (s.model_at, s.model)
            then excluded.model else s.model end,
        model_at = greatest(s.model_at, excluded.model_at),
        events = s.events + excluded.events,
        prompts = s.prompts + excluded.prompts,
        tool_uses = s.tool_uses + excluded.tool_uses,
        commits = s.commits + excluded.commits,
        input_tokens = least(s.input_tokens, 4000000000000000000) + excluded.input_tokens,
        output_tokens = least(s.output_tokens, 4000000000000000000) + excluded.output_tokens,
        cache_read_tokens = least(s.cache_read_tokens, 4000000000000000000) + excluded.cache_read_tokens,
        cache_write_tokens = least(s.cache_write_tokens, 4000000000000000000) + excluded.cache_write_tokens,
        cost_nanos = least(s.cost_nanos, 4000000000000000000) + excluded.cost_nanos";

async fn change_sessions(connection: &mut PgConnection, changes: &Changes) -> sqlx::Result<()> {
    if changes.sessions.is_empty() {
        return Ok(());
    }
    let sessions: Vec<&SessionChange> = changes.sessions.values().collect();
    let mut query =
        sqlx::query(CHANGE_SESSIONS).bind(changes.sessions.keys().map(String::as_str).collect::<Vec<_>>());
    query = query.bind(sessions.iter().map(|change| change.first_at).collect::<Vec<_>>());
    query = query.bind(sessions.iter().map(|change| change.last_at).collect::<Vec<_>>());
    let times: [fn(&SessionChange) -> Option<_>; 3] =
        [|change| change.first_start, |change| change.last_start, |change| change.last_end];
    for time in times {
        query = query.bind(sessions.iter().map(|change| time(change)).collect::<Vec<_>>());
    }
    let names: [fn(&SessionChange) -> &Latest; 3] =
        [|change| &change.workspace, |change| &change.device, |change| &change.model];
    for name in names {
        query = query.bind(
            sessions.iter().map(|change| name(change).as_ref().map(|(at, _)| *at)).collect::<Vec<_>>(),
        );
        query = query.bind(
            sessions
                .iter()
                .map(|change| name(change).as_ref().map(|(_, name)| name.as_str()))
                .collect::<Vec<_>>(),
        );
    }
    for count in COUNTS {
        query = query.bind(sessions.iter().map(|change| count(&change.counts)).collect::<Vec<_>>());
    }
    query.execute(connection).await?;
    Ok(())
}

/// In the order of the statement.
const COUNTS: [fn(&Counts) -> i64; 9] = [
    |counts| counts.events,
    |counts| counts.prompts,
    |counts| counts.tool_uses,
    |counts| counts.commits,
    |counts| counts.input_tokens,
    |counts| counts.output_tokens,
    |counts| counts.cache_read_tokens,
    |counts| counts.cache_write_tokens,
    |counts| counts.cost_nanos,
];

async fn add_kinds<'a>(
    connection: &mut PgConnection,
    events: impl Iterator<Item = &'a Event>,
) -> sqlx::Result<()> {
    let kinds: BTreeSet<(&str, &str)> =
        events.filter_map(|event| Some((event.session_id.as_deref()?, event.kind.as_str()))).collect();
    if kinds.is_empty() {
        return Ok(());
    }
    let (sessions, kinds): (Vec<&str>, Vec<&str>) = kinds.into_iter().unzip();
    sqlx::query(
        "insert into session_kinds (session_id, kind) select * from unnest($1::text[], $2::text[])
        on conflict do nothing",
    )
    .bind(sessions)
    .bind(kinds)
    .execute(connection)
    .await?;
    Ok(())
}

async fn change_workspaces(connection: &mut PgConnection, changes: &Changes) -> sqlx::Result<()> {
    if changes.workspaces.is_empty() {
        return Ok(());
    }
    let changed = || changes.workspaces.values();
    sqlx::query(
        "insert into workspaces as w (name, events, first_at, last_at)
        select * from unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::timestamptz[])
        on conflict (name) do update set
            events = w.events + excluded.events,
            first_at = least(w.first_at, excluded.first_at),
            last_at = greatest(w.last_at, excluded.last_at)",
    )
    .bind(changes.workspaces.keys().map(String::as_str).collect::<Vec<_>>())
    .bind(changed().map(|change| change.events).collect::<Vec<_>>())
    .bind(changed().map(|change| change.first_at).collect::<Vec<_>>())
    .bind(changed().map(|change| change.last_at).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}
