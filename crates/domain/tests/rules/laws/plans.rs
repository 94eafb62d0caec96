//! Schedules, booking windows and seat maps.

use std::collections::BTreeSet;

use proptest::prelude::*;
use stagedoor_domain::{
    BookingWindow, Points, ScheduleTerms, SeatMap, SeatStatus, Section, TicketLimit,
};

use crate::builders::*;
use crate::strategies::config;

fn sections() -> impl Strategy<Value = Vec<Section>> {
    let section = (1_i32..6, 1_i32..9, 1_i64..90_000, 0_usize..3).prop_map(
        |(rows, columns, price, label)| Section {
            price: points(price),
            label: ["", "VIP", "R"][label].to_owned(),
            ..a_section(rows, columns)
        },
    );
    prop::collection::vec(section, 1..8)
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_window_is_open_from_its_first_instant_until_just_before_its_last(
        opens in -900_i64..900, closes in -900_i64..900, now in -1_000_i64..1_000,
    ) {
        let [opens_at, closes_at, now] = [opens, closes, now].map(|second| NOW + seconds(second));
        let window = BookingWindow { opens_at, closes_at };
        prop_assert_eq!(window.is_open(now), (opens_at..closes_at).contains(&now));
    }

    #[test]
    fn the_times_of_a_schedule_are_sound_exactly_if_they_are_in_order(
        starts in 0_i64..5, ends in 0_i64..5, opens in 0_i64..5, closes in 0_i64..5,
        cancellation in prop::option::of(0_i64..5),
    ) {
        let at = |second| NOW + seconds(second);
        let booking = BookingWindow { opens_at: at(opens), closes_at: at(closes) };
        let is_sound = starts < ends
            && opens < closes
            && closes <= ends
            && cancellation.is_none_or(|closes| closes <= starts);
        let terms = ScheduleTerms {
            starts_at: at(starts),
            ends_at: at(ends),
            booking,
            cancellation_closes_at: cancellation.map(at),
            ticket_limit: TicketLimit::default(),
        };
        prop_assert_eq!(terms.check().is_ok(), is_sound);
    }

    #[test]
    fn a_section_has_its_bounds_in_every_part(
        rows in -2_i64..60_000, columns in -2_i64..60_000, price in any::<i64>(),
    ) {
        let counts = [rows, columns].iter().all(|count| (1..=50_000).contains(count));
        let is_sound = counts && (1..=Points::MAX.get()).contains(&price);
        let parsed = Section::parse(rows, columns, price, "R");
        prop_assert_eq!(parsed.is_ok(), is_sound);
    }

    #[test]
    fn a_seat_map_has_1_to_100_sections_and_1_to_50_000_seats(
        blocks in prop::collection::vec((1_i32..400, 1_i32..400), 0..5), many in prop::bool::weighted(0.1),
    ) {
        let mut sections: Vec<_> =
            blocks.iter().map(|(rows, columns)| a_section(*rows, *columns)).collect();
        if many {
            sections.resize(101, a_section(1, 1));
        }
        let seats: i64 = sections.iter().map(|s| i64::from(s.rows) * i64::from(s.columns)).sum();
        let is_sound = (1..=100).contains(&sections.len()) && (1..=50_000).contains(&seats);
        let map = SeatMap::new(sections);
        prop_assert_eq!(map.as_ref().ok().map(|map| i64::from(map.seat_count())), is_sound.then_some(seats));
    }

    #[test]
    fn seats_are_numbered_from_1_row_by_row_and_have_what_their_section_says(
        sections in sections(),
    ) {
        let map = SeatMap::new(sections.clone()).unwrap();
        let count = usize::try_from(map.seat_count()).unwrap();
        let ids: Vec<_> = (1..=u128::try_from(count).unwrap()).map(seat).collect();
        let seats = map.seats(schedule(1), &ids);

        prop_assert_eq!(seats.len(), count);
        prop_assert!(seats.iter().zip(1..).all(|(seat, number)| seat.number == number));
        prop_assert!(seats.iter().zip(&ids).all(|(seat, id)| seat.id == *id));
        prop_assert!(seats.iter().all(|seat| seat.status(NOW) == SeatStatus::Free));
        let places: BTreeSet<_> = seats.iter().map(|seat| (seat.row, seat.column)).collect();
        prop_assert_eq!(places.len(), count, "no two seats are in one place");
        let in_order = |pair: &[stagedoor_domain::Seat]| {
            (pair[0].row, pair[0].column) < (pair[1].row, pair[1].column)
        };
        prop_assert!(seats.windows(2).all(in_order));
        let rows: i32 = sections.iter().map(|section| section.rows).sum();
        prop_assert_eq!(seats.last().unwrap().row, rows, "rows are counted on");
        let price: i64 = seats.iter().map(|seat| seat.price.get()).sum();
        let of_section =
            |s: &Section| i64::from(s.rows) * i64::from(s.columns) * s.price.get();
        prop_assert_eq!(price, sections.iter().map(of_section).sum::<i64>());
    }
}
