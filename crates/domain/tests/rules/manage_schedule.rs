//! Changing and cancelling a schedule, and what becomes of its tickets.

use stagedoor_domain::operations::{
    CancelByStaff, CancelByStaffRefused, CancelSchedule, CancelScheduleRefused, EditSchedule,
    EditScheduleRefused, ExtendRefused, HoldRefused, Pay, PayRefused, SettleCancelled, Settled,
    TermsEdit,
};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::schedule::OutOfOrder;
use stagedoor_domain::{
    BookingWindow, ExpectedVersion, Moved, OperatorAction, OperatorDeed, PointAccount, Points,
    Reason, Reservation, ReservationId, ReservationState, Role, Schedule, ScheduleCancelled, Seat,
    SeatState, TicketLimit, UserId,
};
use time::Duration;

use crate::builders::*;
use crate::world::{World, a_box_office};

/// The box office with its organizer 9, another organizer 8 and the operator 7.
fn an_office() -> World {
    let staff = [(7, Role::Operator), (8, Role::Organizer), (9, Role::Organizer)];
    a_box_office().with(staff.map(|(n, role)| a_user(n, role)))
}

/// User 1 has paid for seats 1 and 2, and user 2 holds seat 3.
fn a_busy_office() -> World {
    let mut world = an_office();
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    world.decide(pay(1), NOW).unwrap();
    world.decide(hold(2, seats(&[3])), NOW).unwrap();
    world
}

fn reason() -> Reason {
    Reason::parse("The singer is ill.").unwrap()
}

fn edit(editor_id: UserId, edit: TermsEdit) -> EditSchedule {
    let expected = ExpectedVersion::OneOf(vec![0]);
    let (action_id, schedule_id) = (action(1), schedule(1));
    EditSchedule { action_id, schedule_id, editor_id, expected, edit }
}

fn cancelled_by(manager: u128) -> CancelSchedule {
    CancelSchedule {
        action_id: action(2),
        schedule_id: schedule(1),
        manager_id: user(manager),
        reason: reason(),
    }
}

pub fn ended_by(manager: u128, n: u128) -> CancelByStaff {
    CancelByStaff {
        action_id: action(3),
        entry_id: entry(300),
        reservation_id: reservation(n),
        manager_id: user(manager),
        reason: reason(),
    }
}

fn settle(after: u128, most: u128) -> SettleCancelled {
    let entry_ids = (400..400 + most).map(entry).collect();
    SettleCancelled { after: reservation(after), entry_ids }
}

/// A move to a day later.
fn a_day_later() -> TermsEdit {
    TermsEdit {
        starts_at: Some(a_schedule().starts_at + Duration::DAY),
        ends_at: Some(a_schedule().ends_at + Duration::DAY),
        ..TermsEdit::default()
    }
}

#[test]
fn refusals_of_an_edit_come_in_their_order() {
    let start = a_schedule().starts_at;
    let wrong = TermsEdit {
        ends_at: Some(start),
        refundable_until: Some(start + TICK),
        ..TermsEdit::default()
    };
    let late = TermsEdit { refundable_until: Some(start + TICK), ..TermsEdit::default() };
    let past = TermsEdit { refundable_until: Some(NOW), ..TermsEdit::default() };
    let stale =
        |by| EditSchedule { expected: ExpectedVersion::OneOf(vec![3]), ..edit(user(by), wrong) };
    let unknown = EditSchedule { schedule_id: schedule(5), ..stale(8) };
    let gone = || {
        let mut world = an_office();
        world.decide(cancelled_by(9), NOW).unwrap();
        world
    };
    let any = |edit| EditSchedule { expected: ExpectedVersion::Any, ..edit };
    let out_of_order = EditScheduleRefused::OutOfOrder(OutOfOrder::End);
    let table = [
        (gone(), unknown, EditScheduleRefused::ScheduleNotFound),
        (gone(), stale(8), EditScheduleRefused::NotManager),
        (gone(), stale(1), EditScheduleRefused::NotManager),
        (gone(), stale(9), EditScheduleRefused::OtherVersion),
        (gone(), any(stale(9)), EditScheduleRefused::Cancelled),
        (an_office(), edit(user(9), wrong), out_of_order),
        (an_office(), edit(user(7), late), EditScheduleRefused::RefundableUntil),
        (an_office(), edit(user(9), past), EditScheduleRefused::RefundableUntil),
    ];
    for (world, command, expected) in table {
        assert_eq!(world.refusal(command, NOW), expected, "{expected}");
    }
}

