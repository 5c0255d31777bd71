//! `GET /openapi.json` and `GET /docs`, a page to read it: plain HTML, nothing loaded from elsewhere.

use actix_web::{HttpResponse, web};

use super::AppState;
use crate::error::ApiError;

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "operating", responses((status = 200, description = "OpenAPI 3.1")))]
pub async fn openapi(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    Ok(state.documents.openapi()?)
}

/// This document, to read.
#[utoipa::path(get, path = "/docs", tag = "operating", responses((status = 200, description = "A page", body = String, content_type = "text/html")))]
pub async fn page(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    Ok(state.documents.page()?)
}
