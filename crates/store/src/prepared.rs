//! SQL that the query builder has no form for, kept prepared by each connection.

use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Text, Untyped};

/// SQL with a `?` for each value, whose rows have columns of the types `ST`. Unlike `diesel::sql_query`, whose
/// statements are parsed and planned each time, it is prepared once on a connection.
pub(crate) struct Prepared<'a, DB: Backend, ST = Untyped> {
    template: Cow<'static, str>,
    values: Vec<Box<dyn QueryFragment<DB> + Send + 'a>>,
    columns: PhantomData<ST>,
}

struct Value<ST, V> {
    value: V,
    kind: PhantomData<ST>,
}

impl<'a, DB: Backend> Prepared<'a, DB> {
    /// SQL whose rows, if any, are read by the names of their columns.
    pub(crate) fn new(template: impl Into<Cow<'static, str>>) -> Self {
        Self { template: template.into(), values: Vec::new(), columns: PhantomData }
    }

    /// The same values for other SQL.
    pub(crate) fn with_sql(self, template: String) -> Self {
        Self { template: template.into(), ..self }
    }

    /// The values of `next` after these.
    pub(crate) fn with_values_of(mut self, next: Self) -> Self {
        self.values.extend(next.values);
        self
    }

    /// Has the rows read by the order of their columns.
    pub(crate) fn returning<ST>(self) -> Prepared<'a, DB, ST> {
        Prepared { template: self.template, values: self.values, columns: PhantomData }
    }
}

impl<'a, DB: Backend, Columns> Prepared<'a, DB, Columns> {
    /// The value of the next `?`.
    pub(crate) fn bind<ST, V>(mut self, value: V) -> Self
    where
        DB: HasSqlType<ST>,
        V: ToSql<ST, DB> + Send + 'a,
        ST: Send + 'a,
    {
        self.values.push(Box::new(Value::<ST, V> { value, kind: PhantomData }));
        self
    }
}

impl<DB, ST, V> QueryFragment<DB> for Value<ST, V>
where
    DB: Backend + HasSqlType<ST>,
    V: ToSql<ST, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_bind_param(&self.value)
    }
}

impl<DB: Backend, ST> QueryFragment<DB> for Prepared<'_, DB, ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
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

impl<DB: Backend, ST> QueryId for Prepared<'_, DB, ST> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend, ST> Query for Prepared<'_, DB, ST> {
    type SqlType = ST;
}

impl<Conn, DB: Backend, ST> RunQueryDsl<Conn> for Prepared<'_, DB, ST> {}

/// A word that is written into the SQL and not sent as a value: only then does PostgreSQL know, when it makes a
/// generic plan, that an index of the rows in this state contains all rows that are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Literal(pub(crate) &'static str);

impl Expression for Literal {
    type SqlType = Text;
}

impl<Source> SelectableExpression<Source> for Literal {}

impl<Source> AppearsOnTable<Source> for Literal {}

impl ValidGrouping<()> for Literal {
    type IsAggregate = is_aggregate::Never;
}

impl QueryId for Literal {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for Literal {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("'");
        out.push_sql(self.0);
        out.push_sql("'");
        Ok(())
    }
}
