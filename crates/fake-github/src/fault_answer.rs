//! Faults as answers: those that take an answer's place, and what the others do to one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use hyper::header::{CONTENT_LENGTH, ETAG, HeaderValue, IF_NONE_MATCH};
use hyper::http::request::Parts;

use crate::answer::{Answer, HTML, JSON};
use crate::fault::{Fault, Plan};
use crate::payload::{Payload, Step};
use crate::quota::{Caller, Standing};
use crate::shared::Shared;
use crate::{Door, api, gzip, registry, web};

/// One element of the endless list; repeated, it fills a chunk.
const ELEMENT: &[u8] =
    br#"{"tag_name":"v0.0.1","name":"filler","draft":false,"prerelease":false,"body":"more"},"#;
const PORTAL: &str = "<!DOCTYPE html>\n<html><head><title>Welcome to the hotel</title></head>\
<body><form action=\"/login\"><h1>Please accept our terms</h1><input name=\"room\"></form></body></html>\n";
/// Time for what was sent to leave before the connection breaks.
const FLUSH: Duration = Duration::from_millis(30);

/// The answer in place of the real one.
pub(crate) fn instead(shared: &Shared, door: Door, parts: &Parts, fault: &Fault) -> Answer {
    match fault {
        Fault::Status(status) => status_answer(shared, door, *status),
        Fault::StatusBody(status, content_type, body) => Answer::new(*status, content_type, body.clone()),
        Fault::Huge { bytes, with_length } => huge(*bytes, *with_length),
        Fault::GzipBomb { decoded_bytes } => Answer::new(200, JSON, Bytes::new())
            .with("content-encoding", "gzip")
            .with_body(Payload::script(gzip::bomb(*decoded_bytes))),
        Fault::PrimaryLimit { reset_in } => primary(shared, door, parts, 403, *reset_in),
        Fault::PrimaryLimit429 { reset_in } => primary(shared, door, parts, 429, *reset_in),
        Fault::SecondaryLimit { retry_after } => secondary(shared, door, parts, 403, *retry_after),
        Fault::SecondaryLimit429 { retry_after } => secondary(shared, door, parts, 429, *retry_after),
        Fault::Html => Answer::new(200, HTML, PORTAL).with("server", "captive-portal"),
        Fault::RedirectTo(place) => Answer::redirect(302, place),
        Fault::MovedTo(place) => Answer::redirect(301, place),
        Fault::RedirectLoop => Answer::redirect(302, &next_hop(parts)),
        Fault::AlwaysNotModified => {
            let etag = parts.headers.get(IF_NONE_MATCH).and_then(|etag| etag.to_str().ok());
            dressed(shared, door, parts, Answer::bare(304).with("etag", etag.unwrap_or("W/\"never\"")))
        }
        Fault::Unauthorized => status_answer(shared, door, 401),
        // Everything else has been dealt with before, or changes an answer.
        _ => Answer::bare(500),
    }
}

/// The status as this door words it.
fn status_answer(shared: &Shared, door: Door, status: u16) -> Answer {
    let reason = hyper::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    match door {
        Door::Web => web::status_page(status),
        Door::Registry => registry::status_answer(shared, status),
        Door::Api => {
            let answer = match status {
                401 => api::error(401, "Bad credentials", ""),
                403 => api::error(403, "Resource not accessible by personal access token", ""),
                502 | 504 => {
                    return Answer::new(status, HTML, "<html><body><h1>Unicorn!</h1></body></html>\n");
                }
                503 => {
                    return Answer::new(
                        503,
                        HTML,
                        "<html><body><h1>No server is available</h1></body></html>\n",
                    );
                }
                500 => api::error(500, "Server Error", ""),
                _ => api::error(status, reason.unwrap_or("Error"), ""),
            };
            api::dressed(shared, answer, &Caller::Anonymous, "2022-11-28")
        }
    }
}

/// With the API's headers, where it is the API.
fn dressed(shared: &Shared, door: Door, parts: &Parts, answer: Answer) -> Answer {
    if door != Door::Api {
        return answer;
    }
    let caller = shared.quota().caller(&parts.headers);
    api::dressed(shared, answer, &caller, "2022-11-28")
}

fn primary(shared: &Shared, door: Door, parts: &Parts, status: u16, reset_in: Duration) -> Answer {
    let caller = shared.quota().caller(&parts.headers);
    let limit = shared.quota().standing(&caller).limit;
    let mut answer = dressed(shared, door, parts, api::limited(shared, status, &caller));
    let reset = SystemTime::now() + reset_in;
    let reset = reset.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    api::limit_headers(&mut answer, Standing { limit, used: limit, reset });
    answer
}

