//! The table of routes.

pub mod activity;
pub mod dead_letters;
pub mod documents;
pub mod events;
pub mod health;
pub mod list;
pub mod page;
pub mod sessions;
pub mod sign_in;
pub mod transcripts;
pub mod version;
pub mod workspaces;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, ServiceConfig};
use actix_web::{Error, Resource, ResponseError, Route};

use crate::error::ApiError;
use crate::guard::refuse;
use crate::state::AppState;

/// All routes.
pub fn configure(service: &mut ServiceConfig) {
    let bad_query = |error: actix_web::error::QueryPayloadError, _: &_| {
        let text = format!("the query cannot be read: {error}");
        actix_web::error::InternalError::from_response(error, refuse(&text)).into()
    };
    let bad_path = |error: actix_web::error::PathError, _: &_| {
        actix_web::error::InternalError::from_response(error, refuse("the path cannot be read")).into()
    };
    service
        .app_data(web::QueryConfig::default().error_handler(bad_query))
        .app_data(web::PathConfig::default().error_handler(bad_path))
        .service(only("/api/events", web::post().to(events::accept), "POST"))
        .service(readable("/api/sessions", web::get().to(sessions::list), web::head().to(sessions::list)))
        .service(readable("/api/sessions/{id}", web::get().to(sessions::one), web::head().to(sessions::one)))
        .service(readable(
            "/api/sessions/{id}/events",
            web::get().to(sessions::events),
            web::head().to(sessions::events),
        ))
        .service(transcript())
        .service(readable("/api/activity", web::get().to(activity::list), web::head().to(activity::list)))
        .service(readable(
            "/api/workspaces",
            web::get().to(workspaces::list),
            web::head().to(workspaces::list),
        ))
        .service(readable(
            "/api/dead-letters",
            web::get().to(dead_letters::list),
            web::head().to(dead_letters::list),
        ))
        .service(only("/api/dead-letters/replay", web::post().to(dead_letters::replay), "POST"))
        .configure(watcher)
        .configure(page_files)
        .service(only("/sign-in", web::post().to(sign_in::sign_in), "POST"))
        .service(only("/sign-out", web::post().to(sign_in::sign_out), "POST"))
        .service(readable("/api/health", web::get().to(health::health), web::head().to(health::health)))
        .service(readable("/livez", web::get().to(health::livez), web::head().to(health::livez)))
        .service(readable("/readyz", web::get().to(health::readyz), web::head().to(health::readyz)))
        .service(readable(
            "/openapi.json",
            web::get().to(documents::openapi),
            web::head().to(documents::openapi),
        ))
        .service(readable("/docs", web::get().to(documents::page), web::head().to(documents::page)))
        .service(readable("/docs.css", web::get().to(documents::style), web::head().to(documents::style)))
        .default_service(web::to(|| async { ApiError::NoRoute.error_response() }));
}

/// The page. `guard` opens exactly the paths that its files have.
fn page_files(service: &mut ServiceConfig) {
    service
        .service(readable("/", web::get().to(page::page), web::head().to(page::page)))
        .service(readable("/settings", web::get().to(page::settings), web::head().to(page::settings)))
        .service(readable("/favicon.svg", web::get().to(page::part), web::head().to(page::part)))
        .service(readable("/page/{file}", web::get().to(page::part), web::head().to(page::part)))
        .service(readable("/update-banner.js", web::get().to(page::banner), web::head().to(page::banner)));
}

/// What is passed on to the watcher.
fn watcher(service: &mut ServiceConfig) {
    service
        .service(readable("/api/version", web::get().to(version::version), web::head().to(version::version)))
        .service(readable(
            "/api/changelog",
            web::get().to(version::changelog),
            web::head().to(version::changelog),
        ))
        .service(
            web::resource("/api/version/skip")
                .route(web::post().to(version::skip))
                .route(web::delete().to(version::unskip))
                .default_service(not_allowed("POST, DELETE")),
        )
        .service(
            web::resource("/api/version/snooze")
                .route(web::post().to(version::snooze))
                .route(web::delete().to(version::unsnooze))
                .default_service(not_allowed("POST, DELETE")),
        )
        .service(only("/api/version/stream", web::get().to(version::stream), "GET"));
}

fn transcript() -> Resource<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>,
> {
    web::resource("/api/sessions/{id}/transcript")
        .wrap(from_fn(after_schema))
        .route(web::put().to(transcripts::put))
        .route(web::get().to(transcripts::get))
        .route(web::head().to(transcripts::get))
        .route(web::delete().to(transcripts::delete))
        .default_service(not_allowed("GET, HEAD, PUT, DELETE"))
}

/// Nothing is read or written before the schema was verified.
async fn after_schema(
    state: web::Data<AppState>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    state.store()?;
    next.call(request).await
}

fn readable(path: &'static str, get: Route, head: Route) -> Resource {
    web::resource(path).route(get).route(head).default_service(not_allowed("GET, HEAD"))
}

fn only(path: &'static str, route: Route, allowed: &'static str) -> Resource {
    web::resource(path).route(route).default_service(not_allowed(allowed))
}

fn not_allowed(allowed: &'static str) -> Route {
    web::to(move || async move { ApiError::Method(allowed).error_response() })
}
