//! The table of routes, and what they have in common.

pub mod assets;
pub mod badge;
pub mod changelog;
pub mod decisions;
pub mod docs;
mod entries;
pub mod feed;
pub mod health;
pub mod metrics;
mod observe;
pub mod problems;
mod state;
pub mod stream;
pub mod version;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, ResponseError, Route};
use service::documents::docs_css;

use crate::error::ApiError;

pub use observe::Observe;
pub use state::{AppState, Selected, TargetQuery};

/// Largest body that any route takes.
const LARGEST_BODY: usize = 4 << 10;

/// All routes. Decisions and the stream have a second name below `/api/version`: the one that applications which
/// pass them on give them, so that the web components find them here as well.
pub fn configure(service: &mut ServiceConfig) {
    service
        .app_data(web::PayloadConfig::new(LARGEST_BODY))
        .service(readable(version::PATH, web::get().to(version::version), web::head().to(version::version)))
        .service(readable("/api/targets", web::get().to(version::targets), web::head().to(version::targets)))
        .service(readable(
            "/api/changelog",
            web::get().to(changelog::changelog),
            web::head().to(changelog::changelog),
        ))
        .service(
            web::resource(["/api/skip", "/api/version/skip"])
                .route(web::post().to(decisions::skip))
                .route(web::delete().to(decisions::unskip))
                .default_service(not_allowed("POST, DELETE")),
        )
        .service(
            web::resource(["/api/snooze", "/api/version/snooze"])
                .route(web::post().to(decisions::snooze))
                .route(web::delete().to(decisions::unsnooze))
                .default_service(not_allowed("POST, DELETE")),
        )
        .service(
            web::resource(["/api/stream", "/api/version/stream"])
                .route(web::get().to(stream::stream))
                .default_service(not_allowed("GET")),
        )
        .service(readable("/feed.atom", web::get().to(feed::feed), web::head().to(feed::feed)))
        .service(readable("/badge.svg", web::get().to(badge::svg), web::head().to(badge::svg)))
        .service(readable("/badge.json", web::get().to(badge::json), web::head().to(badge::json)))
        .service(readable(assets::PATH, web::get().to(assets::module), web::head().to(assets::module)))
        .service(readable("/livez", web::get().to(health::livez), web::head().to(health::livez)))
        .service(readable("/readyz", web::get().to(health::readyz), web::head().to(health::readyz)))
        .service(readable("/metrics", web::get().to(metrics::metrics), web::head().to(metrics::metrics)))
        .service(readable("/openapi.json", web::get().to(docs::openapi), web::head().to(docs::openapi)))
        .service(readable("/docs", web::get().to(docs::page), web::head().to(docs::page)))
        .service(readable("/docs.css", web::get().to(docs_css), web::head().to(docs_css)))
        .default_service(web::to(|| async { ApiError::NoRoute.error_response() }));
}

fn readable(path: &'static str, get: Route, head: Route) -> actix_web::Resource {
    web::resource(path).route(get).route(head).default_service(not_allowed("GET, HEAD"))
}

fn not_allowed(allowed: &'static str) -> Route {
    web::to(move || async move { answer_method(allowed) })
}

fn answer_method(allowed: &'static str) -> HttpResponse {
    ApiError::Method(allowed).error_response()
}
