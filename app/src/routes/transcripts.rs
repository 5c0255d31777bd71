//! `PUT`, `GET`, `HEAD` and `DELETE /api/sessions/{id}/transcript`.

mod digests;
mod failures;
mod media;

use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use contract::{Problem, Transcript};

use crate::domain::text;
use crate::error::ApiError;
use crate::event_store::TranscriptRow;
use crate::save_transcript::Upload;
use crate::transcripts::Transcripts;

/// Keeps a session's transcript, in the place of the one before.
///
/// The body is the transcript, uncompressed. A 2xx means that it is durable; after any other answer, or none, the one
/// before still stands. Sending the same bytes again changes nothing and mends what rotted.
#[utoipa::path(
    put, path = "/api/sessions/{id}/transcript", tag = "transcripts",
    params(
        ("id" = String, Path, description = "The session's id"),
        ("Repr-Digest" = Option<String>, Header, description = "`sha-256=:BASE64:` (RFC 9530): other bytes are not kept"),
        ("X-Content-Sha256" = Option<String>, Header, description = "The same in hexadecimal"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "At most `TRANSCRIPT_MAX_BYTES`; any content type, which is kept"),
    responses(
        (status = 200, description = "Kept; there was one before", body = Transcript),
        (status = 201, description = "Kept; the session's first", body = Transcript),
        (status = 400, description = "The id or a digest cannot be read, or the body was cut off", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "The body came too slowly", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than `TRANSCRIPT_MAX_BYTES`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "With a Content-Encoding", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Other bytes came than the digest says", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too many uploads at once, or database or blobs do not answer", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn put(
    transcripts: web::Data<Arc<Transcripts>>,
    id: web::Path<String>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, ApiError> {
    text::session_id(&id).map_err(|error| ApiError::BadRequest(format!("the session's id {error}")))?;
    let headers = request.headers();
    if headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(ApiError::Format("send the transcript without Content-Encoding".into()));
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let expected = digests::expected(headers)?;
    let content_type = media::recorded(headers);
    let upload = Upload { session_id: id.into_inner(), content_type, announced, expected, body };
    let saved = transcripts.save(upload).await?;
    let status = if saved.is_first { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status)
        .insert_header((header::ETAG, etag(&saved.transcript)))
        .json(saved.transcript))
}

/// A session's transcript, as it was uploaded.
///
/// Bytes that rotted are never sent as if they were whole: a small transcript is checked before the answer begins,
/// and the answer of a large one breaks off before its end.
#[utoipa::path(
    get, path = "/api/sessions/{id}/transcript", tag = "transcripts",
    params(
        ("id" = String, Path, description = "The session's id"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer before"),
    ),
    responses(
        (status = 200, description = "The transcript. Texts and JSON have the type that they came with", body = Vec<u8>, content_type = "application/octet-stream",
            headers(("ETag" = String, description = "Its SHA-256 in hexadecimal, in quotes"))),
        (status = 304, description = "It is the one that `If-None-Match` names"),
        (status = 404, description = "The session has none", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "What was kept is damaged or gone; upload it again", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Database or blobs do not answer", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn get(
    transcripts: web::Data<Arc<Transcripts>>,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    text::session_id(&id).map_err(|_| none())?;
    let row = transcripts.find(&id).await?.ok_or_else(none)?;
    if is_known(&request, &row.transcript) {
        return Ok(headers(HttpResponse::NotModified(), &row).finish());
    }
    let mut answer = headers(HttpResponse::Ok(), &row);
    let bytes = row.transcript.bytes;
    if request.method() == Method::HEAD {
        // Only what its row tells: to see whether the blob is well, all of it must be read.
        return Ok(answer.body(SizedStream::new(bytes, futures_util::stream::empty::<Result<_, ApiError>>())));
    }
    let body = transcripts.read(&row).await?;
    Ok(answer.body(SizedStream::new(bytes, body)))
}

/// Takes a session's transcript away. Its bytes are kept for 30 days more, for whoever restores an older database.
#[utoipa::path(
    delete, path = "/api/sessions/{id}/transcript", tag = "transcripts",
    params(("id" = String, Path, description = "The session's id")),
    responses(
        (status = 204, description = "Gone"),
        (status = 404, description = "The session has none", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The database does not answer", body = Problem, content_type = "application/problem+json")
    )
)]
pub async fn delete(
    transcripts: web::Data<Arc<Transcripts>>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    text::session_id(&id).map_err(|_| none())?;
    if transcripts.delete(&id).await? { Ok(HttpResponse::NoContent().finish()) } else { Err(none()) }
}

fn none() -> ApiError {
    ApiError::NotFound("this session has no transcript".into())
}

fn etag(transcript: &Transcript) -> String {
    format!("\"{}\"", transcript.sha256)
}

/// Whether the client names this very transcript.
fn is_known(request: &HttpRequest, transcript: &Transcript) -> bool {
    let etag = etag(transcript);
    let named = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let mut named = named.flat_map(|value| value.split(',')).map(str::trim);
    named.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// What stands before the bytes. They are somebody's, so no browser shows them as a page of ours.
fn headers(mut answer: HttpResponseBuilder, row: &TranscriptRow) -> HttpResponseBuilder {
    let (shown, ending) = media::served(&row.transcript.content_type);
    let name = format!("attachment; filename=\"transcript-{}{ending}\"", row.session_id);
    answer
        .insert_header((header::CONTENT_TYPE, shown))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")))
        .insert_header((header::ETAG, etag(&row.transcript)));
    answer
}
