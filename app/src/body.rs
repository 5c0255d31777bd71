//! Reads a request's body whole, within a size and a time: the framework limits neither.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use crate::error::ApiError;

/// A body of a few megabytes must be there by then.
const PATIENCE: Duration = Duration::from_secs(20);

/// The body.
///
/// # Errors
/// 413 above `limit` bytes, 408 if it comes too slowly, 415 if it is compressed, 400 if the connection breaks.
pub async fn read(
    request: &HttpRequest,
    mut payload: web::Payload,
    limit: usize,
    what: &str,
) -> Result<Bytes, ApiError> {
    let too_large = || ApiError::TooLarge(format!("{what} is too large; at most {} KiB", limit >> 10));
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if header(header::CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(ApiError::Format("send the body without Content-Encoding".into()));
    }
    let announced: Option<usize> = header(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let read = async {
        let mut body = BytesMut::with_capacity(announced.unwrap_or(0));
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| ApiError::BadRequest("the body was cut off".into()))?;
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(PATIENCE, read).await.unwrap_or(Err(ApiError::BodyTimeout))
}
