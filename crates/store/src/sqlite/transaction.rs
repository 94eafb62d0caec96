//! Transactions, and what their failures mean.

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::result::Error;
use stagedoor_domain::ports::StoreError;

use crate::failure::Failure;

type Manager = AnsiTransactionManager;

/// Runs `work` with the write lock held from before its first read.
pub(crate) fn in_write_transaction<T>(
    conn: &mut SqliteConnection,
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure>,
) -> Result<T, StoreError> {
    Manager::begin_transaction_sql(conn, "BEGIN IMMEDIATE").map_err(Failure::from)?;
    match work(conn) {
        Ok(done) => Manager::commit_transaction(conn).map(|()| done).map_err(not_committed),
        Err(failure) => {
            roll_back(conn);
            Err(failure.into())
        }
    }
}

/// Runs `work` on one snapshot.
pub(crate) fn in_read_transaction<T>(
    conn: &mut SqliteConnection,
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure>,
) -> Result<T, StoreError> {
    Manager::begin_transaction_sql(conn, "BEGIN DEFERRED").map_err(Failure::from)?;
    let read = work(conn);
    roll_back(conn);
    Ok(read?)
}

/// A failed commit has already been rolled back, by SQLite itself or by the transaction manager, so nothing was
/// applied. Only when that roll back failed too, the outcome is not known.
fn not_committed(error: Error) -> StoreError {
    match error {
        Error::RollbackErrorOnCommit { .. } => StoreError::OutcomeUnknown(error.to_string()),
        refused => Failure::from(refused).into(),
    }
}

fn roll_back(conn: &mut SqliteConnection) {
    if let Err(error) = Manager::rollback_transaction(conn) {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use diesel::connection::SimpleConnection;
    use diesel::{Connection, RunQueryDsl, sql_query};

    use super::*;

    /// A database of its own for one test, with two rows that refer to each other.
    fn database(name: &str) -> (PathBuf, SqliteConnection) {
        let folder = std::env::temp_dir().join(format!("stagedoor-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("test.db");
        let mut conn = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
        let tables = "CREATE TABLE parents (id integer PRIMARY KEY);
            CREATE TABLE children (id integer REFERENCES parents (id)
                DEFERRABLE INITIALLY DEFERRED)";
        conn.batch_execute("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 0").unwrap();
        conn.batch_execute(tables).unwrap();
        (folder, conn)
    }

    fn insert(conn: &mut SqliteConnection, sql: &str) -> Result<usize, StoreError> {
        in_write_transaction(conn, |conn| Ok(sql_query(sql).execute(conn)?))
    }

    #[test]
    fn a_commit_that_is_refused_as_busy_was_surely_not_applied() {
        let (folder, mut conn) = database("busy");
        let file = folder.join("test.db");
        let mut reader = SqliteConnection::establish(&file.to_string_lossy()).unwrap();
        reader.batch_execute("BEGIN; SELECT * FROM parents").unwrap();

        let refused = insert(&mut conn, "INSERT INTO parents VALUES (1)");
        reader.batch_execute("COMMIT").unwrap();

        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        assert_eq!(insert(&mut conn, "INSERT INTO parents VALUES (1)"), Ok(1));
    }

    #[test]
    fn a_commit_that_breaks_a_constraint_is_corrupt() {
        let (_, mut conn) = database("constraint");

        let refused = insert(&mut conn, "INSERT INTO children VALUES (1)");

        assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
        assert_eq!(insert(&mut conn, "INSERT INTO parents VALUES (1)"), Ok(1));
    }
}
