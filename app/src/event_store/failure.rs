//! Which errors of a database are of the data that it was given, and which may pass.
//!
//! Only what is surely of the data counts as refused: what is refused again and again goes to the dead letters, and a
//! database that is away, full, read-only or being repaired must not send everything there.

use std::borrow::Cow;

use sqlx::error::DatabaseError;

use super::StoreError;

/// Of PostgreSQL, by the class of its SQLSTATE.
pub(super) fn of_postgres(error: sqlx::Error) -> StoreError {
    match code(&error).as_deref() {
        // disk_full
        Some("53100") => return StoreError::Full(error.into()),
        // read_only_sql_transaction
        Some("25006") => return StoreError::ReadOnly(error.into()),
        _ => {}
    }
    // 22: data, 23: constraints, 54: limits of the program, such as a row too large for an index.
    sort(error, |error| {
        error.code().is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
    })
}

/// Of SQLite, by its primary result code.
pub(super) fn of_sqlite(error: sqlx::Error) -> StoreError {
    match primary_code(&error) {
        // READONLY
        Some(8) => return StoreError::ReadOnly(error.into()),
        // FULL
        Some(13) => return StoreError::Full(error.into()),
        _ => {}
    }
    // 18: TOOBIG, 19: CONSTRAINT, 20: MISMATCH.
    let of_the_data = primary_code(&error).is_some_and(|code| (18..=20).contains(&code));
    sort(error, |_| of_the_data)
}

/// What PostgreSQL's [`super::EventStore::ping`] meets where a table is not there.
pub(super) fn of_postgres_schema(error: sqlx::Error) -> StoreError {
    // undefined_table, undefined_column
    let missing = matches!(code(&error).as_deref(), Some("42P01" | "42703"));
    if missing { StoreError::SchemaMissing } else { of_postgres(error) }
}

/// The same of SQLite.
pub(super) fn of_sqlite_schema(error: sqlx::Error) -> StoreError {
    // ERROR
    if primary_code(&error) == Some(1) { StoreError::SchemaMissing } else { of_sqlite(error) }
}

/// Whether the version that was found is the one of this program.
pub(super) fn compare_versions(database: Option<i64>, program: i64) -> Result<(), StoreError> {
    match database {
        None => Err(StoreError::SchemaMissing),
        Some(database) if database > program => Err(StoreError::SchemaNewer { database, program }),
        Some(database) if database < program => Err(StoreError::SchemaOlder { database, program }),
        Some(_) => Ok(()),
    }
}

fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(DatabaseError::code)
}

fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code: Option<u32> = code(error).and_then(|code| code.parse().ok());
    code.map(|code| code & 0xff)
}

fn sort(error: sqlx::Error, of_the_data: impl Fn(&dyn DatabaseError) -> bool) -> StoreError {
    let refused = match &error {
        sqlx::Error::Database(database) => of_the_data(database.as_ref()),
        sqlx::Error::Encode(_)
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::TypeNotFound { .. } => true,
        _ => false,
    };
    if refused { StoreError::Refused(error.into()) } else { StoreError::Unavailable(error.into()) }
}
