//! What goes wrong at the edge, as RFC 9457 problem details with a request id.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use service::problem;

use crate::event_store::StoreError;

/// An error answer.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 400: what was sent cannot be used; the text says why.
    #[error("{0}")]
    BadRequest(String),
    /// 401: no key, or a wrong one.
    #[error("send the API key: `Authorization: Bearer $API_KEY`")]
    Unauthorized,
    /// 403: a signed-in browser was made to send this by another site.
    #[error(
        "this request came from another site; a script sends the API key as a bearer token instead of the cookie"
    )]
    OtherSite,
    /// 404: nothing under this path.
    #[error("there is nothing here; /docs lists what there is")]
    NoRoute,
    /// 404: no such session, transcript, and so on; names it.
    #[error("{0}")]
    NotFound(String),
    /// 405: not with this method; holds the ones that are allowed.
    #[error("this path does not take that method")]
    Method(&'static str),
    /// 408: the body did not arrive in time.
    #[error("the request's body did not arrive in time")]
    BodyTimeout,
    /// 413: too much; says what the limit is.
    #[error("{0}")]
    TooLarge(String),
    /// 415: not in this format; says which one.
    #[error("{0}")]
    Format(String),
    /// 421: a name that is not ours.
    #[error("this server does not answer under that name; add it to ALLOWED_HOSTS")]
    Host,
    /// 422: understood, and contradicts itself; says how.
    #[error("{0}")]
    Contradiction(String),
    /// 429: too many wrong keys from this address.
    #[error("too many wrong keys from this address; wait, then send the right one")]
    TooManyFailures(Duration),
    /// 502: a part behind this server answered wrongly or not at all.
    #[error("{0}")]
    BadGateway(String),
    /// 503: try again after so many seconds.
    #[error("{0}")]
    Unavailable(String, u64),
    /// 504: a part behind this server took too long.
    #[error("{0}")]
    GatewayTimeout(String),
    /// 500: our fault; the cause stands in the log under the request id.
    #[error("internal error")]
    Internal(#[from] anyhow::Error),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_temporary() {
            tracing::warn!(error = ?format!("{:#}", anyhow::Error::new(error)), "the database does not answer");
            Self::Unavailable("the database does not answer; try again".into(), 5)
        } else {
            Self::Internal(anyhow::Error::new(error))
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::OtherSite => StatusCode::FORBIDDEN,
            Self::NoRoute | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Format(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::Contradiction(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyFailures(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::BadGateway(_) => StatusCode::BAD_GATEWAY,
            Self::Unavailable(..) => StatusCode::SERVICE_UNAVAILABLE,
            Self::GatewayTimeout(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let request_id = problem::request_id();
        if let Self::Internal(error) = self {
            tracing::error!(request.id = %request_id, error = ?format!("{error:#}"), "a request failed");
        }
        let detail = (!matches!(self, Self::Internal(_))).then(|| self.to_string());
        let mut response = problem::respond(self.status_code(), detail, request_id);
        let headers = response.headers_mut();
        match self {
            Self::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Method(allowed) => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
            }
            Self::TooManyFailures(wait) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
            }
            Self::Unavailable(_, seconds) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            _ => {}
        }
        response
    }
}
