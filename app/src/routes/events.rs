//! `POST /api/events`.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use contract::{BatchReceipt, EventBatch, MAX_BATCH_BYTES, Problem};

use crate::accept_events::{AcceptError, Intake, accept_events};
use crate::body;
use crate::error::ApiError;
use crate::state::AppState;

/// Take a batch of events. What is accepted is durable.
#[utoipa::path(
    post, path = "/api/events", tag = "events", request_body = EventBatch,
    responses(
        (status = 202, description = "Each event is accepted, a duplicate, or rejected with its reason", body = BatchReceipt),
        (status = 400, description = "No batch of events", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than 500 events or 2 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Nothing can be kept now; try again after `Retry-After`", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn accept(
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let body = body::read(&request, payload, MAX_BATCH_BYTES, "the batch").await?;
    if matches!(state.intake, Intake::Store(_)) {
        state.store()?;
    }
    let receipt = accept_events(&state.intake, &state.metrics, &body, Utc::now()).await?;
    Ok(HttpResponse::Accepted().json(receipt))
}

impl From<AcceptError> for ApiError {
    fn from(error: AcceptError) -> Self {
        let told = error.to_string();
        match error {
            AcceptError::Shape(_) => Self::BadRequest(told),
            AcceptError::TooMany(_) | AcceptError::TooLarge => Self::TooLarge(told),
            AcceptError::Full(_) => Self::Unavailable(told, 30),
            AcceptError::Unavailable(cause) => {
                tracing::warn!(error = ?format!("{cause:#}"), "a batch could not be kept");
                Self::Unavailable(told, 5)
            }
        }
    }
}
