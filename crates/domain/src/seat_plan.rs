//! Seat plans: where the places of a hall are, how they are printed, and which price zone each has.
//!
//! A plan is read from a JSON document, whose form and geometry `docs/seat-plans.md` defines, and written as the same
//! form. Decision 37 gives the reasons.

mod from_seats;
mod measure;
mod read;
mod reader;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{HallId, Instant, Points, Seat, UserId};

pub use measure::Measure;

/// A plan whose parts agree: only [`SeatPlan::parse`] and the seats of a schedule make one.
///
/// Equal documents make equal plans: lengths are rounded to a thousandth of a unit, lists without an order of their own
/// are sorted, and fields with default values are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeatPlan {
    stage: Stage,
    zones: Vec<Zone>,
    sections: Vec<PlanSection>,
    #[serde(skip)]
    place_count: i32,
}

/// Where the stage is: a rectangle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Its left edge.
    pub x: Measure,
    /// Its upper edge.
    pub y: Measure,
    /// Its width.
    pub width: Measure,
    /// Its height.
    pub height: Measure,
    /// What is written on it; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
}

/// A price zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Zone {
    /// What sections, exceptions and prices call it; unique in the plan.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Its colour on the map, as `#rrggbb`.
    pub colour: String,
}

/// A block of places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanSection {
    /// What it is called; unique in the plan.
    pub name: String,
    /// Its colour on the map, as `#rrggbb`; without one, its zone's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// The code of its price zone.
    pub zone: String,
    /// Where its upper left corner is, before it is turned.
    pub x: Measure,
    /// Where its upper left corner is, before it is turned.
    pub y: Measure,
    /// By how many degrees it is turned clockwise around that corner.
    #[serde(skip_serializing_if = "Measure::is_zero")]
    pub angle: Measure,
    /// Its places.
    #[serde(flatten)]
    pub places: Places,
}

/// The places of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Places {
    /// Seats in rows.
    Seats {
        /// The distance of two rows.
        #[serde(rename = "rowSpacing", skip_serializing_if = "Measure::is_one")]
        row_spacing: Measure,
        /// The rows, from the one nearest the stage on.
        rows: Vec<PlanRow>,
    },
    /// Places without seats.
    Standing {
        /// How many, and where.
        standing: StandingArea,
    },
}

/// A row of seats. Positions in it count from 1 at the left of the map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanRow {
    /// What is printed for it; unique in its section.
    pub label: String,
    /// How many positions it has, absent seats included.
    pub seats: i32,
    /// The printed number of its first seat.
    #[serde(skip_serializing_if = "is_one")]
    pub first_number: i32,
    /// Where the printed numbers begin.
    #[serde(skip_serializing_if = "Direction::is_default")]
    pub direction: Direction,
    /// How far its first position is from the left edge of its section.
    #[serde(skip_serializing_if = "Measure::is_zero")]
    pub offset: Measure,
    /// How far its middle lies behind its ends.
    #[serde(skip_serializing_if = "Measure::is_zero")]
    pub curve: Measure,
    /// The distance of two seats.
    #[serde(skip_serializing_if = "Measure::is_one")]
    pub spacing: Measure,
    /// After which positions an aisle is, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aisles: Vec<i32>,
    /// Seats that are not like the others, in the order of their positions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<SeatException>,
}

/// Where the printed numbers of a row begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// At the left of the map.
    #[default]
    Ltr,
    /// At the right of the map.
    Rtl,
}

/// A seat that is not like the others of its row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeatException {
    /// Its position in the row.
    pub seat: i32,
    /// What it is.
    pub kind: ExceptionKind,
    /// The code of its price zone, if that is not its section's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// What an exception says of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExceptionKind {
    /// As other seats, but with a zone of its own.
    Seat,
    /// See [`SeatKind::Accessible`].
    Accessible,
    /// See [`SeatKind::Companion`].
    Companion,
    /// See [`SeatKind::RestrictedView`].
    RestrictedView,
    /// There is no seat; its printed number is not used.
    Absent,
}

/// An area without seats: a rectangle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StandingArea {
    /// How many people it takes.
    pub capacity: i32,
    /// Its width.
    pub width: Measure,
    /// Its height.
    pub height: Measure,
}

/// What a place is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SeatKind {
    /// An ordinary seat.
    #[default]
    Seat,
    /// A place for a wheelchair.
    Accessible,
    /// A seat for the companion of a person in a wheelchair.
    Companion,
    /// A seat from which not all of the stage is seen.
    RestrictedView,
    /// A place of a standing area, without a position.
    Standing,
}

impl ExceptionKind {
    /// What the place is; nothing when there is none.
    pub fn seat_kind(self) -> Option<SeatKind> {
        match self {
            Self::Seat => Some(SeatKind::Seat),
            Self::Accessible => Some(SeatKind::Accessible),
            Self::Companion => Some(SeatKind::Companion),
            Self::RestrictedView => Some(SeatKind::RestrictedView),
            Self::Absent => None,
        }
    }
}

