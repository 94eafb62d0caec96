//! Releasing a hold (rule 12).

use stagedoor_domain::operations::{ReleaseHold, ReleaseRefused};
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{Reservation, ReservationState, Seat, SeatState, Submission};

use crate::builders::*;
use crate::world::seats_one_and_two_are_held;

#[test]
fn refusals_come_in_their_order() {
    let in_state = |state| {
        let held = seats_one_and_two_are_held();
        let reservation = held.get::<Reservation>(reservation(1)).clone();
        held.with([Reservation { state, ..reservation }])
    };
    let held = ReservationState::Held;
    let paid = ReservationState::Confirmed { at: NOW };
    let unknown = ReleaseHold { reservation_id: reservation(9), ..release(1) };
    let of_another = ReleaseHold { user_id: user(2), ..release(1) };
    let deadline = NOW + HOLD_TIME;
    let over = ReleaseRefused::NotHeld(NotHeld::Over);
    let table = [
        (held, unknown, NOW, ReleaseRefused::ReservationNotFound),
        (held, of_another.clone(), NOW, ReleaseRefused::ReservationNotFound),
        (paid, of_another.clone(), NOW, ReleaseRefused::ReservationNotFound),
        (held, of_another, deadline, ReleaseRefused::ReservationNotFound),
        (held, release(1), deadline, over),
        (ReservationState::Expired, release(1), NOW, over),
        (paid, release(1), NOW, ReleaseRefused::NotHeld(NotHeld::Paid)),
    ];
    for (state, command, now, expected) in table {
        assert_eq!(in_state(state).refusal(command, now), expected, "{state:?} at {now}");
    }
}

#[test]
fn what_was_given_back_is_free_at_once_for_everyone() {
    let mut world = seats_one_and_two_are_held();
    let at = NOW + HOLD_TIME - TICK;

    assert_eq!(world.decide(release(1), at), Ok(()));

    let state = world.get::<Reservation>(reservation(1)).state;
    assert_eq!(state, ReservationState::Cancelled { at });
    assert!(world.all::<Seat>().all(|seat| seat.state == SeatState::Free));
    assert!(world.decide(hold(2, seats(&[1])), at).is_ok());
}

#[test]
fn releasing_twice_is_releasing_once_even_if_another_user_has_the_seats_since() {
    let mut world = seats_one_and_two_are_held();
    assert_eq!(world.decide_batch(&[release(1), release(1)], NOW), [Ok(()), Ok(())]);
    world.decide(hold(2, seats(&[1])), NOW).unwrap();

    for now in [NOW, NOW + HOLD_TIME] {
        let (verdicts, changes) = world.outcome(&[Submission::new(release(1))], now);
        assert_eq!((verdicts, changes.count()), (vec![Ok(())], 0));
    }
}

#[test]
fn releasing_does_not_free_a_seat_that_a_later_hold_has() {
    let deadline = NOW + HOLD_TIME;
    let mut world = seats_one_and_two_are_held();
    world.decide(hold(2, seats(&[2])), deadline).unwrap();

    let over = ReleaseRefused::NotHeld(NotHeld::Over);
    assert_eq!(world.refusal(release(1), deadline), over);
    assert_eq!(world.decide(release(2), deadline), Ok(()));

    assert_eq!(world.get::<Seat>(seat(2)).state, SeatState::Free);
    assert_eq!(world.get::<Seat>(seat(1)).state, held_by(1, deadline));
}
