//! The watcher's answers, passed on. Whatever the watcher does, this server answers, and soon.

mod away;

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use contract::{Changelog, Problem, SkipRequest, SnoozeRequest, VersionState};
use futures_util::StreamExt;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use crate::body;
use crate::error::ApiError;
use crate::state::AppState;
use crate::watcher_client::{DEADLINE, WatcherAnswer, WatcherClient, WatcherError};

/// Largest decision.
const LARGEST: usize = 4 << 10;
/// A forced check that takes longer goes on without us; the state as it is is told meanwhile.
const FORCE_PATIENCE: Duration = Duration::from_millis(600);

/// The query of `GET /api/version`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VersionQuery {
    /// `true` asks upstream now, as far as the watcher's budget allows.
    #[serde(default)]
    pub force: Option<String>,
}

/// What runs and what is newer, as the watcher knows it.
#[utoipa::path(
    get, path = "/api/version", tag = "version", params(VersionQuery),
    responses(
        (status = 200, description = "The watcher's state; `error.code` is `watcher_unavailable` where it does not answer", body = VersionState),
        (status = 304, description = "As before"),
    )
)]
pub async fn version(
    state: web::Data<AppState>,
    request: HttpRequest,
    query: web::Query<VersionQuery>,
) -> HttpResponse {
    let force = query.force.as_deref() == Some("true");
    let answer = tokio::time::timeout(DEADLINE, ask(&state.watcher, force)).await;
    let answer = answer.unwrap_or(Err(WatcherError::Deadline));
    match answer {
        Ok(answer) if answer.status == 200 && is_state(&answer.body) => passed_on(&request, answer),
        Ok(answer) => away::answer(
            state.version,
            &format!("the watcher answered something else (HTTP {})", answer.status),
        ),
        Err(error) => away::answer(state.version, &error.to_string()),
    }
}

/// Whether this is a state. A newer watcher may tell more, and in words that are not known here.
fn is_state(body: &[u8]) -> bool {
    let told: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
    told.is_some_and(|told| {
        ["name", "current", "latest", "updateAvailable"].iter().all(|key| told.contains_key(*key))
    })
}

async fn ask(watcher: &WatcherClient, force: bool) -> Result<WatcherAnswer, WatcherError> {
    if force {
        let forced = watcher.get("/api/version", "force=true");
        if let Ok(answer) = tokio::time::timeout(FORCE_PATIENCE, forced).await {
            return answer;
        }
    }
    watcher.get("/api/version", "").await
}

/// Everything between two versions.
#[utoipa::path(
    get, path = "/api/changelog", tag = "version",
    params(("from" = Option<String>, Query, description = "After this version"), ("to" = Option<String>, Query, description = "Up to this version"), ("page" = Option<u32>, Query, description = "From 1")),
    responses(
        (status = 200, description = "As the watcher tells it", body = Changelog),
        (status = 400, description = "A parameter breaks its rule", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such target", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "The watcher cannot be reached", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Nothing is known yet", body = Problem, content_type = "application/problem+json"),
        (status = 504, description = "The watcher took too long", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn changelog(state: web::Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let answer = state.watcher.get("/api/changelog", request.query_string()).await?;
    checked(&request, answer)
}

/// Do not show this version again; a newer one, or a security fix, is shown.
#[utoipa::path(
    post, path = "/api/version/skip", tag = "version", request_body = SkipRequest,
    responses((status = 200, description = "The state", body = VersionState), (status = 400, description = "No version", body = Problem, content_type = "application/problem+json"), (status = 502, description = "The watcher cannot be reached, or refuses its token", body = Problem, content_type = "application/problem+json"), (status = 503, description = "Nothing is known yet", body = Problem, content_type = "application/problem+json"), (status = 504, description = "The watcher took too long", body = Problem, content_type = "application/problem+json"))
)]
pub async fn skip(
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    decide(&state, &request, payload, Method::POST, "/api/skip").await
}

/// Show it again.
#[utoipa::path(
    delete, path = "/api/version/skip", tag = "version",
    responses((status = 200, description = "The state", body = VersionState), (status = 502, description = "The watcher cannot be reached, or refuses its token", body = Problem, content_type = "application/problem+json"), (status = 503, description = "Nothing is known yet", body = Problem, content_type = "application/problem+json"), (status = 504, description = "The watcher took too long", body = Problem, content_type = "application/problem+json"))
)]
pub async fn unskip(
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    decide(&state, &request, payload, Method::DELETE, "/api/skip").await
}

