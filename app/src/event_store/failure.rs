//! Which errors of a database are of the data that it was given, and which may pass.
//!
//! Only what is surely of the data counts as refused: what is refused again and again goes to the dead letters, and a
//! database that is away, full, read-only or being repaired must not send everything there.

use sqlx::error::DatabaseError;

use super::StoreError;

/// Of PostgreSQL, by the class of its SQLSTATE.
pub(super) fn of_postgres(error: sqlx::Error) -> StoreError {
    // 22: data, 23: constraints, 54: limits of the program, such as a row too large for an index.
    sort(error, |error| {
        error.code().is_some_and(|code| ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
    })
}

/// Of SQLite, by its primary result code.
pub(super) fn of_sqlite(error: sqlx::Error) -> StoreError {
    // 18: TOOBIG, 19: CONSTRAINT, 20: MISMATCH.
    sort(error, |error| {
        let code: Option<u32> = error.code().and_then(|code| code.parse().ok());
        code.is_some_and(|code| (18..=20).contains(&(code & 0xff)))
    })
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
