//! `/__admin/…` on the API listener, for scripts: publish, fault, heal, calls.

use std::time::Duration;

use hyper::Method;
use hyper::http::request::Parts;
use serde_json::json;

use crate::answer::Answer;
use crate::shared::Shared;
use crate::text::{github_time, parameter};
use crate::{Door, Fault, NewRelease};

/// Answers one request.
pub(crate) fn handle(shared: &Shared, parts: &Parts) -> Answer {
    let query = parts.uri.query().unwrap_or_default();
    match (&parts.method, parts.uri.path()) {
        (&Method::POST, "/__admin/publish") => publish(shared, query),
        (&Method::POST, "/__admin/fault") => fault(shared, query),
        (&Method::POST, "/__admin/heal") => {
            shared.faults.heal();
            done()
        }
        (&Method::POST, "/__admin/reset") => {
            shared.calls.reset();
            done()
        }
        (&Method::POST, "/__admin/latency") => match number(query, "ms") {
            Some(milliseconds) => {
                shared.set_latency(Duration::from_millis(milliseconds));
                done()
            }
            None => wrong("ms is needed"),
        },
        (&Method::GET, "/__admin/calls") => calls(shared),
        _ => Answer::json(404, &json!({ "error": "no such admin path" })),
    }
}

fn done() -> Answer {
    Answer::json(200, &json!({ "ok": true }))
}

fn wrong(message: &str) -> Answer {
    Answer::json(400, &json!({ "error": message }))
}

fn number(query: &str, name: &str) -> Option<u64> {
    parameter(query, name)?.parse().ok()
}

/// A release, published now, and with `image=NAME` its image.
fn publish(shared: &Shared, query: &str) -> Answer {
    let (Some(repo), Some(tag)) = (parameter(query, "repo"), parameter(query, "tag")) else {
        return wrong("repo and tag are needed");
    };
    let Some((owner, name)) = repo.split_once('/') else { return wrong("repo is OWNER/NAME") };
    let notes = parameter(query, "notes").unwrap_or_else(|| format!("### Changed\n- what makes {tag}\n"));
    let now = github_time(chrono::Utc::now());
    let mut world = shared.world();
    let release = world.next_id() + 200_000_000;
    let id = world.open_repo(owner, name);
    if let Some(repo) = world.repo_mut(id) {
        repo.add_release(release, NewRelease::new(&tag).notes(&notes).published(&now));
    }
    if let Some(image) = parameter(query, "image") {
        world.image_mut(&image).put_list(&tag, &["linux/amd64", "linux/arm64"], false, true);
    }
    done()
}

fn fault(shared: &Shared, query: &str) -> Answer {
    let wanted = parameter(query, "door").unwrap_or_default();
    let Some(door) = Door::ALL.into_iter().find(|door| door.name() == wanted) else {
        return wrong("door is api, web or registry");
    };
    let Some(fault) = named(query) else { return wrong("no such kind, or its number is missing") };
    let times = number(query, "times").and_then(|times| usize::try_from(times).ok());
    shared.faults.set(door, parameter(query, "path").as_deref(), times, fault);
    done()
}

/// The fault of that `kind`.
fn named(query: &str) -> Option<Fault> {
    let seconds = |name| number(query, name).map(Duration::from_secs);
    let bytes = || number(query, "bytes");
    Some(match parameter(query, "kind")?.as_str() {
        "status" => Fault::Status(number(query, "status")?.try_into().ok()?),
        "delay" => Fault::Delay(Duration::from_millis(number(query, "ms")?)),
        "hang" => Fault::Hang,
        "hang_body" => Fault::HangBody,
        "hang_handshake" => Fault::HangHandshake,
        "drip_head" => Fault::DripHead,
        "drip" => Fault::Drip { bytes_per_second: bytes()? },
        "cut" => Fault::CutAfter(bytes()?.try_into().ok()?),
        "truncate" => Fault::Truncate(bytes()?.try_into().ok()?),
        "wrong_length" => Fault::WrongContentLength,
        "empty" => Fault::EmptyBody,
        "huge" => Fault::Huge { bytes: bytes()?, with_length: parameter(query, "length").is_some() },
        "gzip_bomb" => Fault::GzipBomb { decoded_bytes: bytes()? },
        "close" => Fault::CloseAtOnce,
        "garbage" => Fault::Garbage,
        "limit" => Fault::PrimaryLimit { reset_in: seconds("reset").unwrap_or(Duration::from_secs(2400)) },
        "limit_429" => {
            Fault::PrimaryLimit429 { reset_in: seconds("reset").unwrap_or(Duration::from_secs(2400)) }
        }
        "secondary" => Fault::SecondaryLimit { retry_after: seconds("retry_after") },
        "html" => Fault::Html,
        "redirect_loop" => Fault::RedirectLoop,
        "not_modified" => Fault::AlwaysNotModified,
        "changing_etag" => Fault::ChangingEtag,
        "unauthorized" => Fault::Unauthorized,
        _ => return None,
    })
}

fn calls(shared: &Shared) -> Answer {
    let counts = Door::ALL.map(|door| {
        let connections = shared.connections(door);
        let counts = json!({
            "calls": shared.calls.count(door),
            "connections": connections.accepted(),
            "peak_connections": connections.peak(),
        });
        (door.name().to_owned(), counts)
    });
    Answer::json(200, &serde_json::Value::Object(counts.into_iter().collect()))
}
