//! The alternatives of a request that gives tickets, for the document.
#![expect(dead_code, reason = "these are documentation")]

use std::collections::BTreeSet;

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The seats to give, and to whom.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Give {
    Ids(GiveByIds),
    Numbers(GiveByNumbers),
}

/// Seats by their ids.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct GiveByIds {
    /// The address of the user who gets them.
    #[schema(format = "email", example = "fan@example.com")]
    email: String,
    #[schema(min_items = 1, max_items = 4)]
    seat_ids: BTreeSet<Uuid>,
    /// In words for staff.
    #[schema(
        min_length = 1,
        max_length = 300,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb][^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "Guest of the band."
    )]
    reason: String,
}

/// Seats by their numbers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct GiveByNumbers {
    /// The address of the user who gets them.
    #[schema(format = "email", example = "fan@example.com")]
    email: String,
    #[schema(min_items = 1, max_items = 4, example = json!([11, 12]))]
    seat_numbers: BTreeSet<i32>,
    /// In words for staff.
    #[schema(
        min_length = 1,
        max_length = 300,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb][^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "Guest of the band."
    )]
    reason: String,
}
