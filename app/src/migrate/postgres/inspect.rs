//! What a database of PostgreSQL holds. Writes nothing.

use sqlx::{Connection, PgConnection};

use super::apply::unavailable;
use crate::migrate::history::{Found, Row, TABLE};
use crate::migrate::{MigrateError, Options, in_time};

pub(super) async fn look(
    connection: &mut PgConnection,
    options: &Options<'_>,
) -> Result<Found, MigrateError> {
    let schema = in_time(options, schema(connection)).await.map_err(unavailable)?;
    if let Some(unsuitable) = schema.unsuitable() {
        return Err(MigrateError::Unsuitable(unsuitable));
    }
    in_time(options, found(connection)).await.map_err(|error| match &error {
        sqlx::Error::Database(database) if database.code().is_some_and(|code| code.starts_with("42")) => {
            MigrateError::HistoryBroken(database.message().to_owned())
        }
        _ => unavailable(error),
    })
}

struct Schema {
    encoding: String,
    name: Option<String>,
}

impl Schema {
    fn unsuitable(&self) -> Option<String> {
        if self.encoding != "UTF8" {
            let encoding = &self.encoding;
            return Some(format!("its encoding is {encoding}; make one with `encoding 'UTF8'`"));
        }
        let missing = "no schema of its search_path exists; create one, or correct the search_path";
        self.name.is_none().then(|| missing.to_owned())
    }
}

async fn schema(connection: &mut PgConnection) -> sqlx::Result<Schema> {
    let (encoding, name) =
        sqlx::query_as("select current_setting('server_encoding'), current_schema()::text")
            .fetch_one(connection)
            .await?;
    Ok(Schema { encoding, name })
}

/// One look: another program may be migrating.
async fn found(connection: &mut PgConnection) -> sqlx::Result<Found> {
    let mut look = connection.begin_with("begin isolation level repeatable read read only").await?;
    // Tables of extensions are nobody's.
    let mut tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class c
        where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
            and not exists (
                select from pg_depend d
                where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
            )
        order by relname",
    )
    .fetch_all(&mut *look)
    .await?;
    let mut found = Found::default();
    if let Some(place) = tables.iter().position(|table| table == TABLE) {
        tables.remove(place);
        let rows: Vec<(i64, bool, Vec<u8>)> =
            sqlx::query_as("select version, success, checksum from _sqlx_migrations order by version")
                .fetch_all(&mut *look)
                .await?;
        found.history =
            rows.into_iter().map(|(version, success, checksum)| Row { version, success, checksum }).collect();
    }
    if !found.history.is_empty() && tables.iter().any(|table| table == "meta") {
        let recorded: Option<String> =
            sqlx::query_scalar("select value from meta where key = 'schema_version'")
                .fetch_optional(&mut *look)
                .await?;
        found.recorded = recorded.and_then(|version| version.parse().ok());
    }
    look.rollback().await?;
    found.tables = tables;
    Ok(found)
}
