//! Rows of transcripts, and the blobs that they no longer name.

use chrono::{DateTime, SubsecRound, Utc};
use sqlx::{Connection, PgConnection, PgPool};

use super::connection::Lease;
use super::rows;
use crate::event_store::{DroppedBlob, TranscriptRow};

pub(super) async fn transcript(pool: &PgPool, session_id: &str) -> sqlx::Result<Option<TranscriptRow>> {
    let mut lease = Lease::take(pool).await?;
    let row = sqlx::query("select * from transcripts where session_id = $1")
        .bind(session_id)
        .fetch_optional(&mut *lease)
        .await?;
    lease.give_back();
    row.as_ref().map(rows::transcript_row).transpose()
}

pub(super) async fn put(pool: &PgPool, row: &TranscriptRow) -> sqlx::Result<()> {
    let mut lease = Lease::take(pool).await?;
    let mut transaction = lease.begin().await?;
    // Two uploads of one session follow each other also where there is no row yet that one could lock.
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(&row.session_id)
        .execute(&mut *transaction)
        .await?;
    // The note first: who wants to delete this blob then waits, finds no note, and leaves it.
    sqlx::query("delete from dropped_blobs where blob_key = $1")
        .bind(&row.blob_key)
        .execute(&mut *transaction)
        .await?;
    let before: Option<String> =
        sqlx::query_scalar("select blob_key from transcripts where session_id = $1 for update")
            .bind(&row.session_id)
            .fetch_optional(&mut *transaction)
            .await?;
    write(&mut transaction, row).await?;
    if let Some(before) = before.filter(|before| *before != row.blob_key) {
        note(&mut transaction, &before).await?;
    }
    transaction.commit().await?;
    lease.give_back();
    Ok(())
}

async fn write(connection: &mut PgConnection, row: &TranscriptRow) -> sqlx::Result<()> {
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
    .bind(row.transcript.uploaded_at)
    .bind(&row.blob_key)
    .bind(number(row.stored_bytes))
    .execute(connection)
    .await?;
    Ok(())
}

async fn note(connection: &mut PgConnection, blob_key: &str) -> sqlx::Result<()> {
    sqlx::query(
        "insert into dropped_blobs (blob_key, dropped_at) values ($1, $2)
        on conflict (blob_key) do update set dropped_at = excluded.dropped_at",
    )
    .bind(blob_key)
    .bind(Utc::now().trunc_subsecs(6))
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn delete(pool: &PgPool, session_id: &str) -> sqlx::Result<bool> {
    let mut lease = Lease::take(pool).await?;
    let mut transaction = lease.begin().await?;
    let deleted: Option<String> =
        sqlx::query_scalar("delete from transcripts where session_id = $1 returning blob_key")
            .bind(session_id)
            .fetch_optional(&mut *transaction)
            .await?;
    if let Some(blob_key) = &deleted {
        note(&mut transaction, blob_key).await?;
    }
    transaction.commit().await?;
    lease.give_back();
    Ok(deleted.is_some())
}

pub(super) async fn dropped_blobs(
    pool: &PgPool,
    before: DateTime<Utc>,
    limit: u32,
) -> sqlx::Result<Vec<DroppedBlob>> {
    let mut lease = Lease::take(pool).await?;
    let rows: Vec<(String, DateTime<Utc>)> = sqlx::query_as(
        "select blob_key, dropped_at from dropped_blobs where dropped_at < $1
        order by dropped_at, blob_key limit $2",
    )
    .bind(before)
    .bind(i64::from(limit))
    .fetch_all(&mut *lease)
    .await?;
    lease.give_back();
    Ok(rows.into_iter().map(|(blob_key, dropped_at)| DroppedBlob { blob_key, dropped_at }).collect())
}

/// The note goes in any case. [`put`] takes it away before it writes its row, so the two wait for each other.
pub(super) async fn forget_blob(pool: &PgPool, blob_key: &str) -> sqlx::Result<bool> {
    let mut lease = Lease::take(pool).await?;
    let unnamed: Option<bool> = sqlx::query_scalar(
        "with forgotten as (delete from dropped_blobs where blob_key = $1 returning blob_key)
        select not exists (select from transcripts t where t.blob_key = $1) from forgotten",
    )
    .bind(blob_key)
    .fetch_optional(&mut *lease)
    .await?;
    lease.give_back();
    Ok(unnamed.unwrap_or(false))
}
