//! `GET /api/dead-letters`, `POST /api/dead-letters/replay`.

use actix_web::{HttpRequest, HttpResponse, web};
use contract::{DeadLetter, Page, Problem, ReplayReceipt, ReplayRequest};

use super::list::ListQuery;
use crate::body;
use crate::domain::json;
use crate::domain::page::{Cursor, CursorError, PageRequest};
use crate::error::ApiError;
use crate::event_queue::{EntryId, QueueError, RedisQueue};
use crate::state::AppState;

/// Largest request to replay.
const LARGEST: usize = 256 << 10;

/// Events that the consumer gave up on, oldest first.
#[utoipa::path(
    get, path = "/api/dead-letters", tag = "events", params(ListQuery),
    responses(
        (status = 200, description = "A page of dead letters; always empty without a queue, where an event that cannot be stored is rejected at once", body = Page<DeadLetter>),
        (status = 400, description = "A parameter breaks its rule", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The queue does not answer", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn list(
    state: web::Data<AppState>,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, ApiError> {
    let (_, page) = ListQuery::read(query)?;
    let letters = match &state.queue {
        Some(queue) => letters(queue, &page).await?,
        None => Page { items: Vec::new(), next_cursor: None },
    };
    Ok(HttpResponse::Ok().json(letters))
}

async fn letters(queue: &RedisQueue, page: &PageRequest) -> Result<Page<DeadLetter>, ApiError> {
    let after = page.after.as_ref().map(|cursor| cursor.id.parse()).transpose();
    let after = after.map_err(|_| ApiError::BadRequest(CursorError.to_string()))?;
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut items = queue.dead_letters(after, limit.saturating_add(1)).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|letter| Cursor { at: letter.since, id: letter.id.clone() }.encode());
    Ok(Page { items, next_cursor })
}

/// Put dead letters back into the queue, after what refused them was mended.
#[utoipa::path(
    post, path = "/api/dead-letters/replay", tag = "events", request_body = Option<ReplayRequest>,
    responses(
        (status = 200, description = "They are in the queue again", body = ReplayReceipt),
        (status = 400, description = "No list of ids", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than 256 KiB", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The queue does not answer", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn replay(
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let sent = body::read(&request, payload, LARGEST, "the request").await?;
    let wanted = wanted(&sent)?;
    let replayed = match &state.queue {
        Some(queue) => match wanted.ids {
            Some(ids) => queue.replay(&parsed(&ids)?).await?,
            None => queue.replay_all().await?,
        },
        None => 0,
    };
    Ok(HttpResponse::Ok().json(ReplayReceipt { replayed }))
}

/// Nothing, or `null`, means all of them; a misspelt key or a list must not.
fn wanted(sent: &[u8]) -> Result<ReplayRequest, ApiError> {
    let is_object = std::str::from_utf8(sent).is_ok_and(json::is_object);
    if sent.is_empty() || sent.trim_ascii() == b"null" {
        return Ok(ReplayRequest::default());
    }
    let refused = |why: &str| {
        ApiError::BadRequest(format!("send {{\"ids\": [\"…\"]}}, or nothing for all of them: {why}"))
    };
    if !is_object {
        return Err(refused("this is no object"));
    }
    serde_json::from_slice(sent).map_err(|error| refused(&error.to_string()))
}

fn parsed(ids: &[String]) -> Result<Vec<EntryId>, ApiError> {
    let parse = |id: &String| {
        id.parse().map_err(|_| {
            ApiError::BadRequest(
                "ids: must be the ids of dead letters, as GET /api/dead-letters tells them".into(),
            )
        })
    };
    ids.iter().map(parse).collect()
}

impl From<QueueError> for ApiError {
    fn from(error: QueueError) -> Self {
        tracing::warn!(error = ?format!("{:#}", anyhow::Error::new(error)), "the queue does not answer");
        Self::Unavailable("the queue does not answer; try again".into(), 5)
    }
}
