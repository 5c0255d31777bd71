//! What is read: lists in the order of an index, and single rows.

use contract::{Activity, Page, Session, StoredEvent, Workspace};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use super::connection::Lease;
use super::rows;
use crate::domain::page::{Filter, PageRequest};
use crate::event_store::columns::count;
use crate::event_store::paging::{bounded, event_id, page, rows_to_read, sizes_to_read};

type Query = QueryBuilder<Postgres>;

pub(super) async fn sessions(
    pool: &PgPool,
    filter: &Filter,
    request: &PageRequest,
) -> sqlx::Result<Page<Session>> {
    let mut query = Query::new(rows::SESSION);
    narrow(&mut query, filter, "s.workspace", "s.first_at");
    if let Some(kind) = &filter.kind {
        query.push(" and exists (select 1 from session_kinds k where k.session_id = s.id and k.kind = ");
        query.push_bind(kind.as_str()).push(")");
    }
    if let Some(after) = &request.after {
        query.push(" and (s.first_at, s.id) < (").push_bind(after.at);
        query.push(", ").push_bind(after.id.as_str()).push(")");
    }
    query.push(" order by s.first_at desc, s.id desc");
    let items = read(pool, query, request, rows::session).await?;
    Ok(page(items, request, |session| (session.first_event_at, &session.id)))
}

pub(super) async fn session(pool: &PgPool, id: &str) -> sqlx::Result<Option<Session>> {
    let mut query = Query::new(rows::SESSION);
    query.push(" and s.id = ").push_bind(id);
    one(pool, query, rows::session).await
}

pub(super) async fn session_events(
    pool: &PgPool,
    id: &str,
    filter: &Filter,
    request: &PageRequest,
) -> sqlx::Result<Page<StoredEvent>> {
    let events = |what| {
        let mut query = Query::new(what);
        query.push(" and session_id = ").push_bind(id);
        narrow(&mut query, filter, "workspace", "at");
        of_kind(&mut query, filter);
        after_event(&mut query, request, '>');
        query.push(" order by at, id");
        query
    };
    let sizes = sizes(pool, events(rows::EVENT_SIZE), request).await?;
    let request = &bounded(request, &sizes);
    let items = read(pool, events(rows::EVENT), request, rows::event).await?;
    Ok(page(items, request, |event| (event.at, &event.id)))
}

/// Of the next events; what is large is not read for that.
async fn sizes(pool: &PgPool, mut query: Query, request: &PageRequest) -> sqlx::Result<Vec<i64>> {
    query.push(" limit ").push_bind(sizes_to_read(request));
    let mut lease = Lease::take(pool).await?;
    let sizes = query.build_query_scalar().fetch_all(&mut *lease).await?;
    lease.give_back();
    Ok(sizes)
}

pub(super) async fn activity(
    pool: &PgPool,
    filter: &Filter,
    request: &PageRequest,
) -> sqlx::Result<Page<Activity>> {
    let mut query = Query::new("select * from git_activity where true");
    narrow(&mut query, filter, "workspace", "at");
    of_kind(&mut query, filter);
    after_event(&mut query, request, '<');
    query.push(" order by at desc, id desc");
    let items = read(pool, query, request, rows::activity).await?;
    Ok(page(items, request, |activity| (activity.at, &activity.id)))
}

pub(super) async fn workspaces(pool: &PgPool) -> sqlx::Result<Vec<Workspace>> {
    let mut lease = Lease::take(pool).await?;
    let rows: Vec<(String, i64, _, _)> =
        sqlx::query_as("select name, events, first_at, last_at from workspaces order by name")
            .fetch_all(&mut *lease)
            .await?;
    lease.give_back();
    let workspace = |(name, events, first, last)| Workspace {
        name,
        events: count(events),
        first_event_at: Some(first),
        last_event_at: Some(last),
        folder: None,
    };
    Ok(rows.into_iter().map(workspace).collect())
}

pub(super) async fn event(pool: &PgPool, id: Uuid) -> sqlx::Result<Option<StoredEvent>> {
    let mut query = Query::new(rows::EVENT);
    query.push(" and id = ").push_bind(id);
    one(pool, query, rows::event).await
}

pub(super) async fn installation_id(pool: &PgPool) -> sqlx::Result<Uuid> {
    let mut lease = Lease::take(pool).await?;
    let id: String = sqlx::query_scalar("select value from meta where key = 'installation_id'")
        .fetch_one(&mut *lease)
        .await?;
    lease.give_back();
    id.parse().map_err(|error: uuid::Error| sqlx::Error::Decode(error.into()))
}

fn narrow(query: &mut Query, filter: &Filter, workspace: &str, at: &str) {
    if let Some(name) = &filter.workspace {
        query.push(format_args!(" and {workspace} = ")).push_bind(name.as_str());
    }
    if let Some(from) = filter.from {
        query.push(format_args!(" and {at} >= ")).push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(format_args!(" and {at} < ")).push_bind(to);
    }
}

fn of_kind(query: &mut Query, filter: &Filter) {
    if let Some(kind) = &filter.kind {
        query.push(" and kind = ").push_bind(kind.as_str());
    }
}

fn after_event(query: &mut Query, request: &PageRequest, sign: char) {
    if let Some(after) = &request.after {
        query.push(format_args!(" and (at, id) {sign} (")).push_bind(after.at);
        query.push(", ").push_bind(event_id(after)).push(")");
    }
}

async fn read<T>(
    pool: &PgPool,
    mut query: Query,
    request: &PageRequest,
    item: fn(&PgRow) -> sqlx::Result<T>,
) -> sqlx::Result<Vec<T>> {
    query.push(" limit ").push_bind(rows_to_read(request));
    let mut lease = Lease::take(pool).await?;
    let rows = query.build().fetch_all(&mut *lease).await?;
    lease.give_back();
    rows.iter().map(item).collect()
}

async fn one<T>(
    pool: &PgPool,
    mut query: Query,
    item: fn(&PgRow) -> sqlx::Result<T>,
) -> sqlx::Result<Option<T>> {
    let mut lease = Lease::take(pool).await?;
    let row = query.build().fetch_optional(&mut *lease).await?;
    lease.give_back();
    row.as_ref().map(item).transpose()
}
