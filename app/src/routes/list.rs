//! What every list takes: a cursor, a limit, filters.

use actix_web::web;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::domain::page::{Cursor, DEFAULT_LIMIT, Filter, MAX_LIMIT, PageRequest};
use crate::error::ApiError;

/// The query of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `nextCursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
    /// So many items, 1 to 500; 50 if absent.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    pub limit: Option<String>,
    /// Only of this workspace.
    #[serde(default)]
    pub workspace: Option<String>,
    /// Only of this type of event.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// Not before this time (RFC 3339).
    #[serde(default)]
    #[param(format = DateTime)]
    pub from: Option<String>,
    /// Before this time (RFC 3339).
    #[serde(default)]
    #[param(format = DateTime)]
    pub to: Option<String>,
}

impl ListQuery {
    /// The page and the filter that are asked for.
    ///
    /// # Errors
    /// 400 naming the parameter and the rule that it breaks.
    pub fn read(query: web::Query<Self>) -> Result<(Filter, PageRequest), ApiError> {
        let query = query.into_inner();
        // An empty text is one that somebody did not fill in.
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let after = given(query.cursor).map(|cursor| Cursor::decode(&cursor)).transpose();
        let after = after.map_err(|error| ApiError::BadRequest(error.to_string()))?;
        let filter = Filter {
            workspace: text("workspace", given(query.workspace))?,
            kind: text("type", given(query.kind))?,
            from: time("from", query.from)?,
            to: time("to", query.to)?,
        };
        Ok((filter, PageRequest { after, limit: limit(query.limit)? }))
    }
}

fn limit(text: Option<String>) -> Result<u32, ApiError> {
    let Some(text) = text else { return Ok(DEFAULT_LIMIT) };
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| ApiError::BadRequest(format!("limit: must be a whole number from 1 to {MAX_LIMIT}")))
}

fn time(name: &str, text: Option<String>) -> Result<Option<DateTime<Utc>>, ApiError> {
    let parsed = text.map(|text| DateTime::parse_from_rfc3339(&text)).transpose();
    let parsed = parsed.map_err(|_| {
        ApiError::BadRequest(format!("{name}: must be a time as of RFC 3339, such as 2026-01-30T14:30:00Z"))
    })?;
    Ok(parsed.map(|time| time.with_timezone(&Utc)))
}

/// A filter's text is a parameter of a query, but PostgreSQL takes no NUL even there.
fn text(name: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    match text {
        Some(text) if text.chars().any(char::is_control) => {
            Err(ApiError::BadRequest(format!("{name}: must not hold control characters")))
        }
        text => Ok(text),
    }
}
