//! Seats and reservations as machines.

use proptest::prelude::*;
use stagedoor_domain::{Instant, ReservationState, ReservationStatus, SeatState, SeatStatus};

use time::Duration;

use super::done_in_turn;
use crate::builders::*;
use crate::strategies::config;

#[derive(Clone, Copy, Debug)]
enum ToSeat {
    Hold(u128),
    Release(u128),
    Sell(u128),
    SellLate(u128),
    Extend(u128),
    TakeBack(u128),
}

fn to_seat() -> impl Strategy<Value = ToSeat> {
    prop_oneof![
        3 => (1_u128..4).prop_map(ToSeat::Hold),
        1 => (1_u128..4).prop_map(ToSeat::Release),
        1 => (1_u128..4).prop_map(ToSeat::Sell),
        1 => (1_u128..4).prop_map(ToSeat::SellLate),
        1 => (1_u128..4).prop_map(ToSeat::Extend),
        1 => (1_u128..4).prop_map(ToSeat::TakeBack),
    ]
}

/// The holder of a seat, computed in another way: the last holder, and until when.
#[derive(Clone, Copy, Debug, Default)]
struct Owner {
    who: Option<u128>,
    until: Option<Instant>,
}

impl Owner {
    fn has_it(self, now: Instant) -> bool {
        self.who.is_some() && self.until.is_none_or(|until| now < until)
    }
}

#[derive(Clone, Copy, Debug)]
enum ToReservation {
    Confirm,
    ConfirmLate,
    Extend,
    Cancel,
    CancelPaid,
    Expire,
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_seat_has_one_owner_at_any_instant_and_a_sold_one_until_it_gives_it_back(
        steps in done_in_turn(to_seat()),
    ) {
        let (mut seat, mut owner) = (a_seat(), Owner::default());
        for (now, step) in steps {
            let (had_it, was) = (owner.has_it(now), owner);
            let is_done = match step {
                ToSeat::Hold(n) => {
                    let is_done = seat.hold(reservation(n), now + HOLD_TIME, now).is_ok();
                    prop_assert_eq!(is_done, !had_it);
                    if is_done { owner = Owner { who: Some(n), until: Some(now + HOLD_TIME) }; }
                    is_done
                }
                ToSeat::Release(n) => {
                    let is_done = seat.release(reservation(n)).is_ok();
                    prop_assert_eq!(is_done, was.who == Some(n) && was.until.is_some());
                    if is_done { owner = Owner::default(); }
                    is_done
                }
                ToSeat::Sell(n) => {
                    let is_done = seat.sell(reservation(n), now).is_ok();
                    let may = had_it && was.who == Some(n) && was.until.is_some();
                    prop_assert_eq!(is_done, may);
                    if is_done { owner.until = None; }
                    is_done
                }
                ToSeat::SellLate(n) => {
                    let is_done = seat.sell_late(reservation(n), now).is_ok();
                    prop_assert_eq!(is_done, !had_it);
                    if is_done { owner = Owner { who: Some(n), until: None }; }
                    is_done
                }
                ToSeat::Extend(n) => {
                    let is_done = seat.extend(reservation(n), now + HOLD_TIME).is_ok();
                    prop_assert_eq!(is_done, was.who == Some(n) && was.until.is_some());
                    if is_done { owner.until = Some(now + HOLD_TIME); }
                    is_done
                }
                ToSeat::TakeBack(n) => {
                    let is_done = seat.take_back(reservation(n)).is_ok();
                    prop_assert_eq!(is_done, was.who == Some(n) && was.until.is_none());
                    if is_done { owner = Owner::default(); }
                    is_done
                }
            };
            prop_assert_eq!(seat.status(now) != SeatStatus::Free, owner.has_it(now));
            if was.who.is_some() && was.until.is_none() && owner.who.is_some() {
                prop_assert!(!is_done, "a sold seat stays sold");
                let sold = matches!(seat.state, SeatState::Sold { .. });
                prop_assert!(sold && owner.who == was.who);
            }
        }
    }

    #[test]
    fn a_reservation_ends_once_unless_it_is_paid_late_or_taken_back_and_expiring_changes_no_answer(
        steps in done_in_turn(prop_oneof![
            1 => Just(ToReservation::Confirm),
            1 => Just(ToReservation::ConfirmLate),
            1 => Just(ToReservation::Extend),
            1 => Just(ToReservation::Cancel),
            1 => Just(ToReservation::CancelPaid),
            3 => Just(ToReservation::Expire),
        ]),
    ) {
        let mut held = a_reservation(1, &a_chart(1, 2));
        let mut ended: Option<ReservationStatus> = None;
        for (now, step) in steps {
            let before = held.clone();
            let may = before.status(now) == ReservationStatus::Held;
            match step {
                ToReservation::Confirm => {
                    prop_assert_eq!(held.confirm(Duration::ZERO, now).is_ok(), may);
                }
                ToReservation::ConfirmLate => {
                    let moment = before.expires_at..before.expires_at + GRACE;
                    let late =
                        before.status(now) == ReservationStatus::Expired && moment.contains(&now);
                    prop_assert_eq!(held.confirm(GRACE, now).is_ok(), may || late);
                    if late { ended = None; }
                }
                ToReservation::Extend => {
                    let is_offered = before.extendable_until.is_some();
                    let extended = held.extend(&a_schedule().booking, now);
                    prop_assert_eq!(extended.is_ok(), may && is_offered);
                    prop_assert!(held.expires_at >= before.expires_at);
                }
                ToReservation::CancelPaid => {
                    let is_paid = before.status(now) == ReservationStatus::Confirmed;
                    prop_assert_eq!(held.cancel_paid(now).is_ok(), is_paid);
                    if is_paid { ended = None; }
                }
                ToReservation::Cancel => prop_assert_eq!(held.cancel(now).is_ok(), may),
                ToReservation::Expire => {
                    let is_written = held.expire_if_overdue(now);
                    prop_assert_eq!(is_written, held != before);
                    prop_assert_eq!(held.status(now), before.status(now));
                    prop_assert!(!held.expire_if_overdue(now), "there is nothing left to expire");
                }
            }
            let status = held.status(now);
            if let Some(ended) = ended {
                prop_assert_eq!(status, ended);
            } else if status != ReservationStatus::Held {
                ended = Some(status);
            }
            let is_paid = matches!(held.state, ReservationState::Confirmed { .. });
            prop_assert_eq!(is_paid, status == ReservationStatus::Confirmed);
        }
    }
}
