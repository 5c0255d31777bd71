//! What new events change, as statements that add up in any order.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::change::{Changes, SessionChange};
use crate::event_store::batch::SessionKinds;
use crate::event_store::columns::{ACTIVITY_TEXTS, COUNTS, LATEST, TIMES, lines};

pub(super) async fn store(
    connection: &mut PgConnection,
    changes: &Changes,
    kinds: &SessionKinds<'_>,
) -> sqlx::Result<()> {
    change_sessions(connection, changes).await?;
    add_kinds(connection, kinds).await?;
    add_activity(connection, changes).await?;
    // Last, as all batches change the same few rows, and hold them until they commit.
    change_workspaces(connection, changes).await
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
    for time in TIMES {
        query = query.bind(sessions.iter().map(|change| time(change)).collect::<Vec<_>>());
    }
    for latest in LATEST {
        let named = || sessions.iter().map(|change| latest(change).as_ref());
        query = query.bind(named().map(|named| named.map(|(at, _)| *at)).collect::<Vec<_>>());
        query = query.bind(named().map(|named| named.map(|(_, name)| name.as_str())).collect::<Vec<_>>());
    }
    for count in COUNTS {
        query = query.bind(sessions.iter().map(|change| count(&change.counts)).collect::<Vec<_>>());
    }
    query.execute(connection).await?;
    Ok(())
}

async fn add_kinds(connection: &mut PgConnection, kinds: &SessionKinds<'_>) -> sqlx::Result<()> {
    if kinds.is_empty() {
        return Ok(());
    }
    let (sessions, kinds): (Vec<&str>, Vec<&str>) = kinds.iter().copied().unzip();
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

async fn add_activity(connection: &mut PgConnection, changes: &Changes) -> sqlx::Result<()> {
    if changes.activity.is_empty() {
        return Ok(());
    }
    let activity = || changes.activity.iter();
    let mut query = sqlx::query(
        "insert into git_activity (id, at, additions, deletions,
            kind, workspace, session_id, device, repository, branch, sha, subject)
        select * from unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::bigint[],
            $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
        on conflict (id) do nothing",
    )
    .bind(activity().map(|activity| activity.id.parse().unwrap_or_default()).collect::<Vec<Uuid>>())
    .bind(activity().map(|activity| activity.at).collect::<Vec<_>>())
    .bind(activity().map(|activity| lines(activity.additions)).collect::<Vec<_>>())
    .bind(activity().map(|activity| lines(activity.deletions)).collect::<Vec<_>>());
    for text in ACTIVITY_TEXTS {
        query = query.bind(activity().map(text).collect::<Vec<_>>());
    }
    query.execute(connection).await?;
    Ok(())
}
