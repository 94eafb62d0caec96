//! Leaving a room (rules 6 and 8).

use stagedoor_domain::operations::{HoldSeats, LeaveRefused, LeaveRoom};
use stagedoor_domain::{
    ExpiryReason, QueueToken, Reservation, ReservationState, Seat, SeatState, Submission,
    TokenState,
};

use crate::builders::*;
use crate::world::{World, a_box_office};

fn over(reason: ExpiryReason) -> TokenState {
    TokenState::Expired { reason, at: NOW }
}

#[test]
fn a_token_that_does_not_exist_cannot_be_given_up() {
    let command = LeaveRoom { token_id: token(99), room_id: room(1) };
    assert_eq!(a_box_office().refusal(command, NOW), LeaveRefused::TokenNotFound);
}

#[test]
fn a_live_token_ends_at_once_because_the_user_left() {
    for state in [waiting(NOW), active_until(NOW + TICK)] {
        let mut world = a_box_office().with([QueueToken { state, ..a_token(1) }]);

        assert_eq!(world.decide(leave(1), NOW), Ok(()));

        assert_eq!(world.get::<QueueToken>(token(1)).state, over(ExpiryReason::Left));
    }
}

#[test]
fn leaving_twice_is_leaving_once() {
    let mut world = a_box_office();

    assert_eq!(world.decide_batch(&[leave(1), leave(1)], NOW), [Ok(()), Ok(())]);
    let before = world.rows().clone();
    assert_eq!(world.decide(leave(1), NOW + seconds(5)), Ok(()));

    assert_eq!(*world.rows(), before);
}

#[test]
fn a_token_that_has_already_ended_keeps_its_reason() {
    let states = [over(ExpiryReason::Completed), active_until(NOW), waiting(NOW - seconds(600))];
    for state in states {
        let world = a_box_office().with([QueueToken { state, ..a_token(1) }]);
        let (verdicts, changes) = world.outcome(&[Submission::new(leave(1))], NOW);
        assert_eq!((verdicts, changes.count()), (vec![Ok(())], 0), "{state:?}");
    }
}

#[test]
fn only_holds_made_with_the_token_are_released() {
    let mut world = a_box_office();
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    world.decide(hold(2, seats(&[3])), NOW).unwrap();

    world.decide(leave(1), NOW + seconds(9)).unwrap();

    let at = NOW + seconds(9);
    let released = world.get::<Reservation>(reservation(1));
    assert_eq!(released.state, ReservationState::Cancelled { at });
    assert_eq!(world.get::<Reservation>(reservation(2)).state, ReservationState::Held);
    let states = [1, 2, 3].map(|n| world.get::<Seat>(seat(n)).state);
    assert_eq!(states, [SeatState::Free, SeatState::Free, held_by(2, NOW + HOLD_TIME)]);
}

#[test]
fn every_hold_of_the_token_is_given_back() {
    let mut world = a_box_office();
    world.decide(hold(1, seats(&[1])), NOW).unwrap();
    let second = HoldSeats { reservation_id: reservation(8), ..hold(1, seats(&[5])) };
    world.decide(second, NOW).unwrap();

    world.decide(leave(1), NOW).unwrap();

    assert!(world.all::<Seat>().all(|seat| seat.state == SeatState::Free));
}

#[test]
fn a_paid_reservation_stays_paid() {
    let seats: Vec<Seat> = a_chart(1, 1);
    let sold = SeatState::Sold { reservation_id: reservation(1) };
    let paid = ReservationState::Confirmed { at: NOW };
    let mut world: World = a_box_office()
        .with(vec![Seat { state: sold, ..seats[0].clone() }])
        .with([Reservation { state: paid, ..a_reservation(1, &seats) }]);

    world.decide(leave(1), NOW).unwrap();

    assert_eq!(world.get::<Reservation>(reservation(1)).state, paid);
    assert_eq!(world.get::<Seat>(seat(1)).state, sold);
}