fn secondary(shared: &Shared, door: Door, parts: &Parts, status: u16, wait: Option<Duration>) -> Answer {
    let mut answer = dressed(shared, door, parts, api::secondary(shared, status));
    if let Some(wait) = wait {
        answer.headers.insert("retry-after", HeaderValue::from(wait.as_secs()));
    }
    answer
}

fn huge(bytes: u64, with_length: bool) -> Answer {
    let chunk = Bytes::from(ELEMENT.repeat(64 * 1024 / ELEMENT.len()));
    let end = b"{}]";
    let middle = bytes.saturating_sub(1 + end.len() as u64);
    // The list stays valid JSON: whole elements, then blanks.
    let whole = middle / ELEMENT.len() as u64 * ELEMENT.len() as u64;
    let blanks = Bytes::from(vec![b' '; usize::try_from(middle - whole).unwrap_or(0)]);
    let steps = [
        Step::Data(Bytes::from_static(b"[")),
        Step::Repeat { chunk, left: whole },
        Step::Data(blanks),
        Step::Data(Bytes::from_static(end)),
    ];
    let mut answer = Answer::new(200, JSON, Bytes::new()).with_body(Payload::script(steps));
    if with_length {
        answer.headers.insert(CONTENT_LENGTH, HeaderValue::from(middle + 1 + end.len() as u64));
    }
    answer
}

/// The same address with `hop` one higher.
fn next_hop(parts: &Parts) -> String {
    let query = parts.uri.query().unwrap_or_default();
    let hop: u64 = crate::text::parameter(query, "hop").and_then(|hop| hop.parse().ok()).unwrap_or(0);
    let others: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("hop=")).collect();
    let own = format!("hop={}", hop + 1);
    format!("{}?{}", parts.uri.path(), others.into_iter().chain([own.as_str()]).collect::<Vec<_>>().join("&"))
}

/// Without `If-None-Match`, where a fault says that it never matches.
pub(crate) fn unconditional(mut parts: Parts, plan: &Plan) -> Parts {
    if plan.change.iter().any(|fault| matches!(fault, Fault::WeakEtag | Fault::ChangingEtag)) {
        parts.headers.remove(IF_NONE_MATCH);
    }
    parts
}

/// What a fault does to an answer.
pub(crate) fn change(shared: &Shared, answer: &mut Answer, fault: &Fault) {
    match fault {
        Fault::HeaderExtra(name, value) => answer.put(name, value),
        Fault::WrongDate(seconds) => {
            let skewed = Utc::now() + TimeDelta::try_seconds(*seconds).unwrap_or_default();
            answer.put("date", &crate::text::http_date(skewed));
        }
        Fault::ChangingEtag => answer.put("etag", &format!("\"{:016x}\"", shared.next_number())),
        Fault::WeakEtag => {
            let etag = answer.headers.get(ETAG).and_then(|etag| etag.to_str().ok()).unwrap_or("\"weak\"");
            if !etag.starts_with("W/") {
                let weak = format!("W/{etag}");
                answer.put("etag", &weak);
            }
        }
        _ => reshape(answer, fault),
    }
}

/// What a fault does to a body.
fn reshape(answer: &mut Answer, fault: &Fault) {
    let Some(body) = answer.body.whole().cloned() else { return };
    let length = body.len();
    let (promised, payload) = match fault {
        Fault::HangBody => (length.max(1), Payload::script([Step::Hang])),
        Fault::Drip { bytes_per_second } => {
            (length, Payload::script([Step::Slow { data: body, bytes_per_second: *bytes_per_second }]))
        }
        Fault::CutAfter(bytes) => {
            let sent = body.slice(..(*bytes).min(length.saturating_sub(1)));
            (length.max(1), Payload::script([Step::Data(sent), Step::Wait(FLUSH), Step::Break]))
        }
        Fault::Truncate(bytes) => ((*bytes).min(length), Payload::Whole(body.slice(..(*bytes).min(length)))),
        Fault::WrongContentLength => {
            (length + 64, Payload::script([Step::Data(body), Step::Wait(FLUSH), Step::Break]))
        }
        Fault::EmptyBody => (0, Payload::Whole(Bytes::new())),
        _ => return,
    };
    answer.headers.insert(CONTENT_LENGTH, HeaderValue::from(promised));
    answer.body = payload;
}
