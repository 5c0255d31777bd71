//! Skip and snooze: decisions shared by every browser and the CLI, guarded by a bearer token.

use std::time::Duration;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use chrono::{TimeDelta, Utc};
use contract::{SkipRequest, SnoozeRequest, VersionState};
use releases::repo::is_full_sha;
use releases::{Track, Version};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use super::{AppState, Selected};
use crate::decisions::{Decisions, Snooze};
use crate::error::ApiError;
use crate::state_store::Unreachable;
use crate::watched::Watched;

/// A body must be there by then.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_SNOOZE: TimeDelta = TimeDelta::days(366);

/// Skips a version.
#[utoipa::path(
    post,
    path = "/api/skip",
    tag = "decisions",
    params(super::TargetQuery),
    request_body = SkipRequest,
    security(("token" = [])),
    responses(
        (status = 200, description = "Kept; the state with it", body = VersionState),
        super::problems::DecisionProblems,
    )
)]
pub async fn skip(
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    authorize(&state, &request)?;
    let selected = Selected::extract(&request).await?;
    let asked: SkipRequest = body(&request, payload).await?;
    let version = normalised(&selected.watched, &asked.version)?;
    keep(&state, &selected.watched, |before| Decisions { skipped: Some(version), ..before }).await
}

/// Un-skips.
#[utoipa::path(
    delete,
    path = "/api/skip",
    tag = "decisions",
    params(super::TargetQuery),
    security(("token" = [])),
    responses(
        (status = 200, description = "Nothing is skipped any more", body = VersionState),
        super::problems::DecisionProblems,
    )
)]
pub async fn unskip(state: web::Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    authorize(&state, &request)?;
    let selected = Selected::extract(&request).await?;
    keep(&state, &selected.watched, |before| Decisions { skipped: None, ..before }).await
}

/// Hides the update until a time.
#[utoipa::path(
    post,
    path = "/api/snooze",
    tag = "decisions",
    params(super::TargetQuery),
    request_body = SnoozeRequest,
    security(("token" = [])),
    responses(
        (status = 200, description = "Kept; the state with it", body = VersionState),
        super::problems::DecisionProblems,
    )
)]
pub async fn snooze(
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    authorize(&state, &request)?;
    let selected = Selected::extract(&request).await?;
    let asked: SnoozeRequest = body(&request, payload).await?;
    let ahead = asked.until - Utc::now();
    if ahead <= TimeDelta::zero() || ahead > LONGEST_SNOOZE {
        return Err(ApiError::BadRequest("until must lie in the future, at most a year ahead".into()));
    }
    let version = selected.watched.finding().latest;
    let snooze = Some(Snooze { until: asked.until, version });
    keep(&state, &selected.watched, |before| Decisions { snooze, ..before }).await
}

/// Ends a snooze.
#[utoipa::path(
    delete,
    path = "/api/snooze",
    tag = "decisions",
    params(super::TargetQuery),
    security(("token" = [])),
    responses(
        (status = 200, description = "Nothing is snoozed any more", body = VersionState),
        super::problems::DecisionProblems,
    )
)]
pub async fn unsnooze(state: web::Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    authorize(&state, &request)?;
    let selected = Selected::extract(&request).await?;
    keep(&state, &selected.watched, |before| Decisions { snooze: None, ..before }).await
}

/// One decision at a time, on top of what another replica may have decided a moment ago.
async fn keep(
    state: &AppState,
    watched: &Watched,
    change: impl FnOnce(Decisions) -> Decisions,
) -> Result<HttpResponse, ApiError> {
    let _turn = watched.deciding.lock().await;
    let name = watched.target.name.as_str();
    let before = watched.decisions();
    let shared = state.store.shared_decisions(name).await.map_err(|error| undecided(&error))?;
    watched.decide(change(shared.unwrap_or_else(|| before.clone())));
    if let Err(error) = state.store.decide(name, || watched.saved()).await {
        watched.decide(before);
        return Err(undecided(&error));
    }
    Ok(HttpResponse::Ok().json(watched.state()))
}

fn undecided(error: &Unreachable) -> ApiError {
    ApiError::Unavailable(format!("{error}; nothing was decided"))
}

/// Checked before the body is read.
fn authorize(state: &AppState, request: &HttpRequest) -> Result<(), ApiError> {
    let token = state.api_token.as_ref().ok_or(ApiError::Closed)?;
    let sent = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let sent =
        sent.and_then(|value| value.split_once(' ')).filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
    let (_, sent) = sent.ok_or(ApiError::Unauthorized)?;
    let same = sent.trim().as_bytes().ct_eq(token.expose_secret().as_bytes());
    if bool::from(same) { Ok(()) } else { Err(ApiError::Unauthorized) }
}

/// The JSON body, in time and small.
async fn body<T: DeserializeOwned>(request: &HttpRequest, payload: web::Payload) -> Result<T, ApiError> {
    let mut payload = payload.into_inner();
    let read = web::Bytes::from_request(request, &mut payload);
    let bytes = match tokio::time::timeout(PATIENCE, read).await {
        Err(_) => return Err(ApiError::BodyTimeout),
        Ok(Err(error)) if error.as_response_error().status_code() == 413 => return Err(ApiError::TooLarge),
        Ok(Err(_)) => return Err(ApiError::BadRequest("the body could not be read".into())),
        Ok(Ok(bytes)) => bytes,
    };
    serde_json::from_slice(&bytes)
        .map_err(|error| ApiError::BadRequest(format!("the body is not what is expected: {error}")))
}

/// A version as `latest` prints it.
fn normalised(watched: &Watched, text: &str) -> Result<String, ApiError> {
    match watched.target.track {
        Track::Releases => version(watched, text.trim()),
        Track::Branch(_) => commit(watched, text.trim().to_ascii_lowercase()),
    }
}

/// In the spelling of the release, where one has that version.
fn version(watched: &Watched, text: &str) -> Result<String, ApiError> {
    let asked = Version::parse(text)
        .map_err(|_| ApiError::BadRequest("version must be a version, such as 1.3.0".into()))?;
    let known = watched.with_snapshot(|snapshot| {
        let releases = snapshot.known.iter().flat_map(|known| known.releases.iter());
        releases.map(|release| &release.version).find(|version| **version == asked).cloned()
    });
    Ok(known.unwrap_or(asked).to_string())
}

/// A full SHA, or the beginning of the latest one.
fn commit(watched: &Watched, text: String) -> Result<String, ApiError> {
    if is_full_sha(&text) {
        return Ok(text);
    }
    let latest = watched.finding().latest.filter(|latest| text.len() >= 7 && latest.starts_with(&text));
    latest.ok_or_else(|| {
        ApiError::BadRequest(
            "on a branch track, version must be a full commit SHA, or at least seven digits of latest".into(),
        )
    })
}
