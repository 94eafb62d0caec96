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

/// This many adjacent seats, the best available of the date or of a part of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct HoldBest {
    schedule_id: Uuid,
    #[schema(minimum = 1, maximum = 4, example = 2)]
    best_available: i32,
    /// Only in sections with this name.
    #[schema(max_length = 40, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$", example = "VIP")]
    section: Option<String>,
    /// Only in the price zone with this code of the date's plan.
    #[schema(
        min_length = 1,
        max_length = 20,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "1"
    )]
    zone: Option<String>,
    /// Places for wheelchairs, with seats of companions beside them, instead of ordinary seats.
    accessible: Option<bool>,
}