#[test]
fn an_edit_changes_what_it_names_and_raises_the_version() {
    let ticket_limit = TicketLimit::parse(2).unwrap();
    let closes_at = NOW + Duration::minutes(30);
    let new = TermsEdit {
        booking_closes_at: Some(closes_at),
        cancellation_closes_at: Some(None),
        ticket_limit: Some(ticket_limit),
        ..TermsEdit::default()
    };
    let mut world = a_busy_office();
    let before = world.get::<Schedule>(schedule(1)).clone();

    let edited = world.decide(edit(user(9), new), NOW).unwrap();

    let booking = BookingWindow { closes_at, ..before.booking };
    let cancellation_closes_at = None;
    let expected =
        Schedule { booking, cancellation_closes_at, ticket_limit, version: 1, ..before.clone() };
    assert_eq!(edited, expected);
    assert_eq!(world.get::<Schedule>(schedule(1)), &expected);
    let deed = OperatorDeed::ScheduleEdited {
        schedule_id: schedule(1),
        before: before.terms(),
        after: edited.terms(),
    };
    assert_eq!(world.get::<OperatorAction>(action(1)).deed, deed);
    let again = edit(user(9), new);
    assert_eq!(world.refusal(again, NOW), EditScheduleRefused::OtherVersion);
}

#[test]
fn of_two_edits_of_one_version_in_a_batch_one_alone_is_done() {
    let mut world = an_office();
    let first = edit(user(9), a_day_later());
    let second = EditSchedule { action_id: action(5), ..edit(user(7), a_day_later()) };

    let verdicts = world.decide_batch(&[first, second], NOW);

    assert!(verdicts[0].is_ok());
    assert_eq!(verdicts[1], Err(EditScheduleRefused::OtherVersion));
}

#[test]
fn a_date_that_moves_after_tickets_were_sold_can_be_refunded_until_a_deadline() {
    let from = a_schedule().starts_at;
    let new_start = from + Duration::DAY;
    let until = NOW + Duration::hours(20);
    let chosen = TermsEdit { refundable_until: Some(until), ..a_day_later() };
    for (edit_of, refundable_until) in [(a_day_later(), new_start), (chosen, until)] {
        let mut world = a_busy_office();

        let moved = world.decide(edit(user(9), edit_of), NOW).unwrap().moved;

        let told_to = Some(ReservationId::FIRST);
        assert_eq!(moved, Some(Moved { at: NOW, from, refundable_until, told_to }));
        let schedule = world.get::<Schedule>(schedule(1)).clone();
        assert!(schedule.is_cancellable(refundable_until - TICK));
        assert!(!schedule.is_cancellable(refundable_until));
        world.decide(cancel(1), refundable_until - TICK).unwrap();
        assert_eq!(world.get::<PointAccount>(user(1)).balance, points(100_000));
    }
    let mut unsold = an_office();
    assert_eq!(unsold.decide(edit(user(9), a_day_later()), NOW).unwrap().moved, None);
    let mut same_time = a_busy_office();
    let only_booking =
        TermsEdit { booking_closes_at: Some(NOW + Duration::MINUTE), ..TermsEdit::default() };
    assert_eq!(same_time.decide(edit(user(9), only_booking), NOW).unwrap().moved, None);
}

#[test]
fn a_date_with_sold_tickets_moves_to_a_start_that_has_to_come_alone() {
    let since = |start| TermsEdit {
        starts_at: Some(start),
        cancellation_closes_at: Some(None),
        ..TermsEdit::default()
    };
    for start in [NOW, NOW - Duration::DAY] {
        let command = edit(user(9), since(start));
        let refused = a_busy_office().refusal(command.clone(), NOW);
        assert_eq!(refused, EditScheduleRefused::StartHasPassed);
        assert!(an_office().decide(command, NOW).is_ok(), "no holder loses anything");
    }
    assert!(a_busy_office().decide(edit(user(9), since(NOW + TICK)), NOW).is_ok());

    let started = a_schedule().starts_at;
    let longer = TermsEdit { ends_at: Some(a_schedule().ends_at + TICK), ..TermsEdit::default() };
    let moved = a_busy_office().decide(edit(user(9), longer), started).unwrap().moved;
    assert!(moved.is_some(), "a date that has started can end later");
}

