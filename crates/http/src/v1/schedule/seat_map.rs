//! The seat plan of a schedule in a request: one section or a list of them.

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use stagedoor_domain::{Invalid, SeatMap, Section};
use std::fmt;
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::wire::{Object, Whole};

/// A block of seats of one price.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SectionBody {
    #[schema(minimum = 1, maximum = 50_000, example = 5, value_type = i64)]
    rows: Whole,
    /// Seats in each row.
    #[schema(minimum = 1, maximum = 50_000, example = 10, value_type = i64)]
    columns: Whole,
    /// Of each seat, in points.
    #[schema(minimum = 1, maximum = 2_251_799_813_685_247_i64, example = 10000, value_type = i64)]
    price: Whole,
    /// The name of the block.
    #[serde(default)]
    #[schema(max_length = 40, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$", example = "VIP")]
    label: String,
}

/// Sections from the front to the back.
pub(crate) struct SeatMapBody(Vec<SectionBody>);

impl SeatMapBody {
    pub(super) fn parse(&self) -> Result<SeatMap, Invalid> {
        let section = |body: &SectionBody| {
            Section::parse(body.rows.0, body.columns.0, body.price.0, &body.label)
        };
        SeatMap::new(self.0.iter().map(section).collect::<Result<_, _>>()?)
    }
}

impl PartialSchema for SeatMapBody {
    fn schema() -> RefOr<Schema> {
        let section = || Ref::from_schema_name("SectionBody");
        OneOfBuilder::new()
            .item(section())
            .item(
                ArrayBuilder::new()
                    .items(section())
                    .min_items(Some(1))
                    .max_items(Some(SeatMap::SECTIONS_MAX)),
            )
            .description(Some("One section, or sections from the front to the back"))
            .into()
    }
}

impl ToSchema for SeatMapBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("SectionBody".to_owned(), SectionBody::schema()));
    }
}

impl<'de> Deserialize<'de> for SeatMapBody {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = SeatMapBody;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a section {rows, columns, price, label?} or a list of them")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SeatMapBody, A::Error> {
                let section = SectionBody::deserialize(MapAccessDeserializer::new(map))?;
                Ok(SeatMapBody(vec![section]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<SeatMapBody, A::Error> {
                let sections: Vec<Object<SectionBody>> =
                    Vec::deserialize(SeqAccessDeserializer::new(list))?;
                Ok(SeatMapBody(sections.into_iter().map(|Object(section)| section).collect()))
            }
        }

        reader.deserialize_any(OneOrMany)
    }
}
