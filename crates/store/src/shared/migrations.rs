//! Bringing the tables up to date and back.

mod addresses;
mod concerts;
mod places;

use std::time::Duration;

use diesel::connection::BoxableConnection;
use diesel::migration::{
    self, Migration, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion,
};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel_migrations::MigrationHarness;
use stagedoor_domain::ports::StoreError;

use super::dialect::{self, Conn, Db, Store};
use crate::failure::Failure;

/// How often a migration is tried that does not get its locks, and the pause in which others get theirs.
const TRIES_MAX: usize = 100;
const TRY_PAUSE: Duration = Duration::from_millis(100);

/// All migrations: SQL, and what SQL cannot do.
#[derive(Clone, Copy)]
struct Migrations;

impl MigrationSource<Db> for Migrations {
    fn migrations(&self) -> migration::Result<Vec<Box<dyn Migration<Db>>>> {
        let all: Vec<Box<dyn Migration<Db>>> = dialect::MIGRATIONS.migrations()?;
        let completed = |sql: Box<dyn Migration<Db>>| -> Box<dyn Migration<Db>> {
            match sql.name().to_string().as_str() {
                addresses::NAME => Box::new(Completed { sql, complete: addresses::complete }),
                places::NAME => Box::new(Completed { sql, complete: places::complete }),
                concerts::NAME => Box::new(Completed { sql, complete: concerts::complete }),
                _ => sql,
            }
        };
        Ok(all.into_iter().map(completed).collect())
    }
}

/// A migration that also does what SQL cannot, in its transaction.
struct Completed {
    sql: Box<dyn Migration<Db>>,
    complete: fn(&mut Conn) -> QueryResult<()>,
}

impl Migration<Db> for Completed {
    fn run(&self, conn: &mut dyn BoxableConnection<Db>) -> migration::Result<()> {
        self.sql.run(conn)?;
        let conn = conn.downcast_mut::<Conn>().ok_or("not a connection of this store")?;
        Ok((self.complete)(conn)?)
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<Db>) -> migration::Result<()> {
        self.sql.revert(conn)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self.sql.metadata()
    }

    fn name(&self) -> &dyn MigrationName {
        self.sql.name()
    }
}

impl Store {
    /// Applies what is missing, one process at a time; answers the names.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn migrate_up(&self) -> Result<Vec<String>, StoreError> {
        self.with(|conn| {
            dialect::one_process_at_a_time(conn, |conn| {
                let applied = apply_missing(conn).map_err(failed)?;
                Ok(applied.iter().map(name).collect())
            })
        })
        .await
    }

    /// Reverts the newest; answers its name.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn migrate_down(&self) -> Result<Option<String>, StoreError> {
        self.with(|conn| {
            dialect::one_process_at_a_time(conn, |conn| {
                if conn.applied_migrations().map_err(failed)?.is_empty() {
                    return Ok(None);
                }
                let reverted = conn.revert_last_migration(Migrations).map_err(failed)?;
                Ok(Some(name(&reverted)))
            })
        })
        .await
    }

    /// Every migration this program knows, and whether it is applied. Writes nothing.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn migration_status(&self) -> Result<Vec<(String, bool)>, StoreError> {
        self.read(|conn| {
            let applied = applied_versions(conn)?;
            let known: Vec<Box<dyn Migration<Db>>> =
                Migrations.migrations().map_err(|error| Failure::Corrupt(error.to_string()))?;
            let names = known.iter().map(|migration| migration.name());
            let mut status: Vec<_> = names
                .map(|name| (name.to_string(), applied.contains(&name.version().to_string())))
                .collect();
            status.sort();
            Ok(status)
        })
        .await
    }
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

/// The versions of the applied migrations. Diesel's own query would create the table that it reads.
fn applied_versions(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let table: Vec<Applied> = sql_query(dialect::TABLE_OF_MIGRATIONS).load(conn)?;
    if table.is_empty() {
        return Ok(Vec::new());
    }
    let applied: Vec<Applied> =
        sql_query("SELECT CAST(version AS text) AS version FROM __diesel_schema_migrations")
            .load(conn)?;
    Ok(applied.into_iter().map(|applied| applied.version).collect())
}

/// Applies what is missing. Each migration is a transaction, which a lock that is not free in time undoes, or a deadlock with a batch of
/// an older process; then it is tried again.
fn apply_missing(conn: &mut Conn) -> migration::Result<Vec<MigrationVersion<'static>>> {
    let mut applied = Vec::new();
    for tries_left in (0..TRIES_MAX).rev() {
        match apply_next(conn, &mut applied) {
            Ok(()) => break,
            Err(error) if tries_left > 0 && error.to_string().contains("lock") => {
                tracing::debug!(%error, tries_left, "a migration is tried again");
                std::thread::sleep(TRY_PAUSE);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(applied)
}

fn apply_next(
    conn: &mut Conn,
    applied: &mut Vec<MigrationVersion<'static>>,
) -> migration::Result<()> {
    while conn.has_pending_migration(Migrations)? {
        applied.push(conn.run_next_migration(Migrations)?.as_owned());
    }
    Ok(())
}

/// The name of a migration's folder; its version if this program does not know it.
fn name(version: &MigrationVersion<'_>) -> String {
    let known: Vec<Box<dyn Migration<Db>>> = Migrations.migrations().unwrap_or_default();
    let found = known.iter().find(|migration| migration.name().version() == *version);
    found.map_or_else(|| version.to_string(), |migration| migration.name().to_string())
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Unavailable(format!("migrations: {error}"))
}
