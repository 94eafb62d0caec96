//! Writing what a batch changed, one statement for each kind of row.

mod booking;
mod people;
mod queue;
mod wallet;

use diesel::prelude::*;
use stagedoor_domain::Changes;

use crate::postgres::failure::Failure;
use crate::postgres::statement::Statement;

/// Writes all changes. Rows that others refer to come first, and tokens that end come before those
/// that take their place.
pub(crate) fn write(conn: &mut PgConnection, changes: &Changes) -> Result<(), Failure> {
    people::write(conn, changes)?;
    queue::write(conn, changes)?;
    booking::write(conn, changes)?;
    wallet::write(conn, changes)?;
    crate::postgres::operator_action::write(conn, changes)
}

/// Executes a statement that must write as many rows as there are changes.
fn execute(
    conn: &mut PgConnection,
    what: &str,
    changes: usize,
    statement: Statement<'_>,
) -> Result<(), Failure> {
    let written = statement.execute(conn)?;
    check_written(what, changes, written)
}

fn check_written(what: &str, changes: usize, written: usize) -> Result<(), Failure> {
    if written == changes {
        Ok(())
    } else {
        Err(Failure::Corrupt(format!("{changes} {what} changed but {written} rows were written")))
    }
}

/// One column of rows.
fn column<T, C>(rows: &[&T], value: impl Fn(&T) -> C) -> Vec<C> {
    rows.iter().map(|row| value(row)).collect()
}
