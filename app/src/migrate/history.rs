//! What a database says of its migrations, and what is to be done then. Decides without asking anything.

use sqlx::migrate::Migration;

use super::{MigrateError, Progress};

/// Where applied migrations are written down, as sqlx does it.
pub(super) const TABLE: &str = "_sqlx_migrations";
/// So many tables are named in an error.
const NAMED: usize = 5;

/// A row of the table of applied migrations.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) version: i64,
    pub(super) success: bool,
    pub(super) checksum: Vec<u8>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By version; empty if there is no such table.
    pub(super) history: Vec<Row>,
    /// All other tables.
    pub(super) tables: Vec<String>,
    /// `schema_version` of the table `meta`.
    pub(super) recorded: Option<i64>,
}

/// What is to be done: the rest of the program's migrations.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) pending: &'a [Migration],
    /// Whether the first of them was begun outside a transaction and not finished.
    pub(super) begun: bool,
    total: usize,
}

impl Plan<'_> {
    pub(super) fn progress(&self) -> Progress {
        Progress { done: self.total - self.pending.len(), total: self.total }
    }
}

impl Found {
    /// Compares with what this program knows.
    pub(super) fn plan<'a>(&self, migrations: &'a [Migration]) -> Result<Plan<'a>, MigrateError> {
        self.refuse_newer(migrations)?;
        if self.history.is_empty() && !self.tables.is_empty() {
            return Err(MigrateError::ForeignTables {
                tables: self.tables.iter().take(NAMED).cloned().collect(),
            });
        }
        let done: Vec<&Row> = self.history.iter().filter(|row| row.success).collect();
        let (applied, pending) = migrations.split_at(done.len().min(migrations.len()));
        for (row, migration) in done.iter().zip(applied) {
            fits(row, migration)?;
        }
        self.compare_record(done.last().map(|row| row.version))?;
        Ok(Plan { pending, begun: self.begun(pending)?, total: migrations.len() })
    }

    /// The database's version.
    pub(super) fn version(&self) -> i64 {
        let applied = self.history.iter().map(|row| row.version).max();
        applied.max(self.recorded).unwrap_or(0)
    }

    fn refuse_newer(&self, migrations: &[Migration]) -> Result<(), MigrateError> {
        let (database, program) = (self.version(), latest(migrations));
        if database > program { Err(MigrateError::SchemaNewer { database, program }) } else { Ok(()) }
    }

    /// Rows that were deleted at the end leave a gap that looks like migrations still to come.
    fn compare_record(&self, applied: Option<i64>) -> Result<(), MigrateError> {
        match self.recorded {
            Some(recorded) if Some(recorded) != applied => Err(MigrateError::HistoryBroken(format!(
                "its latest version is {}, but the schema has version {recorded}",
                applied.unwrap_or(0)
            ))),
            _ => Ok(()),
        }
    }

    fn begun(&self, pending: &[Migration]) -> Result<bool, MigrateError> {
        let mut begun = self.history.iter().filter(|row| !row.success);
        match (begun.next(), begun.next()) {
            (None, _) => Ok(false),
            (Some(row), None) if pending.first().is_some_and(|next| next.version == row.version) => Ok(true),
            (Some(row), _) => Err(MigrateError::HistoryBroken(format!(
                "migration {} is marked as unfinished, but is not the next one",
                row.version
            ))),
        }
    }
}

fn fits(row: &Row, migration: &Migration) -> Result<(), MigrateError> {
    let version = migration.version;
    if row.version > version {
        return Err(MigrateError::HistoryBroken(format!("it has no row of version {version}")));
    }
    if row.version < version {
        return Err(MigrateError::HistoryBroken(format!(
            "it has a version {} that this program does not know",
            row.version
        )));
    }
    if row.checksum != *migration.checksum {
        return Err(MigrateError::ChecksumChanged { version, file: file(migration) });
    }
    Ok(())
}

/// The latest version that this program knows.
pub(super) fn latest(migrations: &[Migration]) -> i64 {
    migrations.last().map_or(0, |migration| migration.version)
}

/// The file's name.
pub(super) fn file(migration: &Migration) -> String {
    format!("{:04}_{}.sql", migration.version, migration.description.replace(' ', "_"))
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
