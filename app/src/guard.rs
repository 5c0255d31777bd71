//! Around every request: who may ask, under which name; the headers that every answer carries; what is counted.

use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, ResponseError, web};
use service::problem;
use tokio::time::Instant;

use crate::error::ApiError;
use crate::state::AppState;
use crate::{banner_script, page};

/// What the page needs and nothing else: its own scripts, styles, pictures and answers.
const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// On every answer.
fn add_everywhere(headers: &mut HeaderMap) {
    let all = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ];
    for (name, value) in all {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// The middleware.
///
/// # Errors
/// Those of the service inside; refusals are answers.
pub async fn guard(
    state: web::Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let method = method_label(request.method());
    // What a container asks every few seconds, and a monitor perhaps a thousand times, needs no table of routes.
    if request.path() == "/api/health" && matches!(*request.method(), Method::GET | Method::HEAD) {
        let response = state.health.respond();
        return Ok(complete(&state, request.into_response(response), method, "/api/health", started));
    }
    if let Err(refusal) = admit(&state, &request) {
        let pattern = request.match_pattern().unwrap_or_else(|| "other".into());
        let response = request.into_response(refusal.error_response());
        return Ok(complete(&state, response, method, &pattern, started));
    }
    let response = next.call(request).await?.map_into_boxed_body();
    let pattern = response.request().match_pattern().unwrap_or_else(|| "other".into());
    Ok(complete(&state, response, method, &pattern, started))
}

fn admit(state: &AppState, request: &ServiceRequest) -> Result<(), ApiError> {
    let path = request.path();
    if is_for_everybody(path) {
        return Ok(());
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(|host| state.hosts.allow(host)) {
        return Err(ApiError::Host);
    }
    if is_open(path) { Ok(()) } else { state.access.check(request.request()) }
}

/// What is asked by machines under whatever name they have for this one, and tells nothing that is secret.
pub(crate) fn is_for_everybody(path: &str) -> bool {
    matches!(path, "/api/health" | "/livez" | "/readyz")
}

/// What needs no key, letter by letter as it was sent. Everything else does: routes are found by the decoded path, so
/// what looks like another path here (`/%61pi/…`) may lead anywhere.
fn is_open(path: &str) -> bool {
    matches!(path, "/docs" | "/docs.css" | "/openapi.json" | "/sign-in" | "/sign-out" | banner_script::PATH)
        || page::has(path)
}

fn complete(
    state: &AppState,
    mut response: ServiceResponse<BoxBody>,
    method: &'static str,
    pattern: &str,
    started: Instant,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let headers = response.headers_mut();
    add_everywhere(headers);
    if !headers.contains_key(problem::REQUEST_ID)
        && let Ok(id) = HeaderValue::from_str(&problem::request_id())
    {
        headers.insert(HeaderName::from_static(problem::REQUEST_ID), id);
    }
    let took = started.elapsed();
    state.metrics.request(pattern, method, status.as_u16(), took);
    log(pattern, method, status, took);
    response
}

fn log(pattern: &str, method: &'static str, status: StatusCode, took: Duration) {
    let milliseconds = took.as_secs_f64() * 1e3;
    tracing::debug!(
        http.route = pattern,
        http.method = method,
        http.status = status.as_u16(),
        milliseconds,
        "answered"
    );
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// An error answer, for actix's own checks of paths and queries.
#[must_use]
pub fn refuse(detail: &str) -> HttpResponse {
    ApiError::BadRequest(detail.to_owned()).error_response()
}
