//! `GET /api/version`: from memory, serialised once per change; and `GET /api/targets`.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::{BufMut, Bytes, BytesMut};
use contract::{Status, Targets, VersionState};
use tokio::time::{Instant, timeout};

use super::AppState;
use super::state::ONE_TARGET;
use crate::checker::{Forced, LONGEST_WAIT};
use crate::error::ApiError;
use crate::watched::{Ready, Watched, etag};

/// Where this is.
pub(super) const PATH: &str = "/api/version";
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// The state of one target.
#[utoipa::path(
    get,
    path = "/api/version",
    tag = "version",
    params(
        ("force" = Option<String>, Query, description = "`true` (in any case) or `1` asks upstream now, within the budget; a refusal is 200 with `forced:false`; anything else is no wish"),
        ("target" = Option<String>, Query, description = "Name of the target; the first one if absent or empty")
    ),
    responses(
        (status = 200, description = "The state, always from memory", body = VersionState),
        (status = 304, description = "Nothing has changed since the `ETag` in `If-None-Match`"),
        super::problems::ReadProblems,
    )
)]
pub async fn version(state: web::Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let wish = Wish::read(request.query_string())?;
    let selected = state.select(wish.target.as_deref())?;
    if wish.force {
        return Ok(force(&state, selected.index, &selected.watched).await);
    }
    Ok(answer(&state, selected.index, &selected.watched, &request).await)
}

/// What the query asks for.
#[derive(Default)]
struct Wish {
    target: Option<String>,
    force: bool,
}

impl Wish {
    fn read(query: &str) -> Result<Self, ApiError> {
        if query.is_empty() {
            return Ok(Self::default());
        }
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
            .map_err(|_| ApiError::BadRequest("the query cannot be read".into()))?;
        let mut wish = Self::default();
        for (key, value) in pairs.into_inner() {
            match key.as_str() {
                "force" => wish.force |= value == "1" || value.eq_ignore_ascii_case("true"),
                "target" if wish.target.is_some() => return Err(ApiError::BadRequest(ONE_TARGET.into())),
                "target" => wish.target = Some(value),
                _ => {}
            }
        }
        Ok(wish)
    }
}

/// The answer that nearly every request wants: of the first target, and good until later than `now`.
pub(super) fn at_once(state: &AppState, request: &HttpRequest, now: Instant) -> Option<HttpResponse> {
    if *request.method() != Method::GET || request.path() != PATH || !request.query_string().is_empty() {
        return None;
    }
    let ready = state.checker.targets().first()?.ready();
    (now < ready.good_until).then(|| from_memory(state, &ready, request))
}

async fn answer(state: &AppState, index: usize, watched: &Watched, request: &HttpRequest) -> HttpResponse {
    let ready = Arc::clone(&watched.ready());
    if Instant::now() < ready.good_until {
        return from_memory(state, &ready, request);
    }
    attend(state, index, watched).await;
    send(&Arc::clone(&watched.ready()), request)
}

fn from_memory(state: &AppState, ready: &Ready, request: &HttpRequest) -> HttpResponse {
    let counters = &state.metrics.cache;
    if ready.status == Status::Ok {
        counters.hit.inc()
    } else {
        counters.stale.inc()
    }
    send(ready, request)
}

/// The answer on hand may be outdated: make it anew, start a check if one is due, and wait only where nothing at
/// all is known.
async fn attend(state: &AppState, index: usize, watched: &Watched) {
    let mut settled = watched.settled();
    state.checker.nudge(index);
    if *settled.borrow() {
        watched.publish();
        let status = watched.ready().status;
        let counters = &state.metrics.cache;
        if status == Status::Ok { counters.hit.inc() } else { counters.stale.inc() }
    } else {
        state.metrics.cache.miss.inc();
        tokio::select! {
            _ = timeout(LONGEST_WAIT, settled.wait_for(|settled| *settled)) => {}
            () = end_of_service(state) => {}
        }
        watched.publish();
    }
}

