//! `GET /update-banner.js`: the web components, and under the same path their words in other languages. One path is
//! all that an application has to pass on.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use anyhow::Context;
use url::form_urlencoded;

use super::version::matches;
use crate::components::{self, Asset};
use crate::error::ApiError;

/// Where the module is.
pub const PATH: &str = "/update-banner.js";

/// A new version is with everybody soon, and a page that is opened often asks seldom.
const CACHE: &str = "public, max-age=300";

/// The web components `<update-banner>` and `<version-widget>`, as one JavaScript module.
#[utoipa::path(
    get,
    path = "/update-banner.js",
    tag = "views",
    params((
        "lang" = Option<String>,
        Query,
        description = "The words of this language as JSON, in place of the module: `ar` `de` `es` `fr` `he` `it` `ja` `pl` `pt` `ru` `zh`. Other parameters are left alone."
    )),
    responses(
        (status = 200, description = "The module; with `lang`, a JSON object of words", content((String = "text/javascript"), (serde_json::Value = "application/json"))),
        (status = 304, description = "Nothing has changed since the `ETag` in `If-None-Match`"),
        (status = 404, description = "No such language", body = contract::Problem, content_type = "application/problem+json")
    )
)]
pub async fn module(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    // Somebody's cache buster may be of any form, and is none of our business.
    let mut query = form_urlencoded::parse(request.query_string().as_bytes());
    match query.find(|(key, _)| key == "lang") {
        None => answer(&request, components::module(), "text/javascript; charset=utf-8"),
        Some((_, lang)) => {
            let words = components::words(&lang).ok_or(ApiError::NoRoute)?;
            answer(&request, &words, "application/json")
        }
    }
}

fn answer(request: &HttpRequest, asset: &Asset, kind: &'static str) -> Result<HttpResponse, ApiError> {
    let gzip = takes_gzip(request);
    let tag = if gzip { asset.etag.clone() } else { plain(&asset.etag)? };
    let same = matches(request, &tag);
    let mut response = if same { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag));
    response.insert_header((header::CACHE_CONTROL, CACHE));
    response.insert_header((header::VARY, "Accept-Encoding"));
    if same {
        return Ok(response.finish());
    }
    response.insert_header((header::CONTENT_TYPE, kind));
    if gzip {
        return Ok(response.insert_header((header::CONTENT_ENCODING, "gzip")).body(asset.gzip));
    }
    Ok(response.body(asset.text().context("unpack the web components")?))
}

/// Whether gzip is named, and not with a weight of zero.
fn takes_gzip(request: &HttpRequest) -> bool {
    let sent = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    sent.unwrap_or_default().to_ascii_lowercase().split(',').any(|coding| {
        let mut words = coding.split(';').map(str::trim);
        let named = words.next() == Some("gzip");
        let weight = words.find_map(|word| word.strip_prefix("q=")).unwrap_or("1");
        named && weight.parse().is_ok_and(|weight: f32| weight > 0.0)
    })
}

/// Other bytes are another representation, with a tag of its own.
fn plain(tag: &HeaderValue) -> Result<HeaderValue, ApiError> {
    let text = tag.to_str().context("read a tag")?.trim_end_matches('"');
    Ok(HeaderValue::from_str(&format!("{text}-plain\"")).context("write a tag")?)
}
