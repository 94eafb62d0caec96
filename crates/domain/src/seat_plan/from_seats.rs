//! The plan of a schedule that was made in the short form, `rows` × `columns`.

use super::read::count_places;
use super::{Direction, Measure, Places, PlanRow, PlanSection, SeatPlan, Stage, Zone, ZonePrices};
use crate::{Points, Seat};

/// The colours of zones, from the first price on.
const COLOURS: [&str; 8] =
    ["#7b3fa0", "#c2410c", "#0f766e", "#1d4ed8", "#b91c1c", "#4d7c0f", "#a16207", "#475569"];
/// The height of the stage and its distance from the first row, in units.
const STAGE_HEIGHT: i32 = 3;
/// How far sections are apart besides the distance of two rows, in units: room for a name.
const SECTIONS_APART: i32 = 1;

impl SeatPlan {
    /// The plan of seats in the order of their numbers, and what its zones cost: rows behind each other in front of the
    /// stage, each in its middle, and one zone for each price.
    ///
    /// It has the form of other plans, without their bounds: sections may have the same name, or none, and more rows.
    pub fn of_seats(seats: &[Seat]) -> (Self, ZonePrices) {
        let rows: Vec<&[Seat]> = seats.chunk_by(|a, b| a.row == b.row).collect();
        let is_one_section = |a: &&[Seat], b: &&[Seat]| of_section(a) == of_section(b);
        let (mut zones, mut prices) = (Vec::new(), ZonePrices::new());
        let sections: Vec<_> = rows
            .chunk_by(is_one_section)
            .zip(0..)
            .filter_map(|(rows, sections_before)| {
                let seat = rows.first()?.first()?;
                let zone = zone(&mut zones, &mut prices, seat.price);
                Some(section(rows, seat, zone, sections_before))
            })
            .collect();
        let widest = rows.iter().map(|row| row.len()).max().unwrap_or_default();
        let place_count = i32::try_from(count_places(&sections)).unwrap_or(i32::MAX);
        (Self { stage: stage(length(widest)), zones, sections, place_count }, prices)
    }
}

fn of_section(row: &[Seat]) -> (Option<&str>, Option<Points>, usize) {
    let first = row.first();
    (first.map(|seat| seat.label.as_str()), first.map(|seat| seat.price), row.len())
}

fn zone(zones: &mut Vec<Zone>, prices: &mut ZonePrices, price: Points) -> String {
    if let Some((code, _)) = prices.iter().find(|(_, known)| **known == price) {
        return code.clone();
    }
    let (code, name) = (format!("{}", zones.len() + 1), price.get().to_string());
    let colour = COLOURS.get(zones.len() % COLOURS.len()).copied().unwrap_or_default().to_owned();
    zones.push(Zone { code: code.clone(), name, colour });
    prices.insert(code.clone(), price);
    code
}

fn section(rows: &[&[Seat]], first: &Seat, zone: String, sections_before: i32) -> PlanSection {
    let seats = length(rows.first().map_or(0, |row| row.len()));
    let label =
        |seat: &Seat| seat.details.row_label.clone().unwrap_or_else(|| seat.row.to_string());
    let row = |row: &&[Seat]| PlanRow {
        label: row.first().map(label).unwrap_or_default(),
        seats,
        first_number: 1,
        direction: Direction::Ltr,
        offset: Measure::ZERO,
        curve: Measure::ZERO,
        spacing: Measure::ONE,
        aisles: Vec::new(),
        exceptions: Vec::new(),
    };
    PlanSection {
        name: first.label.clone(),
        colour: None,
        zone,
        x: Measure::whole(seats - 1).half().negated(),
        y: Measure::whole(first.row - 1 + SECTIONS_APART * sections_before),
        angle: Measure::ZERO,
        places: Places::Seats { row_spacing: Measure::ONE, rows: rows.iter().map(row).collect() },
    }
}

fn stage(width: i32) -> Stage {
    Stage {
        x: Measure::whole(width).half().negated(),
        y: Measure::whole(-2 * STAGE_HEIGHT),
        width: Measure::whole(width),
        height: Measure::whole(STAGE_HEIGHT),
        label: String::new(),
    }
}

fn length(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
