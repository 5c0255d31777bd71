//! What a server tells of its own API: the OpenAPI document, a page to read it, the page's style.

mod page;

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use anyhow::Context;
use bytes::Bytes;
use serde_json::Value;
use utoipa::openapi::{OpenApi, RefOr, Schema};

pub use page::render;

/// The OpenAPI document and its page, made when they are first asked for: few ever ask, and making them would
/// cost every start a millisecond and the process half a megabyte.
pub struct Documents {
    document: Box<dyn Fn() -> OpenApi + Send + Sync>,
    json: OnceLock<Bytes>,
    page: OnceLock<Bytes>,
}

impl Documents {
    /// Those of the document that `document` makes.
    pub fn new(document: impl Fn() -> OpenApi + Send + Sync + 'static) -> Self {
        Self { document: Box::new(document), json: OnceLock::new(), page: OnceLock::new() }
    }

    /// The answer to `GET /openapi.json`.
    ///
    /// # Errors
    /// If the document cannot be written.
    pub fn openapi(&self) -> anyhow::Result<HttpResponse> {
        let json = self.ready(&self.json, |document| Ok(serde_json::to_vec(document)?))?;
        Ok(answer("application/json", json))
    }

    /// The answer to `GET /docs`.
    ///
    /// # Errors
    /// If the document cannot be written.
    pub fn page(&self) -> anyhow::Result<HttpResponse> {
        let page = self.ready(&self.page, |document| Ok(render(document).into_bytes()))?;
        Ok(answer("text/html; charset=utf-8", page))
    }

    fn ready(
        &self,
        place: &OnceLock<Bytes>,
        write: impl FnOnce(&Value) -> anyhow::Result<Vec<u8>>,
    ) -> anyhow::Result<Bytes> {
        if let Some(text) = place.get() {
            return Ok(text.clone());
        }
        let document = serde_json::to_value((self.document)());
        let text = write(&document.context("write the OpenAPI document")?)?;
        Ok(place.get_or_init(|| text.into()).clone())
    }
}

/// The handler of `GET /docs.css`, the style of the page.
pub async fn docs_css() -> HttpResponse {
    answer("text/css; charset=utf-8", Bytes::from_static(include_bytes!("docs.css")))
}

/// Says in the document that answers always hold every key, with `null` where nothing is known: "none disappears".
/// Not so the schemas in `requests`, of what is sent to us, where a key may be left out.
pub fn require_every_key(document: &mut OpenApi, requests: &[&str]) {
    let Some(components) = &mut document.components else { return };
    for (name, schema) in &mut components.schemas {
        if let RefOr::T(Schema::Object(object)) = schema
            && !requests.contains(&name.as_str())
        {
            object.required = object.properties.keys().cloned().collect();
        }
    }
}

fn answer(kind: &'static str, body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(body)
}
