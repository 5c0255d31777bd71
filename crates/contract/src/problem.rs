//! RFC 9457 problem details: the body of every error answer.

use serde::{Deserialize, Serialize};

/// An error answer (`application/problem+json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do next; `null` for a 5xx, whose cause stands in the log.
    pub detail: Option<String>,
    /// Names this request in the log.
    pub request_id: String,
}
