//! Statements that the query builder has no form for, kept prepared by each connection.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};
use diesel::sqlite::Sqlite;
use diesel::{RunQueryDsl, SqliteConnection};

/// A statement with a `?` for each value. Unlike `diesel::sql_query`, whose statements are parsed and
/// planned anew each time, it is prepared once a connection.
pub(crate) struct Statement<'a> {
    template: &'static str,
    values: Vec<Box<dyn QueryFragment<Sqlite> + Send + 'a>>,
}

struct Value<ST, V> {
    value: V,
    kind: std::marker::PhantomData<ST>,
}

impl<'a> Statement<'a> {
    pub(crate) fn new(template: &'static str) -> Self {
        Self { template, values: Vec::new() }
    }

    /// The value of the next `?`.
    pub(crate) fn bind<ST, V>(mut self, value: V) -> Self
    where
        Sqlite: HasSqlType<ST>,
        V: ToSql<ST, Sqlite> + Send + 'a,
        ST: Send + 'a,
    {
        self.values.push(Box::new(Value::<ST, V> { value, kind: std::marker::PhantomData }));
        self
    }
}

impl<ST, V> QueryFragment<Sqlite> for Value<ST, V>
where
    Sqlite: HasSqlType<ST>,
    V: ToSql<ST, Sqlite>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_bind_param(&self.value)
    }
}

impl QueryFragment<Sqlite> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for (index, text) in self.template.split('?').enumerate() {
            if index > 0
                && let Some(value) = values.next()
            {
                value.walk_ast(out.reborrow())?;
            }
            out.push_sql(text);
        }
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

impl RunQueryDsl<SqliteConnection> for Statement<'_> {}
