//! Reading the document of a plan.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::reader::{At, Fields, whole};
use super::{
    Direction, ExceptionKind, Measure, Places, PlanRow, PlanSection, SeatException, SeatPlan,
    Stage, StandingArea, Zone,
};
use crate::invalid::{Invalid, Rule};

const STAGE: &[&str] = &["x", "y", "width", "height", "label"];
const SECTION: &[&str] =
    &["name", "colour", "zone", "x", "y", "angle", "rowSpacing", "rows", "standing"];
const ROW: &[&str] = &[
    "label",
    "seats",
    "firstNumber",
    "direction",
    "offset",
    "curve",
    "spacing",
    "aisles",
    "exceptions",
];
const DIRECTIONS: &[&str] = &["ltr", "rtl"];
const KINDS: &[&str] = &["SEAT", "ACCESSIBLE", "COMPANION", "RESTRICTED_VIEW", "ABSENT"];

const COORDINATES: (i64, i64) = (-SeatPlan::COORDINATE_MAX, SeatPlan::COORDINATE_MAX);
const SIZES: (i64, i64) = (0, SeatPlan::COORDINATE_MAX);
const DEGREES: (i64, i64) = (-360, 360);
const CURVES: (i64, i64) = (-100, 100);
/// No distance of seats or rows is zero: they would lie upon each other.
const SPACINGS: (i64, i64) = (0, 100);

impl SeatPlan {
    /// Reads a plan from the JSON value of the field `name`; an empty name means the whole body.
    ///
    /// # Errors
    /// Names the path of the first value that breaks a rule, and the rule.
    pub fn parse(value: &Value, name: &str) -> Result<Self, Invalid> {
        let document = Fields::of(value, At::root(name), &["stage", "zones", "sections"])?;
        let stage = stage(&document)?;
        let zones = zones(&document)?;
        let codes = zones.iter().map(|zone| zone.code.as_str()).collect();
        let sections = sections(&document, &codes)?;
        let place_count = count_places(&sections);
        let most = i64::from(Self::PLACES_MAX);
        if !(1..=most).contains(&place_count) {
            return Err(document.breaks("sections", Rule::Seats(1, most)));
        }
        let place_count = i32::try_from(place_count).unwrap_or(Self::PLACES_MAX);
        Ok(Self { stage, zones, sections, place_count })
    }
}

pub(super) fn count_places(sections: &[PlanSection]) -> i64 {
    let counts = sections.iter().map(|section| match &section.places {
        Places::Seats { rows, .. } => rows.iter().map(|row| i64::from(row.place_count())).sum(),
        Places::Standing { standing } => i64::from(standing.capacity),
    });
    counts.sum()
}

fn stage(document: &Fields<'_>) -> Result<Stage, Invalid> {
    let at = document.at().field("stage");
    let stage = Fields::of(document.required("stage")?, at, STAGE)?;
    Ok(Stage {
        x: stage.measure("x", COORDINATES, None)?,
        y: stage.measure("y", COORDINATES, None)?,
        width: stage.measure("width", SIZES, None)?,
        height: stage.measure("height", SIZES, None)?,
        label: stage.text("label", 0, 40)?,
    })
}

fn zones(document: &Fields<'_>) -> Result<Vec<Zone>, Invalid> {
    let at = document.at().field("zones");
    let mut zones: Vec<Zone> = Vec::new();
    for (index, value) in document.list("zones", 1, SeatPlan::ZONES_MAX)?.iter().enumerate() {
        let zone = Fields::of(value, at.item(index), &["code", "name", "colour"])?;
        let code = zone.text("code", 1, 20)?;
        if zones.iter().any(|other| other.code == code) {
            return Err(zone.breaks("code", Rule::Distinct));
        }
        zones.push(Zone { code, name: zone.text("name", 1, 60)?, colour: zone.colour("colour")? });
    }
    Ok(zones)
}

fn sections(document: &Fields<'_>, zones: &HashSet<&str>) -> Result<Vec<PlanSection>, Invalid> {
    let at = document.at().field("sections");
    let (mut sections, mut names) = (Vec::new(), HashSet::new());
    for (index, value) in document.list("sections", 1, SeatPlan::SECTIONS_MAX)?.iter().enumerate() {
        let fields = Fields::of(value, at.item(index), SECTION)?;
        let section = section(&fields, zones)?;
        if !names.insert(section.name.clone()) {
            return Err(fields.breaks("name", Rule::Distinct));
        }
        sections.push(section);
    }
    Ok(sections)
}

fn section(fields: &Fields<'_>, zones: &HashSet<&str>) -> Result<PlanSection, Invalid> {
    Ok(PlanSection {
        name: fields.text("name", 1, 40)?,
        colour: fields.given("colour").map(|_| fields.colour("colour")).transpose()?,
        zone: zone(fields, zones)?,
        x: fields.measure("x", COORDINATES, None)?,
        y: fields.measure("y", COORDINATES, None)?,
        angle: fields.measure("angle", DEGREES, Some(Measure::ZERO))?,
        places: places(fields, zones)?,
    })
}