#[test]
fn a_schedule_is_cancelled_by_its_organizer_or_an_operator_and_once() {
    for manager in [7, 9] {
        let mut world = a_busy_office();

        let schedule = world.decide(cancelled_by(manager), NOW).unwrap();

        let cancelled = Some(ScheduleCancelled { at: NOW, reason: reason() });
        assert_eq!((&schedule.cancelled, schedule.version), (&cancelled, 1));
        let deed = OperatorDeed::ScheduleCancelled { schedule_id: schedule.id, reason: reason() };
        assert_eq!(world.get::<OperatorAction>(action(2)).deed, deed);
        let again = CancelSchedule {
            action_id: action(9),
            reason: Reason::parse("again").unwrap(),
            ..cancelled_by(manager)
        };
        assert_eq!(world.decide(again, NOW + TICK), Ok(schedule));
        assert_eq!(world.all::<OperatorAction>().count(), 1);
    }
    for stranger in [1, 8, 99] {
        let refused = a_busy_office().refusal(cancelled_by(stranger), NOW);
        assert_eq!(refused, CancelScheduleRefused::NotManager, "{stranger}");
    }
    let unknown = CancelSchedule { schedule_id: schedule(5), ..cancelled_by(8) };
    assert_eq!(an_office().refusal(unknown, NOW), CancelScheduleRefused::ScheduleNotFound);
}

#[test]
fn nothing_of_a_cancelled_schedule_is_sold_from_that_instant() {
    let mut world = a_busy_office();
    world.decide(cancelled_by(9), NOW).unwrap();

    let held = hold(3, seats(&[5]));
    assert_eq!(world.refusal(held, NOW), HoldRefused::ScheduleCancelled);
    let paid = Pay { expected: Some(points(1)), ..pay(2) };
    assert_eq!(world.refusal(paid, NOW), PayRefused::ScheduleCancelled);
    assert_eq!(world.refusal(extend(2), NOW), ExtendRefused::NotExtendable);
    let schedule = world.get::<Schedule>(schedule(1));
    assert!(schedule.has_closed(NOW) && !schedule.is_bookable(NOW));
}

#[test]
fn settling_refunds_what_is_paid_and_ends_what_is_held() {
    let mut world = a_busy_office();
    world.decide(cancelled_by(9), NOW).unwrap();
    let later = NOW + TICK;

    let settled = world.decide(settle(0, 10), later).unwrap();

    let expected = Settled { refunded: 1, released: 1, left: 0, last: Some(reservation(2)) };
    assert_eq!(settled, expected);
    for n in [1, 2] {
        let state = world.get::<Reservation>(reservation(n)).state;
        assert_eq!(state, ReservationState::Cancelled { at: later });
        assert_eq!(world.get::<PointAccount>(user(n)).balance, points(100_000));
    }
    assert!(world.all::<Seat>().all(|seat| seat.state == SeatState::Free));
    assert_eq!(world.get::<Schedule>(schedule(1)).sold_count, 0);
    let nothing = Settled { refunded: 0, released: 0, left: 0, last: None };
    assert_eq!(world.decide(settle(0, 10), later), Ok(nothing));
}

#[test]
fn settling_goes_on_after_the_last_reservation_and_takes_as_many_as_it_has_ids() {
    let mut world = a_busy_office();
    world.decide(hold(3, seats(&[6])), NOW).unwrap();
    world.decide(cancelled_by(9), NOW).unwrap();

    let first = world.clone().decide(settle(0, 2), NOW).unwrap();
    assert_eq!((first.refunded, first.released, first.last), (1, 1, Some(reservation(2))));
    let rest = world.decide(settle(2, 2), NOW).unwrap();
    assert_eq!((rest.refunded, rest.released, rest.last), (0, 1, Some(reservation(3))));
    let overdue = world.decide(settle(1, 2), NOW + HOLD_TIME).unwrap();
    assert_eq!((overdue.released, overdue.last), (1, Some(reservation(2))));
    let state = world.get::<Reservation>(reservation(2)).state;
    assert_eq!(state, ReservationState::Expired, "its time had expired before");
}

