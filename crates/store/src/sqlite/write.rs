//! Writing what a batch changed, row by row with statements that stay prepared.

mod booking;
mod people;
mod queue;
mod wallet;

use diesel::prelude::*;
use stagedoor_domain::Changes;

use crate::sqlite::failure::Failure;
use crate::sqlite::statement::Statement;

/// Writes all changes. Rows that others refer to come first, and tokens that end come before those
/// that take their place.
pub(crate) fn write(conn: &mut SqliteConnection, changes: &Changes) -> Result<(), Failure> {
    people::write(conn, changes)?;
    queue::write(conn, changes)?;
    booking::write(conn, changes)?;
    wallet::write(conn, changes)?;
    crate::sqlite::operator_action::write(conn, changes)
}

/// Executes one statement for each row; each must write one row.
fn for_each<T>(
    conn: &mut SqliteConnection,
    what: &str,
    rows: &[T],
    statement: impl Fn(&T) -> Statement<'_>,
) -> Result<(), Failure> {
    for row in rows {
        let written = statement(row).execute(conn)?;
        if written != 1 {
            return Err(Failure::Corrupt(format!(
                "one of {what} changed but {written} were written"
            )));
        }
    }
    Ok(())
}
