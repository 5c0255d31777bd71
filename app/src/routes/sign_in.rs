//! `POST /sign-in`, `POST /sign-out`: the key for a cookie, so that the page never keeps the key.

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use contract::Problem;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::{COOKIE, LIFETIME, is_same_origin};
use crate::body;
use crate::error::ApiError;
use crate::state::AppState;

/// What the page sends.
#[derive(Deserialize, ToSchema)]
pub struct SignIn {
    /// The API key.
    key: String,
}

/// Get the cookie of a signed-in page.
#[utoipa::path(
    post, path = "/sign-in", tag = "page", request_body = SignIn,
    responses(
        (status = 204, description = "Signed in: the cookie is set (HttpOnly, SameSite=Strict)"),
        (status = 400, description = "No key in the body", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The wrong key", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Sent by another site", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong keys", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn sign_in(
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let sent = body::read(&request, payload, 4 << 10, "the request").await?;
    check_origin(&request)?;
    let sent: SignIn = serde_json::from_slice(&sent)
        .map_err(|_| ApiError::BadRequest("send {\"key\": \"…\"} as JSON".into()))?;
    state.access.check_key(&sent.key, request.peer_addr().map(|address| address.ip()))?;
    let lifetime = time::Duration::seconds(LIFETIME.num_seconds());
    let cookie = cookie(&request, state.access.cookies.issue(Utc::now()), lifetime);
    Ok(HttpResponse::NoContent().cookie(cookie).finish())
}

/// Forget the cookie.
#[utoipa::path(
    post, path = "/sign-out", tag = "page",
    responses(
        (status = 204, description = "Signed out"),
        (status = 403, description = "Sent by another site", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn sign_out(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    check_origin(&request)?;
    let mut gone = cookie(&request, String::new(), time::Duration::ZERO);
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}

/// A browser says where a request comes from; a script without those headers is no browser that could be misled.
fn check_origin(request: &HttpRequest) -> Result<(), ApiError> {
    let says = |name: &str| request.headers().contains_key(name);
    let from_browser = says("sec-fetch-site") || says("origin");
    if from_browser && !is_same_origin(request) { Err(ApiError::OtherSite) } else { Ok(()) }
}

fn cookie(request: &HttpRequest, value: String, lifetime: time::Duration) -> Cookie<'static> {
    // The page's own address tells whether it came over TLS, also behind a proxy that ends it.
    let origin = request.headers().get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    Cookie::build(COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(origin.is_some_and(|origin| origin.starts_with("https://")))
        .max_age(lifetime)
        .finish()
}
