//! Writing rows: one statement for each row, which stays prepared.

use diesel::prelude::*;
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;
use diesel::sqlite::Sqlite;

use super::dialect::{Conn, Prepared};
use crate::failure::Failure;

/// Rows to write to a table, column by column.
pub(crate) struct Rows<'a, T> {
    table: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<(&'a T, Prepared<'a>)>,
}

/// A statement for each row; each must write one row.
pub(crate) struct Write<'a> {
    table: &'static str,
    sql: String,
    rows: Vec<Prepared<'a>>,
}

impl<'a, T> Rows<'a, T> {
    pub(crate) fn of(table: &'static str, rows: &[&'a T]) -> Self {
        let rows = rows.iter().map(|row| (*row, Prepared::new(""))).collect();
        Self { table, columns: Vec::new(), rows }
    }

    /// The next column.
    pub(crate) fn column<ST, V>(mut self, name: &'static str, value: impl Fn(&'a T) -> V) -> Self
    where
        ST: Send + 'static,
        V: ToSql<ST, Sqlite> + Send + 'a,
        Sqlite: HasSqlType<ST>,
    {
        self.columns.push(name);
        let bound = |(row, values): (&'a T, Prepared<'a>)| (row, values.bind::<ST, V>(value(row)));
        self.rows = self.rows.into_iter().map(bound).collect();
        self
    }

    /// Inserts the rows.
    pub(crate) fn insert(self) -> Write<'a> {
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({})",
            self.table,
            self.columns.join(", "),
            vec!["?"; self.columns.len()].join(", "),
        );
        self.write(sql)
    }

    /// Updates the rows by a last column, their key.
    pub(crate) fn update_by<ST, V>(self, key: &'static str, value: impl Fn(&'a T) -> V) -> Write<'a>
    where
        ST: Send + 'static,
        V: ToSql<ST, Sqlite> + Send + 'a,
        Sqlite: HasSqlType<ST>,
    {
        let set: Vec<_> = self.columns.iter().map(|name| format!("{name} = ?")).collect();
        let sql = format!("UPDATE {} SET {} WHERE {key} = ?", self.table, set.join(", "));
        self.column::<ST, V>(key, value).write(sql)
    }

    fn write(self, sql: String) -> Write<'a> {
        let rows = self.rows.into_iter().map(|(_, values)| values).collect();
        Write { table: self.table, sql, rows }
    }
}

impl Write<'_> {
    /// Writes, if there is anything to write.
    pub(crate) fn execute(self, conn: &mut Conn) -> Result<(), Failure> {
        for row in self.rows {
            let written = row.with_sql(self.sql.clone()).execute(conn)?;
            if written != 1 {
                let table = self.table;
                return Err(Failure::Corrupt(format!(
                    "one of {table} changed but {written} rows were written"
                )));
            }
        }
        Ok(())
    }
}

/// Writes to three tables, one after another.
pub(crate) fn execute_together(conn: &mut Conn, writes: [Write<'_>; 3]) -> Result<(), Failure> {
    writes.into_iter().try_for_each(|write| write.execute(conn))
}