#[test]
fn settling_leaves_other_schedules_alone() {
    let mut world = a_busy_office();
    let other = Schedule { id: schedule(2), ..a_schedule() };
    let cancelled = Some(ScheduleCancelled { at: NOW, reason: reason() });
    world = world.with([Schedule { cancelled, ..other }]);

    let settled = world.decide(settle(0, 10), NOW).unwrap();

    assert_eq!(settled, Settled { refunded: 0, released: 0, left: 0, last: None });
}

#[test]
fn a_refund_that_no_balance_has_room_for_keeps_no_other_one_waiting() {
    let mut world = a_busy_office();
    world.decide(pay(2), NOW).unwrap();
    world.decide(cancelled_by(9), NOW).unwrap();
    let mut world = world.with([an_account(1, Points::MAX.get() - 19_999)]);

    let settled = world.decide(settle(0, 10), NOW).unwrap();

    let expected = Settled { refunded: 1, released: 0, left: 1, last: Some(reservation(2)) };
    assert_eq!(settled, expected);
    let state = world.get::<Reservation>(reservation(1)).state;
    assert_eq!(state, ReservationState::Confirmed { at: NOW }, "it is tried again");
}

#[test]
fn holders_of_a_cancelled_schedule_can_cancel_themselves() {
    let mut world = a_busy_office();
    world.decide(cancelled_by(9), NOW).unwrap();

    world.decide(cancel(1), NOW + CANCELLATION_TIME).unwrap();

    let settled = world.decide(settle(0, 10), NOW + CANCELLATION_TIME).unwrap();
    assert_eq!((settled.refunded, settled.released), (0, 1));
    assert_eq!(world.get::<PointAccount>(user(1)).balance, points(100_000));
}

#[test]
fn staff_refund_a_ticket_after_its_deadline_and_release_a_hold() {
    let late = NOW + CANCELLATION_TIME;
    for manager in [7, 9] {
        let mut world = a_busy_office();
        let released = world.decide(ended_by(manager, 2), NOW).unwrap();
        assert_eq!(released.state, ReservationState::Cancelled { at: NOW });
        assert_eq!(world.get::<Seat>(seat(3)).state, SeatState::Free);
        let action_id = action(4);

        let refunded =
            world.decide(CancelByStaff { action_id, ..ended_by(manager, 1) }, late).unwrap();

        assert_eq!(refunded.state, ReservationState::Cancelled { at: late });
        assert_eq!(world.get::<PointAccount>(user(1)).balance, points(100_000));
        let deed = OperatorDeed::ReservationCancelled {
            reservation_id: reservation(1),
            user_id: user(1),
            reason: reason(),
        };
        assert_eq!(world.get::<OperatorAction>(action_id).deed, deed);
    }
}

#[test]
fn refusals_of_staff_come_in_their_order() {
    let too_large = CancelByStaffRefused::Balance(BalanceRefused::TooLarge);
    let rich = a_busy_office().with([an_account(1, Points::MAX.get() - 19_999)]);
    let over = CancelByStaffRefused::NotHeld(NotHeld::Over);
    let table = [
        (a_busy_office(), ended_by(8, 5), NOW, CancelByStaffRefused::ReservationNotFound),
        (rich.clone(), ended_by(8, 1), NOW, CancelByStaffRefused::NotManager),
        (rich.clone(), ended_by(1, 1), NOW, CancelByStaffRefused::NotManager),
        (rich, ended_by(9, 1), NOW, too_large),
        (a_busy_office(), ended_by(7, 2), NOW + HOLD_TIME, over),
    ];
    for (world, command, now, expected) in table {
        assert_eq!(world.refusal(command, now), expected, "{expected}");
    }
    let mut world = a_busy_office();
    world.decide(ended_by(7, 1), NOW).unwrap();
    let again = CancelByStaffRefused::NotHeld(NotHeld::Cancelled);
    assert_eq!(world.refusal(ended_by(7, 1), NOW), again);
}
