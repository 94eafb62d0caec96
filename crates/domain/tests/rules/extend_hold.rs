//! Extending a hold (rules 8 and 9).

use stagedoor_domain::operations::{ExtendHold, ExtendRefused};
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{
    BookingWindow, ExpiryReason, QueueToken, Reservation, ReservationState, Schedule, Seat,
    TokenState,
};

use crate::builders::*;
use crate::world::{a_box_office, seats_one_and_two_are_held};

#[test]
fn refusals_come_in_their_order() {
    let with = |change: fn(&mut Reservation)| {
        let held = seats_one_and_two_are_held();
        let mut changed = held.get::<Reservation>(reservation(1)).clone();
        change(&mut changed);
        held.with([changed])
    };
    let deadline = NOW + HOLD_TIME;
    let unknown = ExtendHold { reservation_id: reservation(9), ..extend(1) };
    let of_another = ExtendHold { user_id: user(2), ..extend(1) };
    let paid = |held: &mut Reservation| held.state = ReservationState::Confirmed { at: NOW };
    let spent = |held: &mut Reservation| held.extendable_until = None;
    let others = Seat { state: held_by(7, deadline), ..a_chart(2, 5).remove(1) };
    let gone = seats_one_and_two_are_held().with([others]);
    let ended = TokenState::Expired { reason: ExpiryReason::TimedOut, at: NOW };
    let timed_out =
        seats_one_and_two_are_held().with([QueueToken { state: ended, ..an_active_token(1) }]);
    let (over, is_paid) = (NotHeld::Over, NotHeld::Paid);
    let table = [
        (with(|_| ()), unknown, NOW, ExtendRefused::ReservationNotFound),
        (with(paid), of_another, NOW, ExtendRefused::ReservationNotFound),
        (with(spent), extend(1), deadline, ExtendRefused::NotHeld(over)),
        (with(paid), extend(1), NOW, ExtendRefused::NotHeld(is_paid)),
        (gone, extend(1), NOW, ExtendRefused::NotHeld(over)),
        (timed_out, extend(1), NOW, ExtendRefused::NotHeld(over)),
        (with(spent), extend(1), NOW, ExtendRefused::NotExtendable),
    ];
    for (world, command, now, expected) in table {
        assert_eq!(world.refusal(command, now), expected, "{expected} at {now}");
    }
}

#[test]
fn the_seats_and_the_token_last_as_long_as_the_extended_hold() {
    let short = QueueToken { state: active_until(NOW + HOLD_TIME), ..an_active_token(1) };
    let mut world = a_box_office().with([short]);
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    let latest = NOW + HOLD_TIME + EXTENSION_TIME;

    let extended = world.decide(extend(1), NOW + HOLD_TIME - TICK).unwrap();

    assert_eq!((extended.expires_at, extended.extendable_until), (latest, None));
    assert_eq!(world.get::<Reservation>(reservation(1)), &extended);
    for n in [1, 2] {
        assert_eq!(world.get::<Seat>(seat(n)).state, held_by(1, latest));
    }
    let of_token = world.get::<QueueToken>(token(1)).state;
    assert!(matches!(of_token, TokenState::Active { expires_at, .. } if expires_at == latest));
    assert!(world.decide(pay(1), latest - TICK).is_ok());
}

#[test]
fn a_hold_that_was_promised_more_is_not_extended_past_the_closing_of_booking() {
    let booking = BookingWindow { closes_at: NOW + HOLD_TIME, ..a_schedule().booking };
    let world = seats_one_and_two_are_held().with([Schedule { booking, ..a_schedule() }]);

    assert_eq!(world.refusal(extend(1), NOW), ExtendRefused::NotExtendable);
}

#[test]
fn a_hold_is_extended_once_even_within_one_batch() {
    let mut world = seats_one_and_two_are_held();

    let verdicts = world.decide_batch(&[extend(1), extend(1)], NOW);

    assert!(verdicts[0].is_ok());
    assert_eq!(verdicts[1], Err(ExtendRefused::NotExtendable));
}
