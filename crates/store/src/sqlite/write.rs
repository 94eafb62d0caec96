//! Writing rows: one statement for each row, which stays prepared.

use diesel::prelude::*;
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;
use diesel::sqlite::Sqlite;

use super::dialect::{Conn, Prepared};
use crate::failure::Failure;

type Bind<'a, T> = Box<dyn Fn(Prepared<'a>, &'a T) -> Prepared<'a> + 'a>;

/// Rows to write to a table, column by column.
pub(crate) struct Rows<'a, T> {
    table: &'static str,
    rows: &'a [&'a T],
    columns: Vec<&'static str>,
    binds: Vec<Bind<'a, T>>,
}

/// A statement for each row; each must write one row.
pub(crate) struct Write<'a> {
    table: &'static str,
    rows: Box<dyn Iterator<Item = Prepared<'a>> + 'a>,
}

impl<'a, T> Rows<'a, T> {
    pub(crate) fn of(table: &'static str, rows: &'a [&'a T]) -> Self {
        Self { table, rows, columns: Vec::new(), binds: Vec::new() }
    }

    /// The next column. Without rows nothing is prepared, because most tables of a batch have none.
    pub(crate) fn column<ST, V>(
        mut self,
        name: &'static str,
        value: impl Fn(&'a T) -> V + 'a,
    ) -> Self
    where
        ST: Send + 'static,
        V: ToSql<ST, Sqlite> + Send + 'a,
        Sqlite: HasSqlType<ST>,
    {
        if self.rows.is_empty() {
            return self;
        }
        self.columns.push(name);
        self.binds.push(Box::new(move |values, row| values.bind::<ST, V>(value(row))));
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

    /// Updates the rows by the last columns, their key.
    pub(crate) fn update_by_last(self, keys: usize) -> Write<'a> {
        let (values, keys) = self.columns.split_at(self.columns.len().saturating_sub(keys));
        let to =
            |names: &[&str]| -> Vec<_> { names.iter().map(|name| format!("{name} = ?")).collect() };
        let (set, by) = (to(values).join(", "), to(keys).join(" AND "));
        let sql = format!("UPDATE {} SET {set} WHERE {by}", self.table);
        self.write(sql)
    }

    /// Updates the rows by a last column, their key.
    pub(crate) fn update_by<ST, V>(
        self,
        key: &'static str,
        value: impl Fn(&'a T) -> V + 'a,
    ) -> Write<'a>
    where
        ST: Send + 'static,
        V: ToSql<ST, Sqlite> + Send + 'a,
        Sqlite: HasSqlType<ST>,
    {
        self.column::<ST, V>(key, value).update_by_last(1)
    }

    fn write(self, sql: String) -> Write<'a> {
        let Self { table, rows, binds, .. } = self;
        let bound = move |row: &&'a T| {
            binds.iter().fold(Prepared::new(sql.clone()), |values, bind| bind(values, row))
        };
        Write { table, rows: Box::new(rows.iter().map(bound)) }
    }
}

impl Write<'_> {
    /// Writes, if there is anything to write.
    pub(crate) fn execute(self, conn: &mut Conn) -> Result<(), Failure> {
        let table = self.table;
        for row in self.rows {
            let written = row.execute(conn)?;
            if written != 1 {
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
