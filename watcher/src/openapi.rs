//! The OpenAPI document, made from the handlers and the contract's types.

use contract::BuildStamp;
use service::documents::require_every_key;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sidewatch",
        description = "Tells whether a newer version of an application exists and can be installed here.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(
        routes::version::version,
        routes::version::targets,
        routes::changelog::changelog,
        routes::decisions::skip,
        routes::decisions::unskip,
        routes::decisions::snooze,
        routes::decisions::unsnooze,
        routes::stream::stream,
        routes::feed::feed,
        routes::badge::svg,
        routes::badge::json,
        routes::assets::module,
        routes::health::livez,
        routes::health::readyz,
        routes::metrics::metrics,
        routes::docs::openapi,
        routes::docs::page
    ),
    tags(
        (name = "version", description = "What runs, what is newer, what changed"),
        (name = "decisions", description = "Skip and snooze, shared by everybody. `/api/version/skip` and `/api/version/snooze` are second names, as `/api/version/stream` is of `/api/stream`"),
        (name = "views", description = "The same for feed readers and badges"),
        (name = "operating", description = "Health, metrics, this document")
    ),
    modifiers(&Token, &Complete)
)]
struct Document;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("`SIDEWATCH_API_TOKEN`"))
            .build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// Schemas of what is sent to us, where a key may be left out.
const REQUESTS: [&str; 2] = ["SkipRequest", "SnoozeRequest"];

/// Answers always hold every key, with `null` where nothing is known: "none disappears".
struct Complete;

impl Modify for Complete {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        require_every_key(document, &REQUESTS);
    }
}

/// The document of this build.
#[must_use]
pub fn document(stamp: BuildStamp) -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.info.version = stamp.version.to_owned();
    document
}
