//! Schedules and the plan of their seats (rule 11).

use stagedoor_domain::schedule::OutOfOrder;
use stagedoor_domain::{
    BookingWindow, Points, Schedule, ScheduleTerms, Seat, SeatDetails, SeatMap, SeatState, Section,
};
use time::Duration;

use crate::builders::*;

#[test]
fn the_count_of_paid_seats_keeps_to_its_bounds() {
    let mut schedule = Schedule { seat_count: 3, sold_count: 0, ..a_schedule() };
    for (seats, count, sold_out) in
        [(2, 2, false), (1, 3, true), (4, 3, true), (-2, 1, false), (-4, 0, false)]
    {
        schedule.count_sold(seats);
        assert_eq!((schedule.sold_count, schedule.is_sold_out()), (count, sold_out), "{seats}");
    }
}

#[test]
fn blocked_seats_leave_fewer_to_sell_and_are_never_more_than_those_not_paid() {
    let mut schedule = Schedule { seat_count: 5, sold_count: 0, blocked_count: 0, ..a_schedule() };

    schedule.count_blocked(2);
    schedule.count_sold(4);
    assert_eq!((schedule.blocked_count, schedule.sold_count), (2, 3));
    assert!(schedule.is_sold_out());
    schedule.count_sold(-2);
    assert!(!schedule.is_sold_out());
    schedule.count_blocked(9);
    assert_eq!((schedule.blocked_count, schedule.sold_count), (4, 1));
}

#[test]
fn a_booking_window_is_open_from_its_first_instant_until_just_before_its_close() {
    let window = BookingWindow { opens_at: NOW, closes_at: NOW + seconds(9) };
    let table = [
        (NOW - TICK, false),
        (NOW, true),
        (NOW + seconds(9) - TICK, true),
        (NOW + seconds(9), false),
    ];
    for (now, open) in table {
        assert_eq!(window.is_open(now), open, "{now}");
    }
}

#[test]
fn a_performance_ends_after_it_starts_and_booking_closes_by_then() {
    let start = NOW + Duration::DAY;
    let end = start + Duration::HOUR;
    let window = |opens_at, closes_at| BookingWindow { opens_at, closes_at };
    let ends = Some(OutOfOrder::End);
    let closes = Some(OutOfOrder::BookingWindow);
    let late = Some(OutOfOrder::BookingClosing);
    let table = [
        (start, end, window(NOW, start), None),
        (start, end, window(NOW, end), None),
        (start, end, window(NOW, end + TICK), late),
        (start, end, window(NOW, NOW), closes),
        (start, end, window(end + TICK, end + TICK), closes),
        (start, start, window(NOW, NOW), ends),
        (end, start, window(NOW, NOW), ends),
    ];
    for (starts_at, ends_at, booking, expected) in table {
        let cancellation_closes_at = None;
        let terms = ScheduleTerms {
            starts_at,
            ends_at,
            booking,
            cancellation_closes_at,
            ..a_schedule().terms()
        };
        let checked = terms.check();
        assert_eq!(checked.err(), expected, "{booking:?}");
    }
}

#[test]
fn a_section_names_the_first_field_out_of_bounds() {
    let long_label = "x".repeat(41);
    let table = [
        (1, 1, 1, "", None),
        (50_000, 1, Points::MAX.get(), " VIP ", None),
        (0, 0, 0, long_label.as_str(), Some("seatMap.rows")),
        (50_001, 1, 1, "", Some("seatMap.rows")),
        (1, 0, 0, long_label.as_str(), Some("seatMap.columns")),
        (1, i64::MAX, 1, "", Some("seatMap.columns")),
        (1, 1, 0, long_label.as_str(), Some("seatMap.price")),
        (1, 1, -5, "", Some("seatMap.price")),
        (1, 1, 1, long_label.as_str(), Some("seatMap.label")),
        (1, 1, 1, "a\u{0}", Some("seatMap.label")),
    ];
    for (rows, columns, price, label, field) in table {
        let parsed = Section::parse(rows, columns, price, label);
        let refused = parsed.err().map(|invalid| invalid.field);
        assert_eq!(refused.as_deref(), field, "{rows} x {columns}, {price}");
    }
    assert_eq!(Section::parse(1, 1, 1, " VIP ").unwrap().label, "VIP");
}

