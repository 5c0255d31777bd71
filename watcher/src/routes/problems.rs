//! The error answers that routes have in common, for the OpenAPI document.

use contract::Problem;
use utoipa::IntoResponses;

/// Of a route that only reads.
#[derive(IntoResponses)]
pub enum ReadProblems {
    /// The query cannot be read
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// No such target
    #[response(status = 404, content_type = "application/problem+json")]
    NoTarget(Problem),
}

/// Of a route that decides.
#[derive(IntoResponses)]
pub enum DecisionProblems {
    /// What was sent cannot be used; `detail` says why
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// No token, or a wrong one
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// Decisions are closed: no token is configured
    #[response(status = 403, content_type = "application/problem+json")]
    Closed(Problem),
    /// No such target
    #[response(status = 404, content_type = "application/problem+json")]
    NoTarget(Problem),
    /// The body did not arrive in time
    #[response(status = 408, content_type = "application/problem+json")]
    BodyTimeout(Problem),
    /// The body is too large
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The shared state cannot be reached
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}
