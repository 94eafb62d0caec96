//! Cancelling a paid reservation (rules 12 and 14).

use stagedoor_domain::operations::{CancelRefused, CancelReservation};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::{
    PointAccount, PointEntry, PointKind, Points, Reservation, ReservationState, Schedule, Seat,
    SeatState, Submission,
};

use crate::builders::*;
use crate::world::{World, a_box_office};

/// User 1 has paid 20,000 of 100,000 points for seats 1 and 2.
fn a_sold_reservation() -> World {
    let mut world = a_box_office();
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    world.decide(pay(1), NOW).unwrap();
    world
}

#[test]
fn refusals_come_in_their_order() {
    let closes_at = NOW + CANCELLATION_TIME;
    let sold = a_sold_reservation;
    let held = || {
        let mut world = a_box_office();
        world.decide(hold(1, seats(&[1])), NOW).unwrap();
        world
    };
    let never = || sold().with([Schedule { cancellation_closes_at: None, ..a_schedule() }]);
    let rich = || sold().with([an_account(1, Points::MAX.get() - 19_999)]);
    let unknown = CancelReservation { reservation_id: reservation(9), ..cancel(1) };
    let of_another = CancelReservation { user_id: user(2), ..cancel(1) };
    let too_large = CancelRefused::Balance(BalanceRefused::TooLarge);
    let table = [
        (sold(), unknown, closes_at, CancelRefused::ReservationNotFound),
        (held(), of_another, NOW, CancelRefused::ReservationNotFound),
        (held(), cancel(1), closes_at, CancelRefused::NotConfirmed),
        (rich(), cancel(1), closes_at, CancelRefused::CancellationClosed),
        (never(), cancel(1), NOW, CancelRefused::CancellationClosed),
        (rich(), cancel(1), closes_at - TICK, too_large),
    ];
    for (world, command, now, expected) in table {
        assert_eq!(world.refusal(command, now), expected, "{expected} at {now}");
    }
}

#[test]
fn the_points_come_back_and_the_seats_are_free_at_once() {
    let at = NOW + CANCELLATION_TIME - TICK;
    let world = a_sold_reservation();

    let (mut verdicts, changes) = world.outcome(&[Submission::new(cancel(1))], at);

    let refunded = verdicts.remove(0).unwrap();
    let entry = PointEntry {
        id: entry(101),
        user_id: user(1),
        number: 3,
        kind: PointKind::Refund,
        amount: points(20_000),
        balance_after: points(100_000),
        payment_id: Some(payment(1)),
        created_at: at,
    };
    assert_eq!(refunded.entry, entry);
    assert_eq!(refunded.reservation.state, ReservationState::Cancelled { at });
    assert_eq!(changes.inserted::<PointEntry>(), [&entry]);
    assert_eq!(changes.updated::<Reservation>(), [&refunded.reservation]);
    assert_eq!(changes.updated::<PointAccount>()[0].balance, points(100_000));
    assert_eq!(changes.updated::<Seat>().len(), 2);
    assert!(changes.updated::<Seat>().iter().all(|seat| seat.state == SeatState::Free));
    assert_eq!(changes.updated::<Schedule>()[0].sold_count, 0);
    assert_eq!(changes.count(), 9);
}

#[test]
fn a_reservation_is_cancelled_once_even_within_one_batch() {
    let mut world = a_sold_reservation();
    let again = CancelReservation { entry_id: entry(200), ..cancel(1) };

    let verdicts = world.decide_batch(&[cancel(1), again.clone()], NOW);

    assert!(verdicts[0].is_ok());
    assert_eq!(verdicts[1], Err(CancelRefused::NotConfirmed));
    assert_eq!(world.get::<PointAccount>(user(1)).balance, points(100_000));

    world.decide(hold(2, seats(&[1])), NOW).unwrap();
    assert_eq!(world.refusal(again, NOW), CancelRefused::NotConfirmed);
    assert_eq!(world.get::<Seat>(seat(1)).state, held_by(2, NOW + HOLD_TIME));
}