fn send(ready: &Ready, request: &HttpRequest) -> HttpResponse {
    let matches = matches(request, &ready.etag);
    let mut response = if matches { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, ready.etag.clone()));
    response.insert_header((header::CACHE_CONTROL, REVALIDATE));
    if matches {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, JSON)).body(ready.body.clone())
}

pub(super) fn matches(request: &HttpRequest, tag: &HeaderValue) -> bool {
    let sent = request.headers().get(header::IF_NONE_MATCH);
    sent.is_some_and(|sent| etag_matches(sent.as_bytes(), tag.as_bytes()))
}

/// Weak comparison, as `If-None-Match` asks for.
fn etag_matches(sent: &[u8], ours: &[u8]) -> bool {
    sent.split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == ours)
}

/// The process shall stop: who waits is answered with what there is.
async fn end_of_service(state: &AppState) {
    drop(state.stopping.clone().wait_for(|stopping| *stopping).await);
}

async fn force(state: &AppState, index: usize, watched: &Watched) -> HttpResponse {
    let forced = tokio::select! {
        forced = state.checker.force(index) => forced,
        () = end_of_service(state) => Forced::StillRunning,
    };
    let mut answer = watched.state();
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    match forced {
        Forced::Checked => {
            state.metrics.cache.forced.inc();
            answer.forced = true;
        }
        Forced::StillRunning => state.metrics.cache.forced.inc(),
        Forced::Refused { retry_after_seconds } => {
            state.metrics.cache.refused.inc();
            answer.retry_after_seconds = Some(retry_after_seconds);
            response.insert_header((header::RETRY_AFTER, retry_after_seconds));
        }
    }
    let body = serde_json::to_vec(&answer).unwrap_or_default();
    response.insert_header((header::ETAG, etag(&body)));
    response.insert_header((header::CONTENT_TYPE, JSON)).body(body)
}

/// The state of every target.
#[utoipa::path(
    get,
    path = "/api/targets",
    tag = "version",
    responses(
        (status = 200, description = "One state per target, in the order of the configuration", body = Targets),
        (status = 304, description = "Nothing has changed since the `ETag` in `If-None-Match`")
    )
)]
pub async fn targets(state: web::Data<AppState>, request: HttpRequest) -> HttpResponse {
    let ready: Vec<Arc<Ready>> = state
        .checker
        .targets()
        .iter()
        .enumerate()
        .map(|(index, watched)| {
            if Instant::now() >= watched.ready().good_until {
                state.checker.nudge(index);
                watched.publish();
            }
            Arc::clone(&watched.ready())
        })
        .collect();
    // The tag of all of them is made from each one's, so that nothing is joined for who has it already.
    let tags: Vec<&[u8]> = ready.iter().map(|ready| ready.etag.as_bytes()).collect();
    let tag = etag(&tags.concat());
    if matches(&request, &tag) {
        return not_modified(tag);
    }
    let bodies: Vec<&Bytes> = ready.iter().map(|ready| &ready.body).collect();
    HttpResponse::Ok()
        .insert_header((header::ETAG, tag))
        .insert_header((header::CONTENT_TYPE, JSON))
        .insert_header((header::CACHE_CONTROL, REVALIDATE))
        .body(joined(&bodies))
}

fn not_modified(tag: HeaderValue) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, REVALIDATE))
        .finish()
}

/// The ready answers as one JSON object, without parsing them again.
fn joined(ready: &[&Bytes]) -> BytesMut {
    let mut body = BytesMut::with_capacity(ready.iter().map(|body| body.len() + 1).sum::<usize>() + 16);
    body.put_slice(b"{\"targets\":[");
    for (index, answer) in ready.iter().enumerate() {
        if index > 0 {
            body.put_u8(b',');
        }
        body.put_slice(answer);
    }
    body.put_slice(b"]}");
    body
}
