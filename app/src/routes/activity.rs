//! `GET /api/activity`.

use actix_web::{HttpResponse, web};
use contract::{Activity, Page, Problem};

use super::list::ListQuery;
use crate::error::ApiError;
use crate::state::AppState;

/// Git activity, newest first.
#[utoipa::path(
    get, path = "/api/activity", tag = "sessions", params(ListQuery),
    responses(
        (status = 200, description = "A page of git activity", body = Page<Activity>),
        (status = 400, description = "A parameter breaks its rule", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database does not answer", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn list(
    state: web::Data<AppState>,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = ListQuery::read(query)?;
    Ok(HttpResponse::Ok().json(state.store()?.activity(&filter, &page).await?))
}
