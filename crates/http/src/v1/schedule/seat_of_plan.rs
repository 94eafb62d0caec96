//! What a seat plan says of a seat.

use serde::Serialize;
use stagedoor_domain::{SeatDetails, SeatKind};
use utoipa::ToSchema;

/// What a seat plan says of a seat; only in a date with one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SeatOfPlanBody {
    /// Its section, as `label`.
    #[schema(required = false, example = "1층 B구역")]
    section: String,
    /// What is printed for its row; not in a standing area.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "A")]
    row_label: Option<String>,
    /// Its printed number.
    #[schema(required = false, example = 12)]
    seat_number: i32,
    /// `SEAT`, `ACCESSIBLE`, `COMPANION`, `RESTRICTED_VIEW` or `STANDING`.
    #[schema(value_type = String, required = false, example = "SEAT")]
    kind: SeatKind,
}

impl SeatOfPlanBody {
    /// Nothing for a seat without a plan.
    pub(crate) fn of(details: SeatDetails, section: &str) -> Option<Self> {
        Some(Self {
            section: section.to_owned(),
            row_label: details.row_label,
            seat_number: details.seat_number?,
            kind: details.kind,
        })
    }
}
