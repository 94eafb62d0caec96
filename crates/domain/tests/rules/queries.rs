//! Queries of lists: concerts by time and place, orders by a text, refunds of several dates.

use stagedoor_domain::TicketNumber;
use stagedoor_domain::concert::SearchWords;
use stagedoor_domain::ports::{ConcertFilter, OrderText, Settlement};

use crate::builders::*;

#[test]
fn a_date_is_taken_from_the_first_bound_until_just_before_the_second() {
    let within = ConcertFilter {
        starts_from: Some(NOW),
        starts_before: Some(NOW + seconds(9)),
        ..ConcertFilter::default()
    };
    let table = [
        (NOW - TICK, false),
        (NOW, true),
        (NOW + seconds(9) - TICK, true),
        (NOW + seconds(9), false),
    ];
    for (starts_at, taken) in table {
        assert_eq!(within.takes_date(starts_at), taken, "{starts_at}");
    }
    assert!(ConcertFilter::default().takes_date(NOW));
}

#[test]
fn a_concert_needs_a_date_where_a_time_or_a_place_is_asked_for() {
    let none = ConcertFilter::default();
    let from = ConcertFilter { starts_from: Some(NOW), ..ConcertFilter::default() };
    let before = ConcertFilter { starts_before: Some(NOW), ..ConcertFilter::default() };
    let place = SearchWords::parse_place("Seoul").unwrap();
    let at_a_place = ConcertFilter { place, ..ConcertFilter::default() };

    let needs = [none, from, before, at_a_place].map(|filter| filter.needs_date());

    assert_eq!(needs, [false, true, true, true]);
}

#[test]
fn a_text_for_orders_may_number_a_ticket_or_a_seat() {
    let text = |text: &str| OrderText::parse(text).unwrap();
    let ticket = reservation(7).0.to_string();

    assert_eq!(text(" Kim ").as_str(), "Kim");
    assert_eq!((text("Kim").reservation(), text("Kim").seat_number()), (None, None));
    assert_eq!(text(&ticket).reservation(), Some(reservation(7)));
    assert_eq!((text("12").reservation(), text("12").seat_number()), (None, Some(12)));
    assert_eq!(text("00000-0016j-d").ticket(), TicketNumber::of_bits(1_234));
    assert_eq!(text("Kim").ticket(), None);
}

#[test]
fn a_text_for_orders_may_name_a_seat_as_it_is_printed() {
    let table = [
        ("B 12", Some(("B", 12))),
        ("b-12", Some(("b", 12))),
        ("Stalls B12", Some(("Stalls B", 12))),
        ("3 - 12", Some(("3", 12))),
        ("12", None),
        ("Kim", None),
        ("-12", None),
        ("B 12번", None),
        ("B 99999999999", None),
    ];
    for (text, expected) in table {
        let parsed = OrderText::parse(text).unwrap();
        let found = parsed.printed_seat().map(|seat| (seat.place, seat.number));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn refunds_of_several_dates_are_added_up() {
    let one = Settlement { refunded: 1, tickets: 20, holds: 300 };
    let other = Settlement { refunded: 4, tickets: 50, holds: 600 };

    let all: Settlement = [one, other].into_iter().sum();

    assert_eq!(all, Settlement { refunded: 5, tickets: 70, holds: 900 });
}