/// Show nothing until then; a security fix is shown.
#[utoipa::path(
    post, path = "/api/version/snooze", tag = "version", request_body = SnoozeRequest,
    responses((status = 200, description = "The state", body = VersionState), (status = 400, description = "No time", body = Problem, content_type = "application/problem+json"), (status = 502, description = "The watcher cannot be reached, or refuses its token", body = Problem, content_type = "application/problem+json"), (status = 503, description = "Nothing is known yet", body = Problem, content_type = "application/problem+json"), (status = 504, description = "The watcher took too long", body = Problem, content_type = "application/problem+json"))
)]
pub async fn snooze(
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    decide(&state, &request, payload, Method::POST, "/api/snooze").await
}

/// Show it again.
#[utoipa::path(
    delete, path = "/api/version/snooze", tag = "version",
    responses((status = 200, description = "The state", body = VersionState), (status = 502, description = "The watcher cannot be reached, or refuses its token", body = Problem, content_type = "application/problem+json"), (status = 503, description = "Nothing is known yet", body = Problem, content_type = "application/problem+json"), (status = 504, description = "The watcher took too long", body = Problem, content_type = "application/problem+json"))
)]
pub async fn unsnooze(
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    decide(&state, &request, payload, Method::DELETE, "/api/snooze").await
}

/// Changes of the state, as Server-Sent Events.
#[utoipa::path(
    get, path = "/api/version/stream", tag = "version",
    responses(
        (status = 200, description = "An event `version` on every change", body = String, content_type = "text/event-stream"),
        (status = 502, description = "The watcher cannot be reached", body = Problem, content_type = "application/problem+json"),
        (status = 504, description = "The watcher took too long", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too many streams are open", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn stream(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    let permit = state.streams.clone().try_acquire_owned();
    let permit =
        permit.map_err(|_| ApiError::Unavailable("too many streams are open; try again".into(), 30))?;
    let (status, events) = state.watcher.stream("/api/stream").await?;
    if status != 200 {
        return Err(ApiError::BadGateway(format!("the watcher answered HTTP {status}")));
    }
    let mut stopping = state.stopping.clone();
    let events = events.take_until(async move {
        drop(stopping.wait_for(|stopping| *stopping).await);
    });
    let events = events.map(move |chunk| {
        let _open = &permit;
        chunk.map_err(|_| actix_web::error::ErrorBadGateway("the watcher's stream broke"))
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(events))
}

async fn decide(
    state: &AppState,
    request: &HttpRequest,
    payload: web::Payload,
    method: Method,
    path: &str,
) -> Result<HttpResponse, ApiError> {
    let sent = body::read(request, payload, LARGEST, "the request").await?;
    let body = (method == Method::POST).then_some(sent);
    checked(request, state.watcher.decide(method, path, body).await?)
}

/// Passes on what a client can use; the watcher's refusal of *our* token is no business of the client's.
fn checked(request: &HttpRequest, answer: WatcherAnswer) -> Result<HttpResponse, ApiError> {
    match answer.status {
        200 | 204 | 400 | 404 | 413 | 422 | 503 => Ok(passed_on(request, answer)),
        401 | 403 => Err(ApiError::BadGateway(
            "the watcher refuses the token: set SIDEWATCH_API_TOKEN there and WATCHER_TOKEN here to the same"
                .into(),
        )),
        status => Err(ApiError::BadGateway(format!("the watcher answered HTTP {status}"))),
    }
}

fn passed_on(request: &HttpRequest, answer: WatcherAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let etag = answer.headers.iter().find(|(name, _)| name == header::ETAG.as_str()).map(|(_, value)| value);
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let is_known =
        etag.zip(known).is_some_and(|(etag, known)| known.split(',').any(|tag| tag.trim() == etag));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::build(status) };
    for (name, value) in &answer.headers {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            response.insert_header((name, value));
        }
    }
    if status == StatusCode::OK {
        // Whatever the watcher, or what plays it, calls it: nothing else is told as a page or a script of ours.
        response.insert_header((header::CONTENT_TYPE, "application/json"));
    }
    // Private: it was asked for with a key. To be asked again each time, which costs a 304.
    response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    if is_known { response.finish() } else { response.body(answer.body) }
}

impl From<WatcherError> for ApiError {
    fn from(error: WatcherError) -> Self {
        match error {
            WatcherError::Deadline => Self::GatewayTimeout(error.to_string()),
            WatcherError::NotConfigured | WatcherError::Unreachable(_) | WatcherError::TooLarge(_) => {
                Self::BadGateway(error.to_string())
            }
            WatcherError::Client(_) => Self::Internal(error.into()),
        }
    }
}
