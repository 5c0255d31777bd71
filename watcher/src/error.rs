//! What goes wrong at the edge, as RFC 9457 problem details with a request id.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use service::problem;

/// An error answer.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 400: what was sent cannot be used; the text says why.
    #[error("{0}")]
    BadRequest(String),
    /// 401: no token, or a wrong one.
    #[error("send the token: `Authorization: Bearer $SIDEWATCH_API_TOKEN`")]
    Unauthorized,
    /// 403: there is no token to send.
    #[error("decisions are closed here: set SIDEWATCH_API_TOKEN on the watcher to open them")]
    Closed,
    /// 404: nothing under this path.
    #[error("there is nothing here; /docs lists what there is")]
    NoRoute,
    /// 404: no such target.
    #[error("no target is called that; GET /api/targets lists them")]
    NoTarget,
    /// 405: not with this method; holds the ones that are allowed.
    #[error("this path does not take that method")]
    Method(&'static str),
    /// 408: the body did not arrive in time.
    #[error("the request's body did not arrive in time")]
    BodyTimeout,
    /// 413: the body is too large.
    #[error("the request's body is too large; at most 4 KiB")]
    TooLarge,
    /// 503: try again.
    #[error("{0}")]
    Unavailable(String),
    /// 500: our fault; the cause stands in the log under the request id.
    #[error("internal error")]
    Internal(#[from] anyhow::Error),
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Closed => StatusCode::FORBIDDEN,
            Self::NoRoute | Self::NoTarget => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let request_id = problem::request_id();
        if let Self::Internal(error) = self {
            tracing::error!(request.id = %request_id, error = ?format!("{error:#}"), "a request failed");
        }
        let told = !status.is_server_error() || matches!(self, Self::Unavailable(_));
        let mut response = problem::respond(status, told.then(|| self.to_string()), request_id);
        let further = match self {
            Self::Unauthorized => Some((header::WWW_AUTHENTICATE, "Bearer")),
            Self::Method(allowed) => Some((header::ALLOW, *allowed)),
            Self::Unavailable(_) => Some((header::RETRY_AFTER, "5")),
            _ => None,
        };
        if let Some((name, value)) = further {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
