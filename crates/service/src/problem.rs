//! Error answers: RFC 9457 problem details with a request id.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use contract::Problem;

/// Names a request in its answer, as in the log.
pub const REQUEST_ID: &str = "x-request-id";

/// A name for one failed request, to find it in the log.
#[must_use]
pub fn request_id() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// The answer to a request that failed. The `detail` is for whoever asked; a 5xx has one only where it helps.
/// Further headers (`Allow`, `Retry-After`) are added to what comes back.
#[must_use]
pub fn respond(status: StatusCode, detail: Option<String>, request_id: String) -> HttpResponse {
    let problem = Problem {
        kind: "about:blank".into(),
        title: status.canonical_reason().unwrap_or("Error").into(),
        status: status.as_u16(),
        detail,
        request_id,
    };
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "application/problem+json"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((REQUEST_ID, problem.request_id.as_str()))
        .body(serde_json::to_vec(&problem).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody;

    use super::*;

    #[test]
    fn an_error_is_a_problem_that_nobody_keeps() {
        let response = respond(StatusCode::NOT_FOUND, Some("nothing here".into()), request_id());
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
        assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
        let named = response.headers().get(REQUEST_ID).unwrap().to_str().unwrap().to_owned();
        let body = response.into_body().try_into_bytes().unwrap();
        let problem: Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!((problem.kind.as_str(), problem.title.as_str()), ("about:blank", "Not Found"));
        assert_eq!((problem.status, problem.detail.as_deref()), (404, Some("nothing here")));
        assert_eq!(problem.request_id.len(), 16);
        assert_eq!(problem.request_id, named);
    }
}
