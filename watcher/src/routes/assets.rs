//! Files that are part of the program.

use actix_web::HttpResponse;
use actix_web::http::header;

/// The style of `/docs`.
pub(super) async fn docs_css() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(include_str!("docs.css"))
}