/// One place of a plan, as a schedule sells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'p> {
    /// Its row, counted from 1 through all sections; a standing area is one row.
    pub row: i32,
    /// Its position in the row and the aisles before it: places beside each other have columns that follow each other.
    pub column: i32,
    /// Its section.
    pub section: &'p PlanSection,
    /// What is printed for its row; nothing in a standing area.
    pub row_label: Option<&'p str>,
    /// Its printed number.
    pub seat_number: i32,
    /// What it is.
    pub kind: SeatKind,
    /// The code of its price zone.
    pub zone: &'p str,
}

/// A version of a hall's plan. It never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HallPlan {
    /// Of which hall.
    pub hall_id: HallId,
    /// Which version, from 1.
    pub version: i32,
    /// The plan.
    pub plan: std::sync::Arc<SeatPlan>,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: Instant,
}

/// Which version of which hall's plan a schedule has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlanVersion {
    /// Of which hall.
    pub hall_id: HallId,
    /// Which version.
    pub version: i32,
}

/// What places of each zone cost, by the zones' codes.
pub type ZonePrices = BTreeMap<String, Points>;

impl SeatPlan {
    /// The most places of a plan.
    pub const PLACES_MAX: i32 = 50_000;
    /// The most sections of a plan.
    pub const SECTIONS_MAX: usize = 200;
    /// The most price zones of a plan.
    pub const ZONES_MAX: usize = 20;
    /// The most rows of a section.
    pub const ROWS_MAX: usize = 500;
    /// The most positions of a row.
    pub const ROW_SEATS_MAX: i32 = 500;
    /// The highest printed number of a row's first seat.
    pub const FIRST_NUMBER_MAX: i32 = 9_999;
    /// The most units that a coordinate is away from the origin.
    pub const COORDINATE_MAX: i64 = 100_000;

    /// How many places it has.
    pub fn place_count(&self) -> i32 {
        self.place_count
    }

    /// Its price zones.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// Its sections.
    pub fn sections(&self) -> &[PlanSection] {
        &self.sections
    }

    /// Its places in the order of the numbers that a schedule gives them: section by section, row by row, from the
    /// left of the map to the right.
    pub fn places(&self) -> impl Iterator<Item = Place<'_>> {
        let rows = self.sections.iter().flat_map(PlanSection::rows);
        (1..).zip(rows).flat_map(|(row, (section, of_section))| match of_section {
            Some(of_section) => of_section.places(section, row),
            None => section.standing_places(row),
        })
    }

    /// The price of each zone that is in use, as `seats` of a schedule made from this plan have it.
    pub fn prices_of(&self, seats: &[Seat]) -> ZonePrices {
        let priced = self.places().zip(seats);
        priced.map(|(place, seat)| (place.zone.to_owned(), seat.price)).collect()
    }
}

impl PlanSection {
    /// Each row; one without a row for a standing area.
    fn rows(&self) -> impl Iterator<Item = (&Self, Option<&PlanRow>)> {
        let (rows, standing) = match &self.places {
            Places::Seats { rows, .. } => (rows.as_slice(), None),
            Places::Standing { .. } => (&[][..], Some(None)),
        };
        rows.iter().map(Some).chain(standing).map(move |row| (self, row))
    }

    fn standing_places(&self, row: i32) -> Box<dyn Iterator<Item = Place<'_>> + '_> {
        let capacity = match &self.places {
            Places::Standing { standing } => standing.capacity,
            Places::Seats { .. } => 0,
        };
        Box::new((1..=capacity).map(move |number| Place {
            row,
            column: number,
            section: self,
            row_label: None,
            seat_number: number,
            kind: SeatKind::Standing,
            zone: &self.zone,
        }))
    }
}

impl PlanRow {
    fn places<'p>(
        &'p self,
        section: &'p PlanSection,
        row: i32,
    ) -> Box<dyn Iterator<Item = Place<'p>> + 'p> {
        let (mut aisles, mut exceptions) = (self.aisles.iter(), self.exceptions.iter().peekable());
        let (mut next_aisle, mut aisles_before) = (aisles.next(), 0);
        Box::new((1..=self.seats).filter_map(move |position| {
            while next_aisle.is_some_and(|after| *after < position) {
                (next_aisle, aisles_before) = (aisles.next(), aisles_before + 1);
            }
            let exception = exceptions.next_if(|exception| exception.seat == position);
            let kind = exception.map_or(Some(SeatKind::Seat), |it| it.kind.seat_kind())?;
            let zone = exception.and_then(|it| it.zone.as_deref()).unwrap_or(&section.zone);
            Some(Place {
                row,
                column: position + aisles_before,
                section,
                row_label: Some(&self.label),
                seat_number: self.printed_number(position),
                kind,
                zone,
            })
        }))
    }

    /// The number that is printed at a position.
    fn printed_number(&self, position: i32) -> i32 {
        match self.direction {
            Direction::Ltr => self.first_number + position - 1,
            Direction::Rtl => self.first_number + self.seats - position,
        }
    }

    /// How many of its positions have a seat.
    fn place_count(&self) -> i32 {
        let absent = self.exceptions.iter().filter(|it| it.kind == ExceptionKind::Absent).count();
        self.seats - i32::try_from(absent).unwrap_or(self.seats)
    }
}

impl Direction {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn is_one(number: &i32) -> bool {
    *number == 1
}
