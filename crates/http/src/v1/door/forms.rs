//! The alternatives of a scan, for the document.
#![expect(dead_code, reason = "these are documentation")]

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::wire::Timestamp;

/// A ticket that was scanned at a door.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Scan {
    Code(ScanOfCode),
    Number(ScanOfNumber),
}

/// The code of a ticket.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ScanOfCode {
    /// The date of the door.
    schedule_id: Uuid,
    /// What the QR code says.
    #[schema(pattern = "^SD1[0-9A-Z $%*+./:-]{132}$")]
    code: String,
    #[schema(
        min_length = 1,
        max_length = 40,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "North gate"
    )]
    door: String,
    /// When it was scanned, by the clock of the device; now if it is left out or lies ahead.
    scanned_at: Option<Timestamp>,
}

/// The number of a ticket.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ScanOfNumber {
    /// The date of the door.
    schedule_id: Uuid,
    /// What its holder reads aloud.
    #[schema(example = "7K3MQ-9XF2D-6")]
    number: String,
    #[schema(
        min_length = 1,
        max_length = 40,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "North gate"
    )]
    door: String,
    /// When it was scanned, by the clock of the device; now if it is left out or lies ahead.
    scanned_at: Option<Timestamp>,
}
