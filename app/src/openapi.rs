//! The OpenAPI document, made from the handlers and the contract's types.

use contract::BuildStamp;
use service::documents::require_every_key;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::access::COOKIE;
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
        (name = "page", description = "Signing in"),
        (name = "operating", description = "Health, this document")
    ),
    modifiers(&Keys)
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

/// Schemas of what is sent to us, where a key may be left out.
const REQUESTS: [&str; 6] =
    ["Event", "EventBatch", "ReplayRequest", "SignIn", "SkipRequest", "SnoozeRequest"];

/// The document of this build.
#[must_use]
pub fn document(stamp: BuildStamp) -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    stamp.version.clone_into(&mut document.info.version);
    require_every_key(&mut document, &REQUESTS);
    document
}
