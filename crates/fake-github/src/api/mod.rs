//! Like api.github.com: who asks, on whose account, whether anything changed, and only then what.

mod advisories;
mod commits;
mod compare;
mod objects;
mod page;
mod releases;
mod route;

use chrono::Utc;
use hyper::Method;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderValue, IF_NONE_MATCH, LINK, USER_AGENT,
};
use hyper::http::request::Parts;
use serde_json::{Value, json};

pub(crate) use page::Page;

use crate::answer::{Answer, HTML};
use crate::payload::Payload;
use crate::quota::{Caller, Standing};
use crate::shared::Shared;

/// Versions of the API that are served.
const VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];
const NO_AGENT: &str = "\r\nRequest forbidden by administrative rules. Please make sure your request has a \
User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). \
Check https://developer.github.com for other possible causes.\r\n";

/// What a route gives: a rendered page that may be answered 304, or an answer of its own.
pub(crate) enum Reply {
    /// Rendered once per change.
    Page(std::sync::Arc<Page>),
    /// Errors and redirects.
    Answer(Answer),
}

/// Answers one request. `compress`: whether a client that offers gzip gets it.
pub(crate) fn handle(shared: &Shared, parts: &Parts, compress: bool) -> Answer {
    if parts.headers.get(USER_AGENT).is_none_or(HeaderValue::is_empty) {
        return Answer::new(403, HTML, NO_AGENT);
    }
    let caller = shared.quota().caller(&parts.headers);
    let version = match parts.headers.get("x-github-api-version").map(|value| value.to_str().unwrap_or("?")) {
        None => VERSIONS[0],
        Some(asked) => match VERSIONS.iter().find(|version| **version == asked) {
            Some(version) => version,
            None => return dressed(shared, unsupported(asked), &caller, VERSIONS[0]),
        },
    };
    if parts.uri.path() == "/rate_limit" && caller != Caller::Rejected {
        let standing = shared.quota().standing(&caller);
        return dressed(shared, Answer::json(200, &rate_limit(standing, version)), &caller, version);
    }
    let standing = shared.quota().standing(&caller);
    if standing.remaining() == 0 {
        return dressed(shared, limited(shared, 403, &caller), &caller, version);
    }
    if caller == Caller::Rejected {
        shared.quota().charge(&caller);
        return dressed(shared, error(401, "Bad credentials", ""), &caller, version);
    }
    let answer = match route::find(shared, parts, &caller) {
        Reply::Answer(answer) => answer,
        Reply::Page(page) => present(parts, &page, compress),
    };
    // Not modified is free, but only to those with a token.
    if answer.status != 304 || caller == Caller::Anonymous {
        shared.quota().charge(&caller);
    }
    dressed(shared, answer, &caller, version)
}

