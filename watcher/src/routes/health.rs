//! `GET /livez` and `GET /readyz`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use super::AppState;

/// The process is alive.
#[utoipa::path(get, path = "/livez", tag = "operating", responses((status = 200, description = "Alive", body = String, content_type = "text/plain")))]
pub async fn livez() -> HttpResponse {
    text(HttpResponse::Ok(), "alive\n")
}

/// The configuration is read, and every target has a first answer or a settled failure.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operating",
    responses(
        (status = 200, description = "Ready", body = String, content_type = "text/plain"),
        (status = 503, description = "The first check has not ended", body = String, content_type = "text/plain")
    )
)]
pub async fn readyz(state: web::Data<AppState>) -> HttpResponse {
    let ready = state.checker.targets().iter().all(|watched| *watched.settled().borrow());
    if ready {
        text(HttpResponse::Ok(), "ready\n")
    } else {
        text(HttpResponse::ServiceUnavailable(), "waiting for the first check\n")
    }
}

fn text(mut response: actix_web::HttpResponseBuilder, body: &'static str) -> HttpResponse {
    response
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body)
}