/// The code of a zone that exists.
fn zone(fields: &Fields<'_>, zones: &HashSet<&str>) -> Result<String, Invalid> {
    let code = fields.string("zone")?.trim();
    if zones.contains(code) { Ok(code.to_owned()) } else { Err(fields.breaks("zone", Rule::Zone)) }
}

fn places(fields: &Fields<'_>, zones: &HashSet<&str>) -> Result<Places, Invalid> {
    match (fields.given("rows"), fields.given("standing")) {
        (Some(_), None) => Ok(Places::Seats {
            row_spacing: spacing(fields, "rowSpacing")?,
            rows: rows(fields, zones)?,
        }),
        (None, Some(value)) => {
            if fields.given("rowSpacing").is_some() {
                return Err(fields.breaks("rowSpacing", Rule::Unknown));
            }
            let at = fields.at().field("standing");
            let area = Fields::of(value, at, &["capacity", "width", "height"])?;
            let standing = StandingArea {
                capacity: area.whole("capacity", (1, SeatPlan::PLACES_MAX), None)?,
                width: area.measure("width", SIZES, None)?,
                height: area.measure("height", SIZES, None)?,
            };
            Ok(Places::Standing { standing })
        }
        _ => Err(fields.breaks("rows, standing", Rule::ExactlyOne)),
    }
}

/// A distance above zero; one without the field.
fn spacing(fields: &Fields<'_>, name: &str) -> Result<Measure, Invalid> {
    let spacing = fields.measure(name, SPACINGS, Some(Measure::ONE))?;
    let is_zero = spacing == Measure::ZERO;
    if is_zero { Err(fields.breaks(name, Rule::AboveZero(SPACINGS.1))) } else { Ok(spacing) }
}

fn rows(fields: &Fields<'_>, zones: &HashSet<&str>) -> Result<Vec<PlanRow>, Invalid> {
    let at = fields.at().field("rows");
    let (mut rows, mut labels) = (Vec::new(), HashSet::new());
    for (index, value) in fields.list("rows", 1, SeatPlan::ROWS_MAX)?.iter().enumerate() {
        let fields = Fields::of(value, at.item(index), ROW)?;
        let row = row(&fields, zones)?;
        if !labels.insert(row.label.clone()) {
            return Err(fields.breaks("label", Rule::Distinct));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn row(fields: &Fields<'_>, zones: &HashSet<&str>) -> Result<PlanRow, Invalid> {
    let label = fields.text("label", 1, 10)?;
    let seats = fields.whole("seats", (1, SeatPlan::ROW_SEATS_MAX), None)?;
    let rtl = fields.word("direction", DIRECTIONS)? == 1;
    Ok(PlanRow {
        label,
        seats,
        first_number: fields.whole("firstNumber", (0, SeatPlan::FIRST_NUMBER_MAX), Some(1))?,
        direction: if rtl { Direction::Rtl } else { Direction::Ltr },
        offset: fields.measure("offset", COORDINATES, Some(Measure::ZERO))?,
        curve: fields.measure("curve", CURVES, Some(Measure::ZERO))?,
        spacing: spacing(fields, "spacing")?,
        aisles: aisles(fields, seats)?,
        exceptions: exceptions(fields, seats, zones)?,
    })
}

/// Positions after which an aisle is: not after the last one.
fn aisles(fields: &Fields<'_>, seats: i32) -> Result<Vec<i32>, Invalid> {
    let (at, mut found) = (fields.at().field("aisles"), BTreeSet::new());
    let last = seats - 1;
    for (index, value) in fields.list("aisles", 0, count(last))?.iter().enumerate() {
        let at = at.item(index);
        if !found.insert(whole(value, &at, (1, last))?) {
            return Err(at.breaks(Rule::Distinct));
        }
    }
    Ok(found.into_iter().collect())
}

fn exceptions(
    fields: &Fields<'_>,
    seats: i32,
    zones: &HashSet<&str>,
) -> Result<Vec<SeatException>, Invalid> {
    let (at, mut found) = (fields.at().field("exceptions"), Vec::<SeatException>::new());
    let mut positions = BTreeSet::new();
    for (index, value) in fields.list("exceptions", 0, count(seats))?.iter().enumerate() {
        let fields = Fields::of(value, at.item(index), &["seat", "kind", "zone"])?;
        let seat = fields.whole("seat", (1, seats), None)?;
        fields.required("kind")?;
        let kind = match fields.word("kind", KINDS)? {
            0 => ExceptionKind::Seat,
            1 => ExceptionKind::Accessible,
            2 => ExceptionKind::Companion,
            3 => ExceptionKind::RestrictedView,
            _ => ExceptionKind::Absent,
        };
        let zone = fields.given("zone").map(|_| zone(&fields, zones)).transpose()?;
        if kind == ExceptionKind::Absent && zone.is_some() {
            return Err(fields.breaks("zone", Rule::Unknown));
        }
        if !positions.insert(seat) {
            return Err(fields.breaks("seat", Rule::Distinct));
        }
        found.push(SeatException { seat, kind, zone });
    }
    found.sort_by_key(|exception| exception.seat);
    Ok(found)
}

fn count(positions: i32) -> usize {
    usize::try_from(positions).unwrap_or_default()
}
