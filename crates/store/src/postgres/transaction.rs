//! Transactions, and what their failures mean.

use std::time::Duration;

use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::result::{DatabaseErrorKind, Error};
use stagedoor_domain::Instant;
use stagedoor_domain::ports::StoreError;
use time::format_description::well_known::Rfc3339;

use crate::failure::Failure;

/// Begins a transaction of which all statements see the same. For reading.
pub(crate) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// Begins a transaction, but not if by the server's clock `now` is longer ago than `age_max`. In one round trip.
///
/// # Errors
/// `now` cannot be written.
pub(crate) fn begin_unless_older(now: Instant, age_max: Duration) -> Result<String, StoreError> {
    let now = now.format(&Rfc3339).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let seconds = age_max.as_secs_f64();
    // Only the text of a clock that differs each time is left until the row is computed, so it fails only then.
    Ok(format!(
        "BEGIN; SELECT CASE WHEN clock_timestamp() > timestamptz '{now}' + make_interval(secs => {seconds})
            THEN ('the batch of {now} came too late, at ' || clock_timestamp())::integer END"
    ))
}

type Manager = AnsiTransactionManager;

/// Runs `work` in a transaction, and asks `may_commit` before its commit. After a failed commit it is not known whether
/// the changes were applied.
pub(crate) fn in_transaction<T>(
    conn: &mut PgConnection,
    begin: &str,
    may_commit: impl FnOnce() -> Result<(), StoreError>,
    work: impl FnOnce(&mut PgConnection) -> Result<T, Failure>,
) -> Result<T, StoreError> {
    if let Err(error) = Manager::begin_transaction_sql(conn, begin) {
        end_what_began(conn);
        return Err(Failure::from(error).into());
    }
    match work(conn).map_err(StoreError::from).and_then(|done| may_commit().map(|()| done)) {
        Ok(done) => Manager::commit_transaction(conn).map(|()| done).map_err(of_commit),
        Err(error) => {
            roll_back(conn);
            Err(error)
        }
    }
}

/// The transaction of a `BEGIN` whose second statement failed is open, and unknown to its manager.
fn end_what_began(conn: &mut PgConnection) {
    if let Err(error) = conn.batch_execute("ROLLBACK") {
        tracing::warn!(%error, "a transaction could not be rolled back");
    }
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