#[test]
fn a_seat_map_has_bounds_for_its_sections_its_seats_and_their_price() {
    let quarter = Points::MAX.get() / 4;
    let hall = |seats, price| vec![Section { price: points(price), ..a_section(seats, 1) }];
    let priced = |price| hall(1, price);
    let table = [
        (vec![], false),
        (vec![a_section(1, 1); 100], true),
        (vec![a_section(1, 1); 101], false),
        (vec![a_section(500, 100)], true),
        (vec![a_section(500, 100), a_section(1, 1)], false),
        (vec![a_section(50_000, 50_000); 100], false),
        (priced(quarter), true),
        (priced(quarter + 1), false),
        (hall(50_000, Points::MAX.get() / 50_000), true),
        (hall(50_000, Points::MAX.get() / 50_000 + 1), false),
        (hall(4_200, quarter), false),
        ([hall(2, quarter), hall(2, quarter)].concat(), true),
        ([hall(2, quarter), hall(2, quarter), hall(4, 1)].concat(), false),
    ];
    for (sections, sound) in table {
        let map = SeatMap::new(sections.clone());
        let first = sections.first();
        assert_eq!(map.is_ok(), sound, "{} sections of {first:?}", sections.len());
        if let Err(invalid) = map {
            assert!(invalid.field.starts_with("seatMap"), "{invalid}");
        }
    }
}

#[test]
fn seats_are_numbered_row_by_row_and_rows_are_counted_on_from_section_to_section() {
    let vip = Section { price: points(90), label: "VIP".to_owned(), ..a_section(1, 2) };
    let map = SeatMap::new(vec![vip, a_section(2, 3)]).unwrap();
    let ids: Vec<_> = (1..=8).map(seat).collect();

    let chart = map.seats(schedule(1), &ids);

    assert_eq!(map.seat_count(), 8);
    let places: Vec<_> = chart.iter().map(|seat| (seat.number, seat.row, seat.column)).collect();
    let expected =
        [(1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 2, 2), (5, 2, 3), (6, 3, 1), (7, 3, 2), (8, 3, 3)];
    assert_eq!(places, expected);
    assert!(chart.iter().map(|seat| seat.id).eq(ids));
    assert_eq!((chart[1].label.as_str(), chart[1].price), ("VIP", points(90)));
    assert_eq!((chart[2].label.as_str(), chart[2].price), ("", points(SEAT_PRICE)));
    let printed = |index: usize| {
        (chart[index].details.row_label.as_deref(), chart[index].details.seat_number)
    };
    assert_eq!((printed(2), printed(7)), ((Some("1"), Some(1)), (Some("2"), Some(3))));
    let of_schedule = |s: &Seat| s.schedule_id == schedule(1) && s.state == SeatState::Free;
    assert!(chart.iter().all(of_schedule));
}

#[test]
fn seats_of_a_single_section_have_no_names_besides_their_row_and_column() {
    let map = SeatMap::new(vec![a_section(1, 2)]).unwrap();

    let seats = map.seats(schedule(1), &[seat(1), seat(2)]);

    assert!(seats.iter().all(|seat| seat.details == SeatDetails::default()));
}

#[test]
fn cancellation_closes_by_the_start_and_at_its_instant() {
    let (start, end) = (NOW + seconds(60), NOW + seconds(120));
    let booking = BookingWindow { opens_at: NOW, closes_at: start };
    let terms = ScheduleTerms { starts_at: start, ends_at: end, booking, ..a_schedule().terms() };
    let check = |closes_at| ScheduleTerms { cancellation_closes_at: closes_at, ..terms }.check();

    assert_eq!(check(Some(start)), Ok(()));
    assert_eq!(check(Some(start + TICK)), Err(OutOfOrder::Cancellation));

    let schedule = |cancellation_closes_at| Schedule { cancellation_closes_at, ..a_schedule() };
    assert!(schedule(Some(NOW)).is_cancellable(NOW - TICK));
    assert!(!schedule(Some(NOW)).is_cancellable(NOW));
    assert!(!schedule(None).is_cancellable(NOW));
}
