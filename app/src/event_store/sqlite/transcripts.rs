//! Rows of transcripts, and the blobs that they no longer name.

use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, SqlitePool};

use super::connection::write_transaction;
use super::rows;
use crate::event_store::{DroppedBlob, TranscriptRow};

pub(super) async fn transcript(pool: &SqlitePool, session_id: &str) -> sqlx::Result<Option<TranscriptRow>> {
    let row = sqlx::query("select * from transcripts where session_id = $1")
        .bind(session_id)
        .fetch_optional(pool)
        .await?;
    row.as_ref().map(rows::transcript_row).transpose()
}

pub(super) async fn put(pool: &SqlitePool, row: &TranscriptRow) -> sqlx::Result<()> {
    let mut transaction = write_transaction(pool).await?;
    sqlx::query("delete from dropped_blobs where blob_key = $1")
        .bind(&row.blob_key)
        .execute(&mut *transaction)
        .await?;
    let before: Option<String> = sqlx::query_scalar("select blob_key from transcripts where session_id = $1")
        .bind(&row.session_id)
        .fetch_optional(&mut *transaction)
        .await?;
    write(&mut transaction, row).await?;
    if let Some(before) = before.filter(|before| *before != row.blob_key) {
        note(&mut transaction, &before).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn write(connection: &mut SqliteConnection, row: &TranscriptRow) -> sqlx::Result<()> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    sqlx::query(
        "insert into transcripts (session_id, sha256, bytes, content_type, uploaded_at, blob_key, stored_bytes)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (session_id) do update set
            sha256 = excluded.sha256, bytes = excluded.bytes, content_type = excluded.content_type,
            uploaded_at = excluded.uploaded_at, blob_key = excluded.blob_key,
            stored_bytes = excluded.stored_bytes",
    )
    .bind(&row.session_id)
    .bind(&row.transcript.sha256)
    .bind(number(row.transcript.bytes))
    .bind(&row.transcript.content_type)
    .bind(row.transcript.uploaded_at.timestamp_micros())
    .bind(&row.blob_key)
    .bind(number(row.stored_bytes))
    .execute(connection)
    .await?;
    Ok(())
}

async fn note(connection: &mut SqliteConnection, blob_key: &str) -> sqlx::Result<()> {
    sqlx::query(
        "insert into dropped_blobs (blob_key, dropped_at) values ($1, $2)
        on conflict (blob_key) do update set dropped_at = excluded.dropped_at",
    )
    .bind(blob_key)
    .bind(Utc::now().timestamp_micros())
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete(pool: &SqlitePool, session_id: &str) -> sqlx::Result<bool> {
    let mut transaction = write_transaction(pool).await?;
    let deleted: Option<String> =
        sqlx::query_scalar("delete from transcripts where session_id = $1 returning blob_key")
            .bind(session_id)
            .fetch_optional(&mut *transaction)
            .await?;
    if let Some(blob_key) = &deleted {
        note(&mut transaction, blob_key).await?;
    }
    transaction.commit().await?;
    Ok(deleted.is_some())
}

pub(super) async fn dropped_blobs(
    pool: &SqlitePool,
    before: DateTime<Utc>,
    limit: u32,
) -> sqlx::Result<Vec<DroppedBlob>> {
    let found: Vec<(String, i64)> = sqlx::query_as(
        "select blob_key, dropped_at from dropped_blobs where dropped_at < $1
        order by dropped_at, blob_key limit $2",
    )
    .bind(before.timestamp_micros())
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    let blob = |(blob_key, at)| Ok(DroppedBlob { blob_key, dropped_at: rows::instant(at)? });
    found.into_iter().map(blob).collect()
}

/// The note goes in any case.
pub(super) async fn forget_blob(pool: &SqlitePool, blob_key: &str) -> sqlx::Result<bool> {
    let mut transaction = write_transaction(pool).await?;
    let forgotten = sqlx::query("delete from dropped_blobs where blob_key = $1")
        .bind(blob_key)
        .execute(&mut *transaction)
        .await?;
    let named: bool = sqlx::query_scalar("select exists (select 1 from transcripts where blob_key = $1)")
        .bind(blob_key)
        .fetch_one(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(forgotten.rows_affected() > 0 && !named)
}
