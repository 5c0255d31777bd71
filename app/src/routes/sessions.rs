//! `GET /api/sessions…`.

use actix_web::{HttpResponse, web};
use contract::{Page, Problem, Session, StoredEvent};

use super::list::ListQuery;
use crate::error::ApiError;
use crate::state::AppState;

/// Sessions, by their earliest event, newest first.
#[utoipa::path(
    get, path = "/api/sessions", tag = "sessions", params(ListQuery),
    responses(
        (status = 200, description = "A page of sessions; `type` narrows to those with such an event", body = Page<Session>),
        (status = 400, description = "A parameter breaks its rule", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database does not answer", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn list(
    state: web::Data<AppState>,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = ListQuery::read(query)?;
    Ok(HttpResponse::Ok().json(state.store()?.sessions(&filter, &page).await?))
}

/// One session.
#[utoipa::path(
    get, path = "/api/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "The session's id")),
    responses(
        (status = 200, description = "The session", body = Session),
        (status = 404, description = "No event names this session", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database does not answer", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn one(state: web::Data<AppState>, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(find(&state, &id).await?))
}

/// A session's events, oldest first.
#[utoipa::path(
    get, path = "/api/sessions/{id}/events", tag = "sessions",
    params(("id" = String, Path, description = "The session's id"), ListQuery),
    responses(
        (status = 200, description = "A page of events", body = Page<StoredEvent>),
        (status = 400, description = "A parameter breaks its rule", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No event names this session", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database does not answer", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn events(
    state: web::Data<AppState>,
    id: web::Path<String>,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = ListQuery::read(query)?;
    let events = state.store()?.session_events(&id, &filter, &page).await?;
    if events.items.is_empty() {
        find(&state, &id).await?;
    }
    Ok(HttpResponse::Ok().json(events))
}

async fn find(state: &AppState, id: &str) -> Result<Session, ApiError> {
    let missing =
        || ApiError::NotFound("no event names this session; GET /api/sessions lists those there are".into());
    if crate::domain::text::session_id(id).is_err() {
        return Err(missing());
    }
    state.store()?.session(id).await?.ok_or_else(missing)
}
