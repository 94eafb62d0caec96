//! Transactions, and what their failures mean.

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
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
        Ok(done) => match Manager::commit_transaction(conn) {
            Ok(()) => Ok(done),
            Err(error) => Err(not_committed(conn, &error)),
        },
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

/// SQLite applies a commit or says that it did not; what it refused can be rolled back. Only when
/// even that fails is it left open.
fn not_committed(conn: &mut SqliteConnection, error: &diesel::result::Error) -> StoreError {
    let cause = error.to_string();
    if conn.batch_execute("ROLLBACK").is_ok() || Manager::rollback_transaction(conn).is_ok() {
        StoreError::Unavailable(cause)
    } else {
        StoreError::OutcomeUnknown(cause)
    }
}

fn roll_back(conn: &mut SqliteConnection) {
    if let Err(error) = Manager::rollback_transaction(conn) {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
}
