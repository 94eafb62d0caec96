//! The form of seat plans, for the document. The domain reads them, with the bounds of `docs/seat-plans.md`.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// A seat plan: the stage, price zones, and sections of seats. Lengths are in units of the plan's choice.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatPlanBody {
    stage: StageBody,
    /// Price zones, 1 to 20.
    zones: Vec<ZoneBody>,
    /// Sections, 1 to 200, with 1 to 50,000 places together.
    sections: Vec<PlanSectionBody>,
}

/// The seat plan of a date, and what its zones cost.
#[derive(Serialize, ToSchema)]
pub(crate) struct PricedPlanBody {
    stage: StageBody,
    zones: Vec<ZoneBody>,
    sections: Vec<PlanSectionBody>,
    /// The price of each zone that is in use, in points, by its code.
    #[schema(example = json!({"R": 10000}))]
    prices: BTreeMap<String, i64>,
}

/// Where the stage is: a rectangle.
#[derive(Serialize, ToSchema)]
pub(crate) struct StageBody {
    #[schema(example = -8)]
    x: f64,
    #[schema(example = -6)]
    y: f64,
    #[schema(example = 16)]
    width: f64,
    #[schema(example = 4)]
    height: f64,
    /// What is written on it, up to 40 characters.
    #[schema(required = false, example = "STAGE")]
    label: String,
}

/// A price zone.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZoneBody {
    /// What sections, exceptions and prices call it, 1 to 20 characters; unique.
    #[schema(example = "R")]
    code: String,
    /// What people call it, 1 to 60 characters.
    #[schema(example = "R석")]
    name: String,
    #[schema(pattern = "^#[0-9a-fA-F]{6}$", example = "#7b3fa0")]
    colour: String,
}

/// A block of places: exactly one of `rows` and `standing`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanSectionBody {
    /// 1 to 40 characters; unique.
    #[schema(example = "1층 B구역")]
    name: String,
    /// Without one, that of its zone.
    #[schema(pattern = "^#[0-9a-fA-F]{6}$", example = "#7b3fa0")]
    colour: Option<String>,
    /// The code of its price zone.
    #[schema(example = "R")]
    zone: String,
    /// Of its upper left corner, before it is turned.
    #[schema(example = -5)]
    x: f64,
    #[schema(example = 0)]
    y: f64,
    /// By how many degrees it is turned clockwise around that corner.
    #[schema(required = false, example = 0)]
    angle: f64,
    /// The distance of two rows; 1 if it is left out.
    #[schema(required = false, example = 1)]
    row_spacing: f64,
    /// Rows, 1 to 500, from the one nearest the stage on.
    #[schema(required = false)]
    rows: Vec<PlanRowBody>,
    standing: Option<StandingBody>,
}

/// A row of seats. Positions in it count from 1 at the left of the map.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanRowBody {
    /// What is printed for it, 1 to 10 characters; unique in its section.
    #[schema(example = "A")]
    label: String,
    /// How many positions it has, 1 to 500, absent seats included.
    #[schema(minimum = 1, example = 10)]
    seats: i32,
    /// The printed number of its first seat, 0 to 9,999; 1 if it is left out.
    #[schema(required = false, minimum = 0, example = 1)]
    first_number: i32,
    /// Where the printed numbers begin: at the left (`ltr`) or at the right of the map (`rtl`).
    #[schema(required = false, pattern = "^(ltr|rtl)$", example = "ltr")]
    direction: String,
    /// How far its first position is from the left edge of its section.
    #[schema(required = false, example = 0)]
    offset: f64,
    /// How far its middle lies behind its ends.
    #[schema(required = false, example = 0.5)]
    curve: f64,
    /// The distance of two seats; 1 if it is left out.
    #[schema(required = false, example = 1)]
    spacing: f64,
    /// After which positions an aisle is.
    #[schema(required = false, example = json!([5]))]
    aisles: Vec<i32>,
    /// Seats that are not like the others.
    #[schema(required = false)]
    exceptions: Vec<SeatExceptionBody>,
}

/// A seat that is not like the others of its row.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatExceptionBody {
    /// Its position in the row.
    #[schema(minimum = 1, example = 1)]
    seat: i32,
    #[schema(
        pattern = "^(SEAT|ACCESSIBLE|COMPANION|RESTRICTED_VIEW|ABSENT)$",
        example = "ACCESSIBLE"
    )]
    kind: String,
    /// The code of its price zone, if that is not its section's.
    #[schema(example = "R")]
    zone: Option<String>,
}

/// An area without seats: a rectangle.
#[derive(Serialize, ToSchema)]
pub(crate) struct StandingBody {
    /// How many people it takes, 1 to 50,000.
    #[schema(minimum = 1, example = 300)]
    capacity: i32,
    #[schema(example = 12)]
    width: f64,
    #[schema(example = 6)]
    height: f64,
}
