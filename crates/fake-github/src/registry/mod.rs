//! Like ghcr.io: the token service, manifests, blobs, tags.

mod handle;
mod image;

use hyper::header::{ACCEPT, AUTHORIZATION};
use hyper::http::request::Parts;
use serde_json::json;

pub use handle::ImageHandle;
pub(crate) use image::{Access, Image};

use crate::answer::Answer;
use crate::quota::token_of;
use crate::shared::Shared;
use crate::text::{decoded, object_id, parameter};

/// The service's name in challenges and token requests.
const SERVICE: &str = "ghcr.io";

/// Answers one request.
pub(crate) fn handle(shared: &Shared, parts: &Parts) -> Answer {
    let path = decoded(parts.uri.path());
    let mut answer = if path == "/token" {
        token(shared, parts)
    } else if let Some(rest) = path.strip_prefix("/v2") {
        in_v2(shared, parts, rest.trim_start_matches('/'))
    } else {
        error(404, "NOT_FOUND", "page not found")
    };
    answer.put("docker-distribution-api-version", "registry/2.0");
    answer.put("x-github-request-id", &crate::api::request_id(shared));
    answer
}

/// `GET /token?service=…&scope=repository:NAME:pull`.
fn token(shared: &Shared, parts: &Parts) -> Answer {
    let query = parts.uri.query().unwrap_or_default();
    let scope = parameter(query, "scope").unwrap_or_default();
    let name = scope.strip_prefix("repository:").and_then(|rest| rest.rsplit_once(':')).map(|(name, _)| name);
    let Some(name) = name.filter(|_| parameter(query, "service").is_some_and(|service| service == SERVICE))
    else {
        return error(400, "BAD_REQUEST", "service and scope are needed");
    };
    let owned = holds_login(shared, parts);
    let world = shared.world();
    match world.image(name) {
        _ if parts.headers.contains_key(AUTHORIZATION) && !owned => denied(),
        None => denied(),
        Some(image) if image.access == Access::PrivateAtToken && !owned => {
            error(401, "UNAUTHORIZED", "authentication required")
        }
        Some(_) => Answer::json(200, &json!({ "token": token_for(name, owned) })),
    }
}

/// Whether one of the accepted GitHub tokens came along.
fn holds_login(shared: &Shared, parts: &Parts) -> bool {
    matches!(shared.quota().caller(&parts.headers), crate::quota::Caller::Token(_))
}

/// A token that is good for one image.
fn token_for(name: &str, owned: bool) -> String {
    object_id(&["token", name, if owned { "owner" } else { "anyone" }])
}

fn in_v2(shared: &Shared, parts: &Parts, rest: &str) -> Answer {
    let given = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(token_of);
    if rest.is_empty() {
        return if given.is_some() { Answer::json(200, &json!({})) } else { challenge(shared, "user/image") };
    }
    if !crate::api::reads(&parts.method) {
        return error(405, "UNSUPPORTED", "The operation is unsupported.");
    }
    let Some((name, kind, reference)) = split(rest) else {
        return error(404, "NAME_UNKNOWN", "no such path");
    };
    let world = shared.world();
    let image = world.image(name);
    let open = image.is_some_and(|image| image.access == Access::WithoutToken);
    let owner = given == Some(token_for(name, true).as_str());
    let known = open || owner || given == Some(token_for(name, false).as_str());
    let Some(image) = image.filter(|_| known) else { return challenge(shared, name) };
    if image.access == Access::PrivateAtManifest && !owner {
        return denied();
    }
    match kind {
        "manifests" => manifest(image, reference, parts),
        "blobs" => match image.blob(reference) {
            Some(blob) => Answer::new(200, "application/octet-stream", blob.clone())
                .with("docker-content-digest", reference),
            None => error(404, "BLOB_UNKNOWN", "blob unknown to registry"),
        },
        _ => Answer::json(200, &json!({ "name": name, "tags": image.tags() })),
    }
}

/// Name, kind and reference of `NAME/manifests/REF`, `NAME/blobs/DIGEST`, `NAME/tags/list`.
fn split(rest: &str) -> Option<(&str, &str, &str)> {
    ["manifests", "blobs", "tags"].into_iter().find_map(|kind| {
        let (name, reference) = rest.rsplit_once(&format!("/{kind}/"))?;
        (kind != "tags" || reference == "list").then_some((name, kind, reference))
    })
}

fn manifest(image: &Image, reference: &str, parts: &Parts) -> Answer {
    let Some((digest, manifest)) = image.manifest(reference) else {
        return error(404, "MANIFEST_UNKNOWN", "manifest unknown");
    };
    let accepted = parts.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut accepted =
        accepted.flat_map(|value| value.split(',')).map(|one| one.split(';').next().unwrap_or(one));
    // Like the real one, `*/*` does not count.
    if !accepted.any(|one| one.trim() == manifest.media_type) {
        let (one, many) = image::words(manifest.media_type);
        let message = format!("{one} found, but Accept header does not support {many}");
        return error(404, "MANIFEST_UNKNOWN", &message);
    }
    Answer::new(200, manifest.media_type, manifest.body.clone())
        .with("docker-content-digest", digest)
        .with("etag", &format!("\"{digest}\""))
}

/// Where to get a token.
fn challenge(shared: &Shared, name: &str) -> Answer {
    let header = format!(
        "Bearer realm=\"{}/token\",service=\"{SERVICE}\",scope=\"repository:{name}:pull\"",
        shared.site.registry
    );
    error(401, "UNAUTHORIZED", "authentication required").with("www-authenticate", &header)
}

fn denied() -> Answer {
    error(403, "DENIED", "requested access to the resource is denied")
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let mut answer = Answer::json(status, &json!({ "errors": [{ "code": code, "message": message }] }));
    answer.put("content-type", "application/json");
    answer
}

/// A status as a registry words it.
pub(crate) fn status_answer(shared: &Shared, status: u16) -> Answer {
    match status {
        401 => challenge(shared, "user/image"),
        403 => denied(),
        404 => error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
        429 => error(429, "TOOMANYREQUESTS", "retry-after: 61s, allowed: 44000/minute"),
        _ => error(status, "UNKNOWN", "unknown error"),
    }
}
