//! Instants in bodies: RFC 3339, sent in UTC.

use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{Error, IntoDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use stagedoor_domain::Instant;
use time::UtcOffset;
use time::format_description::well_known::Rfc3339;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::wire::error::{ApiError, FieldRule};

const YEAR_MIN: i32 = 1970;
const YEAR_MAX: i32 = 9998;

/// An instant as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp(pub(crate) Instant);

impl Timestamp {
    /// Reads an instant out of a query.
    pub(crate) fn parse(text: &str, field: &'static str) -> Result<Self, ApiError> {
        let reader: StrDeserializer<'_, ValueError> = text.into_deserializer();
        let refused =
            |error: ValueError| ApiError::field(field, FieldRule::Form(error.to_string()));
        Self::deserialize(reader).map_err(refused)
    }
}

impl From<Instant> for Timestamp {
    fn from(instant: Instant) -> Self {
        Self(instant)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        time::serde::rfc3339::serialize(&self.0, writer)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    /// Reads an instant in the years that both stores support, cut to microseconds.
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let text = String::deserialize(reader)?;
        let refused = || {
            D::Error::custom(format_args!(
                "must be an RFC 3339 date-time of the years {YEAR_MIN} to {YEAR_MAX}"
            ))
        };
        let read = Instant::parse(&text, &Rfc3339).map_err(|_| refused())?;
        let instant = read.checked_to_offset(UtcOffset::UTC).ok_or_else(refused)?;
        if (YEAR_MIN..=YEAR_MAX).contains(&instant.year()) {
            Ok(Self(instant.truncate_to_microsecond()))
        } else {
            Err(refused())
        }
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .examples(["2026-12-24T10:00:00Z"])
            .into()
    }
}

impl ToSchema for Timestamp {}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn read(text: &str) -> Result<Timestamp, ApiError> {
        Timestamp::parse(text, "from")
    }

    #[test]
    fn instants_of_any_offset_are_read_as_utc_and_cut_to_microseconds() {
        let read = read("2026-11-21T19:00:00.123456789+09:00");

        assert_eq!(read, Ok(Timestamp(datetime!(2026-11-21 10:00:00.123456 UTC))));
    }

    #[test]
    fn instants_outside_the_kept_years_are_refused() {
        for text in [
            "1969-12-31T23:59:59Z",
            "9999-01-01T00:00:00Z",
            "9999-12-31T23:59:59-23:59",
            "0000-01-01T00:00:00+23:59",
            "2026-11-21",
            "soon",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
