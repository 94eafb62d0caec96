//! The two column types that the databases store differently: ids and instants.
//!
//! PostgreSQL has `uuid` and `timestamptz`. SQLite gets the canonical text of an id, and microseconds since 1970 in
//! UTC.
//!
//! Ids of the domain and its instants are columns of rows and values of prepared SQL as they are. The query builder takes
//! them as [`Id`] and [`At`], because its trait cannot be implemented for types of another crate.

use std::io::Write;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, SqlOrd, SqlType, Text, Timestamptz};
use diesel::sqlite::{Sqlite, SqliteValue};
use stagedoor_domain::{
    ConcertId, HallId, Instant, OperatorActionId, PaymentId, PointEntryId, ProcessId, QueueTokenId,
    ReservationId, RoomId, ScheduleId, SeatId, TicketId, UserId, VenueId, WebhookId,
};
use uuid::Uuid;

/// The column type of ids.
#[derive(Clone, Copy, Debug, QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Text"))]
pub struct SqlId;

/// The column type of instants.
#[derive(Clone, Copy, Debug, QueryId, SqlType)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct SqlInstant;

impl SqlOrd for SqlInstant {}

/// An id, or a reference to one, as a value in a query.
#[derive(AsExpression, Clone, Copy, Debug)]
#[diesel(sql_type = SqlId)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: ToSql<SqlId, DB>, DB: Backend> ToSql<SqlId, DB> for Id<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// An instant as a value in a query.
#[derive(AsExpression, Clone, Copy, Debug)]
#[diesel(sql_type = SqlInstant)]
pub(crate) struct At(pub(crate) Instant);

impl<DB: Backend> ToSql<SqlInstant, DB> for At
where
    Instant: ToSql<SqlInstant, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// What a record or an event is about, such as a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SubjectId(pub(crate) Uuid);

macro_rules! columns_of_ids {
    ($($id:ident)*) => {$(
        impl ToSql<SqlId, Pg> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all(self.0.as_bytes())?;
                Ok(IsNull::No)
            }
        }

        impl ToSql<SqlId, Sqlite> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.0.to_string());
                Ok(IsNull::No)
            }
        }

        impl FromSql<SqlId, Pg> for $id {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(Self(Uuid::from_slice(value.as_bytes())?))
            }
        }

        impl FromSql<SqlId, Sqlite> for $id {
            fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
                Ok(Self(Uuid::parse_str(&text)?))
            }
        }

        impl<DB: Backend> Queryable<SqlId, DB> for $id
        where
            Self: FromSql<SqlId, DB>,
        {
            type Row = Self;

            fn build(id: Self) -> deserialize::Result<Self> {
                Ok(id)
            }
        }
    )*};
}

columns_of_ids! {
    ConcertId HallId OperatorActionId PaymentId PointEntryId ProcessId QueueTokenId ReservationId
    RoomId ScheduleId SeatId SubjectId TicketId UserId VenueId WebhookId
}

impl ToSql<SqlInstant, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Timestamptz, Pg>::to_sql(self, out)
    }
}

impl ToSql<SqlInstant, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(i64::try_from(self.unix_timestamp_nanos() / 1_000)?);
        Ok(IsNull::No)
    }
}

impl FromSql<SqlInstant, Pg> for Instant {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<Timestamptz, Pg>::from_sql(value)
    }
}

impl FromSql<SqlInstant, Sqlite> for Instant {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?;
        Ok(Self::from_unix_timestamp_nanos(i128::from(micros) * 1_000)?)
    }
}
