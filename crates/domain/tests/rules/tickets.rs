//! How many tickets one person may have of a schedule.

use stagedoor_domain::operations::{
    HoldRefused, HoldSeats, Pay, PayRefused, ReleaseHold, SeatChoice,
};
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::{PaymentId, PointEntryId, Schedule, TicketLimit};
use time::Duration;

use crate::builders::*;
use crate::world::{World, a_box_office};

fn limit(tickets: i64) -> TicketLimit {
    TicketLimit::parse(tickets).unwrap()
}

/// The box office, where one person may have this many tickets.
fn limited_to(tickets: i64) -> World {
    a_box_office().with([Schedule { ticket_limit: limit(tickets), ..a_schedule() }])
}

/// User 1 holds seats for reservation `n`.
fn another(n: u128, ids: &[u128]) -> HoldSeats {
    HoldSeats { reservation_id: reservation(n), ..hold(1, seats(ids)) }
}

#[test]
fn a_limit_is_1_to_1_000_tickets_and_4_by_default() {
    let table = [(0, false), (1, true), (1_000, true), (1_001, false), (i64::MIN, false)];
    for (tickets, is_sound) in table {
        let parsed = TicketLimit::parse(tickets);
        assert_eq!(parsed.is_ok(), is_sound, "{tickets}");
        assert!(parsed.is_ok_and(|it| i64::from(it.get()) == tickets) == is_sound);
    }
    assert_eq!(TicketLimit::default().get(), 4);
    assert_eq!(TicketLimit::parse(0).unwrap_err().field, "maxTicketsPerPerson");
}

#[test]
fn live_holds_count_against_the_limit_within_a_batch_and_after_it() {
    let mut world = limited_to(3);

    let verdicts = world.decide_batch(&[another(11, &[1, 2]), another(12, &[3, 4])], NOW);

    assert!(verdicts[0].is_ok());
    assert_eq!(verdicts[1], Err(HoldRefused::TicketLimit(limit(3))));
    assert_eq!(world.refusal(another(12, &[3, 4]), NOW), HoldRefused::TicketLimit(limit(3)));
    world.decide(another(12, &[3]), NOW).unwrap();
    world.decide(hold(2, seats(&[5, 6, 7])), NOW).unwrap();
}

#[test]
fn paid_tickets_count_until_they_are_refunded() {
    let mut world = limited_to(2);
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    world.decide(pay(1), NOW).unwrap();
    let mut world = world.with([an_active_token(1)]);
    let past_the_hold = NOW + HOLD_TIME;

    let refused = world.refusal(another(12, &[3]), past_the_hold);
    assert_eq!(refused, HoldRefused::TicketLimit(limit(2)));

    world.decide(cancel(1), past_the_hold).unwrap();
    world.decide(another(12, &[3, 4]), past_the_hold).unwrap();
}

#[test]
fn a_hold_counts_no_longer_once_it_expired_or_was_released() {
    let mut world = limited_to(2);
    world.decide(another(11, &[1, 2]), NOW).unwrap();
    world.decide(another(12, &[3, 4]), NOW + HOLD_TIME).unwrap();

    let released = ReleaseHold { reservation_id: reservation(12), user_id: user(1) };
    world.decide(released, NOW + HOLD_TIME).unwrap();

    world.decide(another(13, &[5, 6]), NOW + HOLD_TIME).unwrap();
}

#[test]
fn the_best_block_is_not_looked_for_beyond_the_limit() {
    let world = limited_to(1);
    let best = hold(1, SeatChoice::best(2));

    assert_eq!(world.refusal(best, NOW), HoldRefused::TicketLimit(limit(1)));
}

/// Its hold expired a moment ago, and the tickets of another hold have taken its place.
#[test]
fn a_late_payment_does_not_pass_the_limit() {
    let mut world = limited_to(2);
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    let late = NOW + HOLD_TIME + Duration::SECOND;
    let paid_late = Pay { grace: GRACE, ..pay(1) };
    world.clone().decide(paid_late.clone(), late).unwrap();

    world.decide(another(12, &[3]), late).unwrap();

    assert_eq!(world.refusal(paid_late, late), PayRefused::NotHeld(NotHeld::Over));
}

#[test]
fn late_payments_in_one_batch_do_not_pass_the_limit_together() {
    let mut world = limited_to(4);
    world.decide(another(11, &[1, 2]), NOW).unwrap();
    world.decide(another(12, &[3, 4]), NOW).unwrap();
    let schedule = world.get::<Schedule>(schedule(1)).clone();
    let mut world = world.with([Schedule { ticket_limit: limit(2), ..schedule }]);
    let paid_late = |n: u128| Pay {
        payment_id: PaymentId(reservation(n).0),
        entry_id: PointEntryId(reservation(n).0),
        reservation_id: reservation(n),
        grace: GRACE,
        ..pay(1)
    };
    let late = NOW + HOLD_TIME + Duration::SECOND;

    let verdicts = world.decide_batch(&[paid_late(11), paid_late(12)], late);

    assert!(verdicts[0].is_ok(), "{verdicts:?}");
    assert_eq!(verdicts[1], Err(PayRefused::NotHeld(NotHeld::Over)));
}
