//! `GET /api/health`, `GET /livez`, `GET /readyz`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use contract::{Health, Problem};

use crate::error::ApiError;
use crate::state::AppState;

/// How the server and its parts are. Read from memory: asking it costs nobody anything.
#[utoipa::path(
    get, path = "/api/health", tag = "operating",
    responses(
        (status = 200, description = "`ok` or `degraded`", body = Health),
        (status = 503, description = "`migrating` or `down`", body = Health)
    )
)]
pub async fn health(state: web::Data<AppState>) -> HttpResponse {
    state.health.respond()
}

/// The process is alive.
#[utoipa::path(get, path = "/livez", tag = "operating", responses((status = 200, description = "It is", body = String)))]
pub async fn livez() -> HttpResponse {
    plain("alive\n")
}

/// The schema is verified and events are accepted.
#[utoipa::path(
    get, path = "/readyz", tag = "operating",
    responses(
        (status = 200, description = "Ready", body = String),
        (status = 503, description = "Not yet, or not now", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn readyz(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    if state.health.is_serving() {
        Ok(plain("ready\n"))
    } else {
        Err(ApiError::Unavailable("not ready; GET /api/health tells which part is not".into(), 2))
    }
}

fn plain(text: &'static str) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8")).body(text)
}
