//! `GET /api/workspaces`: those that events name and the folders of `WORKSPACES_DIR`, by name.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use contract::{Page, Problem, Workspace};

use super::list::ListQuery;
use crate::domain::page::Cursor;
use crate::error::ApiError;
use crate::state::AppState;

/// Workspaces, by name.
#[utoipa::path(
    get, path = "/api/workspaces", tag = "sessions", params(ListQuery),
    responses(
        (status = 200, description = "A page of workspaces; of the filters only `workspace` narrows it", body = Page<Workspace>),
        (status = 400, description = "A parameter breaks its rule", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database does not answer", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn list(
    state: web::Data<AppState>,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = ListQuery::read(query)?;
    let known = state.store()?.workspaces().await?;
    let mut by_name: BTreeMap<String, Workspace> =
        known.into_iter().map(|workspace| (workspace.name.clone(), workspace)).collect();
    if let Some(folders) = &state.folders {
        for (name, folder) in folders.list().await {
            let workspace = by_name.entry(name.clone()).or_insert_with(|| empty(name));
            workspace.folder = Some(folder);
        }
    }
    let is_wanted = |name: &String| filter.workspace.as_ref().is_none_or(|wanted| wanted == name);
    let mut wanted = by_name.into_values().filter(|workspace| is_wanted(&workspace.name));
    // Names hold more than a cursor may, so it holds the number of the item.
    let skip = page.after.map_or(0, |cursor| cursor.at.timestamp_micros());
    let skip = usize::try_from(skip).unwrap_or(0);
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let items: Vec<Workspace> = wanted.by_ref().skip(skip).take(limit).collect();
    let next = wanted.next().is_some().then(|| next_cursor(skip + items.len()));
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: next.flatten() }))
}

fn empty(name: String) -> Workspace {
    Workspace { name, events: 0, first_event_at: None, last_event_at: None, folder: None }
}

fn next_cursor(place: usize) -> Option<String> {
    let at = chrono::DateTime::from_timestamp_micros(i64::try_from(place).ok()?)?;
    Some(Cursor { at, id: "workspaces".into() }.encode())
}
