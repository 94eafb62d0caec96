//! The alternatives of requests that block and unblock seats, for the document.
#![expect(dead_code, reason = "these are documentation")]

use std::collections::BTreeSet;

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The seats to block.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Block {
    Ids(BlockByIds),
    Numbers(BlockByNumbers),
}

/// Seats by their ids.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct BlockByIds {
    #[schema(min_items = 1, max_items = 1_000)]
    seat_ids: BTreeSet<Uuid>,
    /// In words for staff.
    #[schema(
        min_length = 1,
        max_length = 300,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb][^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "The mixing desk stands here."
    )]
    reason: String,
}

/// Seats by their numbers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct BlockByNumbers {
    #[schema(min_items = 1, max_items = 1_000, example = json!([11, 12]))]
    seat_numbers: BTreeSet<i32>,
    /// In words for staff.
    #[schema(
        min_length = 1,
        max_length = 300,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb][^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "The mixing desk stands here."
    )]
    reason: String,
}

/// The seats to unblock.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Unblock {
    Ids(UnblockByIds),
    Numbers(UnblockByNumbers),
}

/// Blocked seats by their ids.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct UnblockByIds {
    #[schema(min_items = 1, max_items = 1_000)]
    seat_ids: BTreeSet<Uuid>,
}

/// Blocked seats by their numbers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct UnblockByNumbers {
    #[schema(min_items = 1, max_items = 1_000, example = json!([11, 12]))]
    seat_numbers: BTreeSet<i32>,
}
