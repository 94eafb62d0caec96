//! The alternatives of a request for seats, for the document. Requests are read as one struct, which can name
//! the wrong field.
#![expect(dead_code, reason = "these are documentation")]

use std::collections::BTreeSet;

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The seats to hold.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Hold {
    Ids(HoldByIds),
    Numbers(HoldByNumbers),
    Best(HoldBest),
}

/// Seats by their ids.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct HoldByIds {
    schedule_id: Uuid,
    #[schema(min_items = 1, max_items = 4)]
    seat_ids: BTreeSet<Uuid>,
}

/// Seats by their numbers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct HoldByNumbers {
    schedule_id: Uuid,
    #[schema(min_items = 1, max_items = 4, example = json!([1, 2]))]
    seat_numbers: BTreeSet<i32>,
}

/// This many adjacent seats, the best available.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct HoldBest {
    schedule_id: Uuid,
    #[schema(minimum = 1, maximum = 4, example = 2)]
    best_available: i32,
}
