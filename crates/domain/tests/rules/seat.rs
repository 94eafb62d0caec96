//! Seats as entities (rules 9, 12, 13 and 15).

use stagedoor_domain::seat::{NotItsSeat, SeatTaken};
use stagedoor_domain::{Seat, SeatState, SeatStatus};

use crate::builders::*;

fn sold_to(n: u128) -> SeatState {
    SeatState::Sold { reservation_id: reservation(n) }
}

fn a_seat_in(state: SeatState) -> Seat {
    Seat { state, ..a_seat() }
}

#[test]
fn a_hold_that_has_run_out_is_free_for_everyone() {
    let until = NOW + HOLD_TIME;
    let table = [
        (SeatState::Free, NOW, SeatStatus::Free),
        (held_by(1, until), NOW, SeatStatus::Held),
        (held_by(1, until), until - TICK, SeatStatus::Held),
        (held_by(1, until), until, SeatStatus::Free),
        (sold_to(1), until, SeatStatus::Sold),
        (SeatState::Blocked { by: action(1) }, until, SeatStatus::Blocked),
    ];
    for (state, now, expected) in table {
        assert_eq!(a_seat_in(state).status(now), expected, "{state:?} at {now}");
    }
}

#[test]
fn a_seat_can_be_held_when_it_is_free_or_its_last_hold_has_run_out() {
    let table = [
        (SeatState::Free, Ok(())),
        (held_by(1, NOW), Ok(())),
        (held_by(1, NOW + TICK), Err(SeatTaken)),
        (held_by(2, NOW + TICK), Err(SeatTaken)),
        (sold_to(1), Err(SeatTaken)),
    ];
    for (state, expected) in table {
        let mut seat = a_seat_in(state);
        let verdict = seat.hold(reservation(2), NOW + HOLD_TIME, NOW);
        assert_eq!(verdict, expected, "{state:?}");
        let after = if expected.is_ok() { held_by(2, NOW + HOLD_TIME) } else { state };
        assert_eq!(seat.state, after);
    }
}

#[test]
fn a_release_does_not_free_a_seat_that_a_later_hold_took_over() {
    let table = [
        (held_by(1, NOW + HOLD_TIME), Ok(())),
        (held_by(1, NOW - HOLD_TIME), Ok(())),
        (held_by(2, NOW + HOLD_TIME), Err(NotItsSeat)),
        (held_by(2, NOW - HOLD_TIME), Err(NotItsSeat)),
        (SeatState::Free, Err(NotItsSeat)),
        (sold_to(1), Err(NotItsSeat)),
    ];
    for (state, expected) in table {
        let mut seat = a_seat_in(state);
        assert_eq!(seat.release(reservation(1)), expected, "{state:?}");
        assert_eq!(seat.state, if expected.is_ok() { SeatState::Free } else { state });
    }
}

#[test]
fn a_seat_is_sold_only_to_the_reservation_that_holds_it_within_its_time() {
    let table = [
        (held_by(1, NOW + TICK), Ok(())),
        (held_by(1, NOW), Err(SeatTaken)),
        (held_by(2, NOW + TICK), Err(SeatTaken)),
        (SeatState::Free, Err(SeatTaken)),
        (sold_to(1), Err(SeatTaken)),
        (sold_to(2), Err(SeatTaken)),
    ];
    for (state, expected) in table {
        let mut seat = a_seat_in(state);
        assert_eq!(seat.sell(reservation(1), NOW), expected, "{state:?}");
        assert_eq!(seat.state, if expected.is_ok() { sold_to(1) } else { state });
    }
}
