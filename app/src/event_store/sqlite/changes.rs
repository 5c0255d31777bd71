//! What new events change, as statements that add up in any order.

use sqlx::SqliteConnection;

use crate::domain::change::{Changes, SessionChange};
use crate::event_store::batch::SessionKinds;
use crate::event_store::columns::{ACTIVITY_TEXTS, COUNTS, LATEST, TIMES, lines};

pub(super) async fn store(
    connection: &mut SqliteConnection,
    changes: &Changes,
    kinds: &SessionKinds<'_>,
) -> sqlx::Result<()> {
    for (id, change) in &changes.sessions {
        change_session(connection, id, change).await?;
    }
    for (session, kind) in kinds {
        sqlx::query("insert into session_kinds (session_id, kind) values ($1, $2) on conflict do nothing")
            .bind(*session)
            .bind(*kind)
            .execute(&mut *connection)
            .await?;
    }
    add_activity(connection, changes).await?;
    change_workspaces(connection, changes).await
}

/// Sums stop short of the largest number: no event, however odd, must make the next ones fail. `min` and `max` of
/// SQLite are null where one of theirs is.
const CHANGE_SESSION: &str = "
    insert into sessions as s (
        id, first_at, last_at, first_start, last_start, last_end,
        workspace_at, workspace, device_at, device, model_at, model,
        events, prompts, tool_uses, commits,
        input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_nanos
    )
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (id) do update set
        first_at = min(s.first_at, excluded.first_at),
        last_at = max(s.last_at, excluded.last_at),
        first_start = coalesce(min(s.first_start, excluded.first_start), s.first_start, excluded.first_start),
        last_start = coalesce(max(s.last_start, excluded.last_start), s.last_start, excluded.last_start),
        last_end = coalesce(max(s.last_end, excluded.last_end), s.last_end, excluded.last_end),
        workspace = case when s.workspace_at is null or (excluded.workspace_at, excluded.workspace) > (s.workspace_at, s.workspace)
            then excluded.workspace else s.workspace end,
        workspace_at = coalesce(max(s.workspace_at, excluded.workspace_at), s.workspace_at, excluded.workspace_at),
        device = case when s.device_at is null or (excluded.device_at, excluded.device) > (s.device_at, s.device)
            then excluded.device else s.device end,
        device_at = coalesce(max(s.device_at, excluded.device_at), s.device_at, excluded.device_at),
        model = case when s.model_at is null or (excluded.model_at, excluded.model) > (s.model_at, s.model)
            then excluded.model else s.model end,
        model_at = coalesce(max(s.model_at, excluded.model_at), s.model_at, excluded.model_at),
        events = s.events + excluded.events,
        prompts = s.prompts + excluded.prompts,
        tool_uses = s.tool_uses + excluded.tool_uses,
        commits = s.commits + excluded.commits,
        input_tokens = min(s.input_tokens, 4000000000000000000) + excluded.input_tokens,
        output_tokens = min(s.output_tokens, 4000000000000000000) + excluded.output_tokens,
        cache_read_tokens = min(s.cache_read_tokens, 4000000000000000000) + excluded.cache_read_tokens,
        cache_write_tokens = min(s.cache_write_tokens, 4000000000000000000) + excluded.cache_write_tokens,
        cost_nanos = min(s.cost_nanos, 4000000000000000000) + excluded.cost_nanos";

async fn change_session(
    connection: &mut SqliteConnection,
    id: &str,
    change: &SessionChange,
) -> sqlx::Result<()> {
    let mut query = sqlx::query(CHANGE_SESSION).bind(id);
    for time in TIMES {
        query = query.bind(time(change).map(|time| time.timestamp_micros()));
    }
    for latest in LATEST {
        let latest = latest(change).as_ref();
        query = query.bind(latest.map(|(at, _)| at.timestamp_micros()));
        query = query.bind(latest.map(|(_, name)| name.as_str()));
    }
    for count in COUNTS {
        query = query.bind(count(&change.counts));
    }
    query.execute(connection).await?;
    Ok(())
}

async fn change_workspaces(connection: &mut SqliteConnection, changes: &Changes) -> sqlx::Result<()> {
    for (name, change) in &changes.workspaces {
        sqlx::query(
            "insert into workspaces as w (name, events, first_at, last_at) values ($1, $2, $3, $4)
            on conflict (name) do update set
                events = w.events + excluded.events,
                first_at = min(w.first_at, excluded.first_at),
                last_at = max(w.last_at, excluded.last_at)",
        )
        .bind(name)
        .bind(change.events)
        .bind(change.first_at.timestamp_micros())
        .bind(change.last_at.timestamp_micros())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn add_activity(connection: &mut SqliteConnection, changes: &Changes) -> sqlx::Result<()> {
    for activity in &changes.activity {
        let mut query = sqlx::query(
            "insert into git_activity (id, at, additions, deletions,
                kind, workspace, session_id, device, repository, branch, sha, subject)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (id) do nothing",
        )
        .bind(activity.id.parse::<uuid::Uuid>().unwrap_or_default())
        .bind(activity.at.timestamp_micros())
        .bind(lines(activity.additions))
        .bind(lines(activity.deletions));
        for text in ACTIVITY_TEXTS {
            query = query.bind(text(activity));
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}