/// The page, or 304 where the client has it.
fn present(parts: &Parts, page: &Page, compress: bool) -> Answer {
    let mut answer = if matches(parts, &page.etag) {
        Answer::bare(304)
    } else {
        let mut answer = Answer::new(200, page.content_type, page.body.clone());
        if compress
            && accepts_gzip(parts)
            && let Some(packed) = page.compressed()
        {
            answer = answer.with_body(Payload::Whole(packed));
            answer.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        answer
    };
    answer.headers.insert(ETAG, page.etag.clone());
    if let Some(link) = &page.link {
        answer.headers.insert(LINK, link.clone());
    }
    answer
}

/// Whether `If-None-Match` names this ETag; weak comparison, as for GET.
fn matches(parts: &Parts, etag: &HeaderValue) -> bool {
    let ours = opaque(etag.to_str().unwrap_or_default());
    parts
        .headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').map(str::trim).any(|theirs| theirs == "*" || opaque(theirs) == ours))
}

fn opaque(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}

fn accepts_gzip(parts: &Parts) -> bool {
    let offered = parts.headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    offered.flat_map(|value| value.split(',')).any(|one| one.trim().starts_with("gzip"))
}

/// Adds the headers every answer of the API has.
pub(crate) fn dressed(shared: &Shared, mut answer: Answer, caller: &Caller, version: &str) -> Answer {
    let standing = shared.quota().standing(caller);
    let private = if matches!(caller, Caller::Token(_)) { "private" } else { "public" };
    limit_headers(&mut answer, standing);
    answer.put("server", "github.com");
    answer.put("x-github-media-type", "github.v3; format=json");
    answer.put("x-github-api-version-selected", version);
    answer.put("x-github-request-id", &request_id(shared));
    answer.put("access-control-allow-origin", "*");
    answer.put("access-control-expose-headers", "ETag, Link, Location, Retry-After, X-RateLimit-Limit");
    answer.put("x-content-type-options", "nosniff");
    answer.put("vary", "Accept,Accept-Encoding, Accept, X-Requested-With");
    if matches!(answer.status.as_u16(), 200 | 304) {
        answer.put("cache-control", &format!("{private}, max-age=60, s-maxage=60"));
    }
    answer
}

/// The five `x-ratelimit-…` headers.
pub(crate) fn limit_headers(answer: &mut Answer, standing: Standing) {
    answer.headers.insert("x-ratelimit-limit", HeaderValue::from(standing.limit));
    answer.headers.insert("x-ratelimit-remaining", HeaderValue::from(standing.remaining()));
    answer.headers.insert("x-ratelimit-used", HeaderValue::from(standing.used.min(standing.limit)));
    answer.headers.insert("x-ratelimit-reset", HeaderValue::from(standing.reset));
    answer.headers.insert("x-ratelimit-resource", HeaderValue::from_static("core"));
}

/// Unique for each answer, in GitHub's form.
pub(crate) fn request_id(shared: &Shared) -> String {
    let number = shared.next_number();
    let stamp = Utc::now().timestamp();
    format!("C0DE:{:05X}:{:06X}:{:06X}:{stamp:08X}", number & 0xF_FFFF, number, number * 7 + 1)
}

/// An error in GitHub's form; `page` names its documentation.
pub(crate) fn error(status: u16, message: &str, page: &str) -> Answer {
    let documentation = format!("https://docs.github.com/rest{page}");
    let body =
        json!({ "message": message, "documentation_url": documentation, "status": status.to_string() });
    Answer::json(status, &body)
}

/// What exists for nobody, or not for this caller.
pub(crate) fn not_found() -> Answer {
    error(404, "Not Found", "")
}

/// The hourly limit is reached.
pub(crate) fn limited(shared: &Shared, status: u16, caller: &Caller) -> Answer {
    let (message, page) = match caller {
        Caller::Token(_) => (
            format!(
                "API rate limit exceeded for user ID 5830417. If you reach out to GitHub Support for help, please \
                 include the request ID {} and timestamp {} UTC.",
                request_id(shared),
                Utc::now().format("%Y-%m-%d %H:%M:%S")
            ),
            "rate-limits-for-the-rest-api",
        ),
        Caller::Anonymous | Caller::Rejected => (
            "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher \
             rate limit. Check out the documentation for more details.)"
                .to_owned(),
            "resources-in-the-rest-api#rate-limiting",
        ),
    };
    let documentation = format!("https://docs.github.com/rest/overview/{page}");
    Answer::json(status, &json!({ "message": message, "documentation_url": documentation }))
}

/// A secondary limit is reached.
pub(crate) fn secondary(shared: &Shared, status: u16) -> Answer {
    let message = format!(
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out \
         to GitHub Support for help, please include the request ID {}.",
        request_id(shared)
    );
    let page = "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api\
                #about-secondary-rate-limits";
    Answer::json(status, &json!({ "message": message, "documentation_url": page }))
}

fn unsupported(asked: &str) -> Answer {
    let dated = asked.len() == 10 && asked.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let status = if dated { 410 } else { 400 };
    error(status, &format!("{asked:?} is not a supported API version."), "/about-the-rest-api/api-versions")
}

fn rate_limit(core: Standing, version: &str) -> Value {
    let account = |limit: u64, used: u64, resource: &str| {
        json!({ "limit": limit, "used": used, "remaining": limit.saturating_sub(used), "reset": core.reset,
                "resource": resource })
    };
    let core_account = account(core.limit, core.used.min(core.limit), "core");
    let mut body = json!({ "resources": {
        "core": core_account,
        "search": account(if core.limit > 60 { 30 } else { 10 }, 0, "search"),
        "graphql": account(if core.limit > 60 { 5000 } else { 0 }, 0, "graphql"),
    } });
    // The newest version has dropped this old name for the core account.
    if version == VERSIONS[0] {
        body["rate"] = core_account;
    }
    body
}

/// Whether `Accept` names this media type.
pub(crate) fn accepts(parts: &Parts, media_type: &str) -> bool {
    let accepted = parts.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| one.trim().starts_with(media_type))
}

/// Whether this method reads.
pub(crate) fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// The content type of a bare SHA.
pub(crate) const SHA_TYPE: &str = "application/vnd.github.sha; charset=utf-8";
