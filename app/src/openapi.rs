//! The OpenAPI document, made from the handlers and the contract's types.

use contract::BuildStamp;
use service::documents::require_every_key;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::access::COOKIE;
use crate::guard::is_for_everybody;
use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Remote Agent",
        description = "A single-user server for coding sessions, their transcripts and git activity.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(
        routes::events::accept,
        routes::dead_letters::list,
        routes::dead_letters::replay,
        routes::sessions::list,
        routes::sessions::one,
        routes::sessions::events,
        routes::transcripts::put,
        routes::transcripts::get,
        routes::transcripts::delete,
        routes::activity::list,
        routes::workspaces::list,
        routes::version::version,
        routes::version::changelog,
        routes::version::skip,
        routes::version::unskip,
        routes::version::snooze,
        routes::version::unsnooze,
        routes::version::stream,
        routes::page::page,
        routes::page::settings,
        routes::page::banner,
        routes::sign_in::sign_in,
        routes::sign_in::sign_out,
        routes::health::health,
        routes::health::livez,
        routes::health::readyz,
        routes::documents::openapi,
        routes::documents::page
    ),
    tags(
        (name = "events", description = "Events in, nothing lost"),
        (name = "sessions", description = "What was stored"),
        (name = "version", description = "What runs, what is newer, what changed: passed on from the watcher"),
        (name = "page", description = "The web page: itself, its banner, signing in"),
        (name = "operating", description = "Health, this document")
    ),
    modifiers(&Keys, &Refusals)
)]
struct Document;

struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("`API_KEY`")).build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("key", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(COOKIE, "what `POST /sign-in` sets"));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    }
}

/// What can be answered before a handler is asked, the same for all of them; see [`crate::guard`].
struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            if is_for_everybody(path) {
                continue;
            }
            let closed = path.starts_with("/api/");
            let changing = [&mut item.put, &mut item.post, &mut item.delete];
            for operation in changing.into_iter().flatten() {
                refuse(
                    operation,
                    closed.then_some((403, "Signed in by the cookie, and sent by another site")),
                );
                describe(operation, closed);
            }
            if let Some(operation) = &mut item.get {
                describe(operation, closed);
            }
        }
    }
}

fn describe(operation: &mut Operation, closed: bool) {
    if operation.request_body.is_some() {
        let refusals = [
            (408, "The body did not arrive in time"),
            (413, "The body is too large"),
            (415, "The body is compressed"),
        ];
        refuse(operation, refusals);
    }
    refuse(operation, [(421, "Asked under a name that is not in `ALLOWED_HOSTS`")]);
    if closed {
        refuse(operation, [(401, "No key, or a wrong one"), (429, "Too many wrong keys from this address")]);
        let keys = ["key", "cookie"].map(|name| SecurityRequirement::new(name, [""; 0]));
        operation.security = Some(keys.to_vec());
    }
}

fn refuse(operation: &mut Operation, refusals: impl IntoIterator<Item = (u16, &'static str)>) {
    for (status, description) in refusals {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", content)
            .build();
        operation.responses.responses.entry(status.to_string()).or_insert_with(|| response.into());
    }
}

/// Schemas where a key may be left out: what is sent to us, and a part's health, where only a queue has a depth.
const PARTIAL: [&str; 7] =
    ["Check", "Event", "EventBatch", "ReplayRequest", "SignIn", "SkipRequest", "SnoozeRequest"];

/// The document of this build.
#[must_use]
pub fn document(stamp: BuildStamp) -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    stamp.version.clone_into(&mut document.info.version);
    require_every_key(&mut document, &PARTIAL);
    document
}
