//! Transactions, and what their failures mean.

use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::result::{DatabaseErrorKind, Error};
use stagedoor_domain::ports::StoreError;

use crate::failure::Failure;

/// What a transaction sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Each statement sees what was committed before it. For locks and writes.
    ReadCommitted,
    /// All statements see the same. For reading.
    Snapshot,
}

type Manager = AnsiTransactionManager;

/// Runs `work` in a transaction. After a failed commit it is not known whether the changes were applied.
pub(crate) fn in_transaction<T>(
    conn: &mut PgConnection,
    isolation: Isolation,
    work: impl FnOnce(&mut PgConnection) -> Result<T, Failure>,
) -> Result<T, StoreError> {
    Manager::begin_transaction(conn).map_err(Failure::from)?;
    match narrowed(conn, isolation).and_then(|()| work(conn)) {
        Ok(done) => Manager::commit_transaction(conn).map(|()| done).map_err(of_commit),
        Err(failure) => {
            roll_back(conn);
            Err(failure.into())
        }
    }
}

fn narrowed(conn: &mut PgConnection, isolation: Isolation) -> Result<(), Failure> {
    if isolation == Isolation::Snapshot {
        conn.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
    }
    Ok(())
}

/// Ends a transaction that is not to be committed. The server does so by itself when the connection is lost.
fn roll_back(conn: &mut PgConnection) {
    if let Err(error) = Manager::rollback_transaction(conn) {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
}

/// A commit that the server refused was not applied; one that it did not answer may have been.
fn of_commit(error: Error) -> StoreError {
    match &error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => {
            StoreError::Unavailable(error.to_string())
        }
        _ => StoreError::OutcomeUnknown(error.to_string()),
    }
}
