//! Writing rows: one statement for all that are written to a table. A single row is sent as its values and not as
//! arrays, which take the server twice as long.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, HasSqlType};

use super::dialect::{Conn, Prepared};
use crate::failure::Failure;

/// Rows to write to a table, column by column.
pub(crate) struct Rows<'a, T> {
    table: &'static str,
    rows: &'a [&'a T],
    columns: Vec<&'static str>,
    values: Prepared<'a>,
}

/// A statement that must write as many rows as there are changes.
pub(crate) struct Write<'a> {
    table: &'static str,
    changes: usize,
    sql: String,
    values: Prepared<'a>,
}

impl<'a, T> Rows<'a, T> {
    pub(crate) fn of(table: &'static str, rows: &'a [&'a T]) -> Self {
        Self { table, rows, columns: Vec::new(), values: Prepared::new("") }
    }

    /// The next column. Without rows nothing is prepared, because most tables of a batch have none.
    pub(crate) fn column<ST, V>(mut self, name: &'static str, value: impl Fn(&'a T) -> V) -> Self
    where
        ST: Send + 'static,
        V: Send + 'a,
        Pg: HasSqlType<ST> + HasSqlType<Array<ST>>,
        V: ToSql<ST, Pg>,
        Vec<V>: ToSql<Array<ST>, Pg>,
    {
        let values = match self.rows {
            [] => return self,
            [row] => self.values.bind::<ST, V>(value(row)),
            rows => {
                self.values.bind::<Array<ST>, Vec<V>>(rows.iter().map(|row| value(row)).collect())
            }
        };
        self.columns.push(name);
        Self { values, ..self }
    }

    /// The rows as a query.
    fn query(&self) -> String {
        let values = vec!["?"; self.columns.len()].join(", ");
        if self.rows.len() == 1 {
            format!("SELECT {values}")
        } else {
            format!("SELECT * FROM unnest({values})")
        }
    }

    /// Inserts the rows.
    pub(crate) fn insert(self) -> Write<'a> {
        let sql =
            format!("INSERT INTO {} ({}) {}", self.table, self.columns.join(", "), self.query());
        self.write(sql)
    }

    /// Updates the rows by the last columns, their key.
    pub(crate) fn update_by_last(self, keys: usize) -> Write<'a> {
        let (values, keys) = self.columns.split_at(self.columns.len().saturating_sub(keys));
        let set: Vec<_> = values.iter().map(|name| format!("{name} = new.{name}")).collect();
        let table = self.table;
        let by: Vec<_> = keys.iter().map(|key| format!("{table}.{key} = new.{key}")).collect();
        let sql = format!(
            "UPDATE {table} SET {} FROM ({}) AS new ({}) WHERE {}",
            set.join(", "),
            self.query(),
            self.columns.join(", "),
            by.join(" AND "),
        );
        self.write(sql)
    }

    /// Updates the rows by a last column, their key.
    pub(crate) fn update_by<ST, V>(self, key: &'static str, value: impl Fn(&'a T) -> V) -> Write<'a>
    where
        ST: Send + 'static,
        V: Send + 'a,
        Pg: HasSqlType<ST> + HasSqlType<Array<ST>>,
        V: ToSql<ST, Pg>,
        Vec<V>: ToSql<Array<ST>, Pg>,
    {
        self.column::<ST, V>(key, value).update_by_last(1)
    }

    fn write(self, sql: String) -> Write<'a> {
        Write { table: self.table, changes: self.rows.len(), sql, values: self.values }
    }
}

impl Write<'_> {
    /// Writes, if there is anything to write.
    pub(crate) fn execute(self, conn: &mut Conn) -> Result<(), Failure> {
        if self.changes == 0 {
            return Ok(());
        }
        let written = self.values.with_sql(self.sql).execute(conn)?;
        check_written(self.table, self.changes, written)
    }
}

/// Writes to three tables in one round trip, in no particular order.
pub(crate) fn execute_together(conn: &mut Conn, writes: [Write<'_>; 3]) -> Result<(), Failure> {
    if writes.iter().any(|write| write.changes == 0) {
        return writes.into_iter().try_for_each(|write| write.execute(conn));
    }
    let [first, second, third] = writes;
    let sql = format!(
        "WITH a AS ({} RETURNING 1), b AS ({} RETURNING 1), c AS ({} RETURNING 1)
         SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b), (SELECT count(*) FROM c)",
        first.sql, second.sql, third.sql
    );
    let values = first.values.with_values_of(second.values).with_values_of(third.values);
    let written: (i64, i64, i64) =
        values.with_sql(sql).returning::<(BigInt, BigInt, BigInt)>().get_result(conn)?;
    let count = |rows: i64| usize::try_from(rows).unwrap_or_default();
    check_written(first.table, first.changes, count(written.0))?;
    check_written(second.table, second.changes, count(written.1))?;
    check_written(third.table, third.changes, count(written.2))
}

fn check_written(table: &str, changes: usize, written: usize) -> Result<(), Failure> {
    if written == changes {
        Ok(())
    } else {
        Err(Failure::Corrupt(format!("{changes} {table} changed but {written} rows were written")))
    }
}
