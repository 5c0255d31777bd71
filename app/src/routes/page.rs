//! `GET /`, `GET /settings`, `GET /favicon.svg`, `GET /page/…`, `GET /update-banner.js`: the page, which needs no key,
//! because all data in it comes from `/api`.

use actix_web::http::header::{self, AcceptEncoding, Encoding, Header};
use actix_web::{HttpRequest, HttpResponse, web};
use anyhow::Context;
use bytes::Bytes;
use contract::Problem;

use crate::banner_script::{Language, Missing};
use crate::error::ApiError;
use crate::page::PageFile;
use crate::state::AppState;

/// The page: sessions, activity, dead letters.
#[utoipa::path(
    get, path = "/", tag = "page",
    responses((status = 200, description = "The page; its views are told apart by the query", body = String, content_type = "text/html"), (status = 304, description = "As before"))
)]
pub async fn page(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    file(&request)
}

/// The page's view of version, health and settings.
#[utoipa::path(
    get, path = "/settings", tag = "page",
    responses((status = 200, description = "The page", body = String, content_type = "text/html"), (status = 304, description = "As before"))
)]
pub async fn settings(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    file(&request)
}

/// One of the page's files.
pub async fn part(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    file(&request)
}

/// The web components `<update-banner>` and `<version-widget>`, as the watcher serves them; the last good copy while
/// it is away.
#[utoipa::path(
    get, path = "/update-banner.js", tag = "page",
    params(("lang" = Option<String>, Query, description = "Two small letters: the words of this language as JSON, instead of the script. Anything else is ignored")),
    responses(
        (status = 200, description = "An ES module; with `lang` its words in that language, as JSON", content((String = "text/javascript"), (HashMap<String, String> = "application/json"))),
        (status = 304, description = "As before"),
        (status = 404, description = "The components do not speak this language", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The watcher has not been heard since the start", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn banner(state: web::Data<AppState>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let mut named = request.query_string().split('&').filter_map(|pair| pair.strip_prefix("lang="));
    let language = named.next().and_then(Language::parse);
    let script = state.banner.get(&state.watcher, language).await.map_err(refused)?;
    let kind = if language.is_some() { "application/json" } else { "text/javascript; charset=utf-8" };
    let body = if takes_gzip(&request) { Body::Zipped(script.zipped) } else { Body::Plain(script.text) };
    Ok(answer(&request, kind, script.sha256, body))
}

fn refused(missing: Missing) -> ApiError {
    match missing {
        Missing::NoLanguage => ApiError::NotFound("the components do not speak this language".into()),
        Missing::Unheard => ApiError::Unavailable(
            "the watcher, which serves this, has not been heard since the start; see WATCHER_URL".into(),
            5,
        ),
    }
}

fn file(request: &HttpRequest) -> Result<HttpResponse, ApiError> {
    let file = PageFile::under(request.uri().path()).ok_or(ApiError::NoRoute)?;
    let (kind, sha256) = (file.kind, file.sha256);
    let body = if takes_gzip(request) {
        Body::Zipped(file.zipped().context("compress a file of the page")?)
    } else {
        Body::Plain(file.plain())
    };
    Ok(answer(request, kind, sha256, body))
}

enum Body {
    Plain(Bytes),
    Zipped(Bytes),
}

/// To be asked for again each time, which costs a 304 where it is known: after an upgrade the page is the new one at
/// once.
fn answer(request: &HttpRequest, kind: &'static str, sha256: [u8; 32], body: Body) -> HttpResponse {
    // Other bytes, another tag: a cache on the way may keep both.
    let ending = if matches!(body, Body::Zipped(_)) { "-gzip" } else { "" };
    let etag = format!("\"{}{ending}\"", hex::encode(sha256));
    let is_known = is_known(request, &etag);
    let mut answer = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((header::VARY, "accept-encoding"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::ETAG, etag));
    if is_known {
        return answer.finish();
    }
    answer.content_type(kind);
    match body {
        Body::Plain(bytes) => answer.body(bytes),
        Body::Zipped(bytes) => answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(bytes),
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let supported = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request)
        .is_ok_and(|accepted| accepted.negotiate(supported.iter()) == Some(Encoding::gzip()))
}

fn is_known(request: &HttpRequest, etag: &str) -> bool {
    let named = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let mut named = named.flat_map(|value| value.split(',')).map(str::trim);
    named.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
