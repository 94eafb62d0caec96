//! Reservations as entities (rules 12, 13 and 15).

use stagedoor_domain::reservation::{NotConfirmed, NotExtended, NotHeld, Timeliness};
use stagedoor_domain::{BookingWindow, Instant, Reservation, ReservationState, ReservationStatus};

use time::Duration;

use crate::builders::*;

fn one_in(state: ReservationState) -> Reservation {
    Reservation { state, ..a_reservation(1, &a_chart(1, 2)) }
}

const DEADLINE: Instant = NOW.saturating_add(HOLD_TIME);
const PAID: ReservationState = ReservationState::Confirmed { at: NOW };
const RELEASED: ReservationState = ReservationState::Cancelled { at: NOW };

#[test]
fn a_hold_expires_at_its_deadline_and_a_paid_reservation_never() {
    let table = [
        (ReservationState::Held, NOW, ReservationStatus::Held, Ok(())),
        (ReservationState::Held, DEADLINE - TICK, ReservationStatus::Held, Ok(())),
        (ReservationState::Held, DEADLINE, ReservationStatus::Expired, Err(NotHeld::Over)),
        (ReservationState::Expired, NOW, ReservationStatus::Expired, Err(NotHeld::Over)),
        (RELEASED, NOW, ReservationStatus::Cancelled, Err(NotHeld::Cancelled)),
        (RELEASED, DEADLINE, ReservationStatus::Cancelled, Err(NotHeld::Cancelled)),
        (PAID, NOW, ReservationStatus::Confirmed, Err(NotHeld::Paid)),
        (PAID, DEADLINE, ReservationStatus::Confirmed, Err(NotHeld::Paid)),
    ];
    for (state, now, status, held) in table {
        assert_eq!(one_in(state).status(now), status, "{state:?} at {now}");
        assert_eq!(one_in(state).check_held(now), held, "{state:?} at {now}");
    }
}

#[test]
fn only_a_hold_within_its_time_is_paid_or_given_back() {
    let table = [
        (ReservationState::Held, DEADLINE - TICK, Ok(())),
        (ReservationState::Held, DEADLINE, Err(NotHeld::Over)),
        (ReservationState::Expired, NOW, Err(NotHeld::Over)),
        (RELEASED, NOW, Err(NotHeld::Cancelled)),
        (PAID, NOW, Err(NotHeld::Paid)),
    ];
    for (state, now, expected) in table {
        let (mut paid, mut released) = (one_in(state), one_in(state));

        let confirmed = paid.confirm(Duration::ZERO, now);
        assert_eq!(confirmed, expected.map(|()| Timeliness::InTime), "{state:?} at {now}");
        assert_eq!(released.cancel(now), expected, "{state:?} at {now}");

        let done = expected.is_ok();
        let after = |at_now| if done { at_now } else { state };
        assert_eq!(paid.state, after(ReservationState::Confirmed { at: now }));
        assert_eq!(released.state, after(ReservationState::Cancelled { at: now }));
    }
}

#[test]
fn expiring_writes_down_only_overdue_holds() {
    let table = [
        (ReservationState::Held, DEADLINE - TICK, false),
        (ReservationState::Held, DEADLINE, true),
        (ReservationState::Expired, DEADLINE, false),
        (RELEASED, DEADLINE, false),
        (PAID, DEADLINE, false),
    ];
    for (state, now, written) in table {
        let mut reservation = one_in(state);
        assert_eq!(reservation.expire_if_overdue(now), written, "{state:?} at {now}");
        assert_eq!(reservation.state, if written { ReservationState::Expired } else { state });
    }
}

#[test]
fn a_hold_is_payable_for_a_grace_after_its_deadline() {
    let held = ReservationState::Held;
    let over = Err(NotHeld::Over);
    let table = [
        (held, DEADLINE - TICK, Ok(Timeliness::InTime)),
        (held, DEADLINE, Ok(Timeliness::Late)),
        (held, DEADLINE + GRACE - TICK, Ok(Timeliness::Late)),
        (held, DEADLINE + GRACE, over),
        (ReservationState::Expired, DEADLINE + GRACE - TICK, Ok(Timeliness::Late)),
        (ReservationState::Expired, DEADLINE + GRACE, over),
        (RELEASED, DEADLINE, Err(NotHeld::Cancelled)),
        (PAID, DEADLINE, Err(NotHeld::Paid)),
    ];
    for (state, now, expected) in table {
        assert_eq!(one_in(state).check_payable(GRACE, now), expected, "{state:?} at {now}");
    }
}

#[test]
fn a_hold_is_extended_once() {
    let latest = DEADLINE + EXTENSION_TIME;
    let mut held = one_in(ReservationState::Held);

    let booking = a_schedule().booking;
    assert_eq!(held.extend(&booking, DEADLINE), Err(NotExtended::NotHeld(NotHeld::Over)));
    assert_eq!(held.extend(&booking, DEADLINE - TICK), Ok(()));
    assert_eq!((held.expires_at, held.extendable_until), (latest, None));
    assert_eq!(held.extend(&booking, DEADLINE), Err(NotExtended::NotExtendable));
    assert_eq!(held.expires_at, latest);
}

#[test]
fn a_hold_is_not_extended_past_the_closing_of_the_booking_window() {
    let latest = DEADLINE + EXTENSION_TIME;
    let table = [
        (latest + TICK, Ok(()), latest),
        (latest - TICK, Ok(()), latest - TICK),
        (DEADLINE + TICK, Ok(()), DEADLINE + TICK),
        (DEADLINE, Err(NotExtended::NotExtendable), DEADLINE),
        (NOW, Err(NotExtended::NotExtendable), DEADLINE),
    ];
    for (closes_at, expected, expires_at) in table {
        let booking = BookingWindow { closes_at, ..a_schedule().booking };
        let mut held = one_in(ReservationState::Held);
        assert_eq!(held.extend(&booking, NOW), expected, "{closes_at}");
        assert_eq!(held.expires_at, expires_at, "{closes_at}");
    }
}

#[test]
fn only_a_paid_reservation_is_taken_back() {
    let table = [
        (ReservationState::Held, Err(NotConfirmed)),
        (ReservationState::Expired, Err(NotConfirmed)),
        (RELEASED, Err(NotConfirmed)),
        (PAID, Ok(())),
    ];
    for (state, expected) in table {
        let mut reservation = one_in(state);
        let at = NOW + TICK;
        assert_eq!(reservation.cancel_paid(at), expected, "{state:?}");
        let after = if expected.is_ok() { ReservationState::Cancelled { at } } else { state };
        assert_eq!(reservation.state, after);
    }
}
