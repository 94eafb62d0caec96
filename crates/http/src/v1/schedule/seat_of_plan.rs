//! The printed row and number of a seat, and its kind.

use serde::Serialize;
use stagedoor_domain::{SeatDetails, SeatKind};
use utoipa::ToSchema;

/// The printed row and number of a seat, and its kind; not in a date of a single block of rows and columns.
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
    /// Nothing for a seat that is printed as its row and column.
    pub(crate) fn of(details: SeatDetails, section: &str) -> Option<Self> {
        Some(Self {
            section: section.to_owned(),
            row_label: details.row_label,
            seat_number: details.seat_number?,
            kind: details.kind,
        })
    }
}
