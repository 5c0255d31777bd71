//! Rows as they are told.

use chrono::{DateTime, Utc};
use contract::{Activity, Session, StoredEvent, Transcript};
use serde_json::value::RawValue;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use crate::event_store::TranscriptRow;
use crate::event_store::columns::{count, ended, usd};

pub(super) const SESSION: &str = "select s.*, t.sha256, t.bytes, t.content_type, t.uploaded_at
    from sessions s left join transcripts t on t.session_id = s.id where true";

pub(super) const EVENT: &str =
    "select id, at, happened_at, received_at, kind, session_id, workspace, device, data
    from events where true";

/// Of what is large in an event; a number of bytes.
pub(super) const EVENT_SIZE: &str = "select coalesce(octet_length(data), 0) from events where true";

/// A time out of whole microseconds since 1970.
pub(super) fn instant(micros: i64) -> sqlx::Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| sqlx::Error::Decode("a time out of range".into()))
}

fn time(row: &SqliteRow, column: &str) -> sqlx::Result<DateTime<Utc>> {
    instant(row.try_get(column)?)
}

fn time_if_any(row: &SqliteRow, column: &str) -> sqlx::Result<Option<DateTime<Utc>>> {
    row.try_get::<Option<i64>, _>(column)?.map(instant).transpose()
}

pub(super) fn session(row: &SqliteRow) -> sqlx::Result<Session> {
    let number = |column: &str| row.try_get(column).map(count);
    Ok(Session {
        id: row.try_get("id")?,
        workspace: row.try_get("workspace")?,
        device: row.try_get("device")?,
        model: row.try_get("model")?,
        started_at: time_if_any(row, "first_start")?,
        ended_at: ended(time_if_any(row, "last_start")?, time_if_any(row, "last_end")?),
        first_event_at: time(row, "first_at")?,
        last_event_at: time(row, "last_at")?,
        events: number("events")?,
        prompts: number("prompts")?,
        tool_uses: number("tool_uses")?,
        commits: number("commits")?,
        input_tokens: number("input_tokens")?,
        output_tokens: number("output_tokens")?,
        cache_read_tokens: number("cache_read_tokens")?,
        cache_write_tokens: number("cache_write_tokens")?,
        cost_usd: usd(row.try_get("cost_nanos")?),
        transcript: match row.try_get::<Option<String>, _>("sha256")? {
            Some(_) => Some(transcript(row)?),
            None => None,
        },
    })
}

fn transcript(row: &SqliteRow) -> sqlx::Result<Transcript> {
    Ok(Transcript {
        sha256: row.try_get("sha256")?,
        bytes: count(row.try_get("bytes")?),
        content_type: row.try_get("content_type")?,
        uploaded_at: time(row, "uploaded_at")?,
    })
}

pub(super) fn transcript_row(row: &SqliteRow) -> sqlx::Result<TranscriptRow> {
    Ok(TranscriptRow {
        session_id: row.try_get("session_id")?,
        transcript: transcript(row)?,
        blob_key: row.try_get("blob_key")?,
        stored_bytes: count(row.try_get("stored_bytes")?),
    })
}

pub(super) fn event(row: &SqliteRow) -> sqlx::Result<StoredEvent> {
    let data: Option<String> = row.try_get("data")?;
    let data = data.map(RawValue::from_string).transpose();
    Ok(StoredEvent {
        id: row.try_get::<Uuid, _>("id")?.to_string(),
        kind: row.try_get("kind")?,
        timestamp: time(row, "happened_at")?,
        received_at: time(row, "received_at")?,
        at: time(row, "at")?,
        session_id: row.try_get("session_id")?,
        workspace: row.try_get("workspace")?,
        device: row.try_get("device")?,
        data: data.map_err(|error| sqlx::Error::Decode(error.into()))?,
    })
}

pub(super) fn activity(row: &SqliteRow) -> sqlx::Result<Activity> {
    let lines = |column: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<i64>, _>(column)?.map(count));
    Ok(Activity {
        id: row.try_get::<Uuid, _>("id")?.to_string(),
        kind: row.try_get("kind")?,
        at: time(row, "at")?,
        workspace: row.try_get("workspace")?,
        session_id: row.try_get("session_id")?,
        device: row.try_get("device")?,
        repository: row.try_get("repository")?,
        branch: row.try_get("branch")?,
        sha: row.try_get("sha")?,
        subject: row.try_get("subject")?,
        additions: lines("additions")?,
        deletions: lines("deletions")?,
    })
}
