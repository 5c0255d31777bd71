//! `POST /api/events`.

use actix_web::{HttpRequest, HttpResponse, web};
use contract::{BatchReceipt, EventBatch, MAX_BATCH_BYTES, Problem};

use crate::error::ApiError;
use crate::state::AppState;
use crate::{accept_events, body};

/// Take a batch of events. What is accepted is durable.
#[utoipa::path(
    post, path = "/api/events", tag = "events", request_body = EventBatch, security(("key" = [])),
    responses(
        (status = 202, description = "Each event is accepted, a duplicate, or rejected with its reason", body = BatchReceipt),
        (status = 400, description = "No batch of events", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No key, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive in time", body = Problem, content_type = "application/problem+json"),
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
    if matches!(state.intake, accept_events::Intake::Store(_)) {
        state.store()?;
    }
    let receipt: BatchReceipt = accept_events::accept(&state.intake, &state.metrics, &body).await?;
    Ok(HttpResponse::Accepted().json(receipt))
}
