//! What clients send to `POST /api/events`, and what they read back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Most events in one batch.
pub const MAX_BATCH_EVENTS: usize = 500;
/// Largest batch, in bytes.
pub const MAX_BATCH_BYTES: usize = 2 << 20;

/// An event, as a client sends it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// A UUID that the client makes; the same id is stored once.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub id: String,
    /// What happened, such as `session.start` or `git.commit`; any other name is kept as it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened by the client's clock.
    pub timestamp: DateTime<Utc>,
    /// The session that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The workspace (project) that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The machine that it happened on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Everything else, kept as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Value, required = false))]
    pub data: Option<Box<RawValue>>,
}

/// A batch of events.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventBatch {
    /// At most 500.
    #[cfg_attr(feature = "openapi", schema(max_items = 500))]
    pub events: Vec<Event>,
}

/// The answer to a batch. What is accepted is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BatchReceipt {
    /// Events that are now durable.
    pub accepted: u64,
    /// Events that were there already; nothing was done.
    pub duplicates: u64,
    /// Events that were not taken, each with its reason.
    pub rejected: Vec<RejectedEvent>,
}

/// An event that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RejectedEvent {
    /// Its place in the batch, from 0.
    pub index: u64,
    /// Its id, if one could be read.
    pub id: Option<String>,
    /// Which field breaks which rule.
    pub error: String,
}

/// A stored event.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StoredEvent {
    /// The client's id.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened by the client's clock.
    pub timestamp: DateTime<Utc>,
    /// When the server received it.
    pub received_at: DateTime<Utc>,
    /// Where it stands in the order: `timestamp`, or `receivedAt` where the client's clock cannot be right.
    pub at: DateTime<Utc>,
    /// The session that it belongs to.
    pub session_id: Option<String>,
    /// The workspace that it belongs to.
    pub workspace: Option<String>,
    /// The machine that it happened on.
    pub device: Option<String>,
    /// Everything else, as it was sent.
    #[cfg_attr(feature = "openapi", schema(value_type = Value))]
    pub data: Option<Box<RawValue>>,
}

/// One page of a list, newest first unless said otherwise.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// What stands on this page.
    pub items: Vec<T>,
    /// Asks for the next page as `?cursor=`; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// An event that the consumer gave up on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// Names it for `POST /api/dead-letters/replay`.
    pub id: String,
    /// The event's own id, if one could be read.
    pub event_id: Option<String>,
    /// Why it could not be stored.
    pub cause: String,
    /// How often that was tried.
    pub tries: u64,
    /// When it was given up.
    pub since: DateTime<Utc>,
    /// What was queued, as text.
    pub payload: String,
}

/// Which dead letters to try again. A misspelt key must not be taken for "all".
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// Their ids; absent: all of them.
    #[serde(default)]
    pub ids: Option<Vec<String>>,
}

/// How many dead letters are tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayReceipt {
    /// Put back into the queue.
    pub replayed: u64,
}
