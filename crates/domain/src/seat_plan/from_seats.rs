//! The plan of a schedule that was made in the short form, `rows` × `columns`.

use super::read::count_places;
use super::{Direction, Measure, Places, PlanRow, PlanSection, SeatPlan, Stage, Zone, ZonePrices};
use crate::{Points, Seat};

/// The colours of zones, from the first price on.
const COLOURS: [&str; 8] =
    ["#7b3fa0", "#c2410c", "#0f766e", "#1d4ed8", "#b91c1c", "#4d7c0f", "#a16207", "#475569"];
/// The height of the stage and its distance from the first row, in units.
const STAGE_HEIGHT: i32 = 3;
/// The distance between sections besides that of two rows, in units: room for a name.
const SECTIONS_APART: i32 = 1;

impl SeatPlan {
    /// The plan of seats in the order of their numbers, and what its zones cost: rows behind each other in front of the
    /// stage, each in its middle, and one zone for each price.
    ///
    /// It has the form of other plans, without their bounds: sections may have the same name, or none, and more rows.
    pub fn of_seats(seats: &[Seat]) -> (Self, ZonePrices) {
        let rows: Vec<&[Seat]> = seats.chunk_by(|a, b| a.row == b.row).collect();
        let is_one_section = |a: &&[Seat], b: &&[Seat]| of_section(a) == of_section(b);
        let known = distinct_prices(seats);
        let sections: Vec<_> = rows
            .chunk_by(is_one_section)
            .zip(0..)
            .filter_map(|(rows, sections_before)| {
                let seat = rows.first()?.first()?;
                let zone = known.iter().position(|price| *price == seat.price)?;
                Some(section(rows, seat, code(zone), sections_before))
            })
            .collect();
        let widest = rows.iter().map(|row| row.len()).max().unwrap_or_default();
        let place_count = i32::try_from(count_places(&sections)).unwrap_or(i32::MAX);
        let zones = (0..).zip(&known).map(|(index, price)| zone(index, *price)).collect();
        let prices = (0..).zip(known).map(|(index, price)| (code(index), price)).collect();
        (Self { stage: stage(length(widest)), zones, sections, place_count }, prices)
    }

    /// The price of a zone of the plan that [`Self::of_seats`] gives these seats; nothing without such a zone.
    pub fn price_of_zone<'s>(
        seats: impl IntoIterator<Item = &'s Seat>,
        of: &str,
    ) -> Option<Points> {
        let mut zones = (0..).zip(distinct_prices(seats));
        zones.find(|(index, _)| code(*index) == of).map(|(_, price)| price)
    }
}

/// Each price once, in the order in which they first appear.
fn distinct_prices<'s>(seats: impl IntoIterator<Item = &'s Seat>) -> Vec<Points> {
    let mut prices = Vec::new();
    for seat in seats {
        if !prices.contains(&seat.price) {
            prices.push(seat.price);
        }
    }
    prices
}

/// The code of the zone of a price.
fn code(index: usize) -> String {
    (index + 1).to_string()
}

fn of_section(row: &[Seat]) -> (Option<&str>, Option<Points>, usize) {
    let first = row.first();
    (first.map(|seat| seat.label.as_str()), first.map(|seat| seat.price), row.len())
}

fn zone(index: usize, price: Points) -> Zone {
    let colour = COLOURS.get(index % COLOURS.len()).copied().unwrap_or_default().to_owned();
    Zone { code: code(index), name: price.get().to_string(), colour }
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
