//! Checking tickets in at the door (rule 24).

use stagedoor_domain::operations::{
    CancelRefused, CancelTicketRefused, CheckInRefused, CheckInTicket, TransferRefused,
    UndoCheckInRefused,
};
use stagedoor_domain::ticket::VoidReason;
use stagedoor_domain::{
    CheckIn, Concert, ConcertState, Event, Idempotency, Instant, OperatorAction, OperatorDeed,
    Refusal, Role, Schedule, ScheduleCancelled, Submission, Ticket, TicketState,
};

use crate::builders::*;
use crate::manage_schedule::ended_by;
use crate::world::{World, a_box_office};

/// When the doors are open and booking can still be cancelled.
const EVENING: Instant = NOW;

/// User 1 has paid for seats 1 and 2 of a performance in three hours with tickets 10 and 11. User 7 works at its
/// door; user 8 works at the doors of other concerts.
fn an_evening() -> World {
    let mut world = a_box_office()
        .with([1, 2].map(|n| a_user(n, Role::Fan)))
        .with([7, 8].map(|n| a_user(n, Role::Door)))
        .with([a_user(9, Role::Organizer), a_user(6, Role::Operator)])
        .with([door_staff(7)])
        .with([a_concert()]);
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    world.decide(pay(1), NOW).unwrap();
    let schedule = world.get::<Schedule>(schedule(1)).clone();
    let starts_at = EVENING + seconds(3 * 3_600);
    world.with([Schedule { starts_at, ends_at: starts_at + seconds(7_200), ..schedule }])
}

/// The same after ticket 10 was scanned at the north gate.
fn one_is_in() -> World {
    let mut world = an_evening();
    world.decide(check_in(10, 7, EVENING), EVENING).unwrap();
    world
}

fn at_the_north_gate(scanned_at: Instant) -> CheckIn {
    CheckIn { scanned_at, door: a_door("North gate"), user_id: user(7) }
}

fn events_of_tickets(world: &World) -> Vec<(u128, i64, &'static str)> {
    let of_tickets = world.all::<Event>().filter(|it| it.kind.as_str().starts_with("ticket"));
    of_tickets.map(|it| (it.id.subject_id.as_u128(), it.id.number, it.kind.as_str())).collect()
}

#[test]
fn a_scanned_ticket_lets_its_holder_in() {
    let mut world = an_evening();

    let ticket_in = world.decide(check_in(10, 7, EVENING), EVENING).unwrap();

    assert_eq!(ticket_in.state, TicketState::CheckedIn(at_the_north_gate(EVENING)));
    assert_eq!(*world.get::<Ticket>(ticket(10)), ticket_in);
    assert!(world.get::<Ticket>(ticket(11)).is_valid());
    assert_eq!(events_of_tickets(&world), [(10, 1, "ticket.checked_in")]);
}

#[test]
fn the_second_scan_tells_when_and_where_the_first_one_was() {
    let mut world = one_is_in();
    let later = EVENING + seconds(60);
    let second = CheckInTicket { door: a_door("South gate"), ..check_in(10, 6, later) };

    let refused = world.refusal(second, later);

    assert_eq!(refused, CheckInRefused::AlreadyCheckedIn(at_the_north_gate(EVENING)));
    assert!(!refused.is_final(), "the first scan may be undone");
    world.decide(check_in(11, 6, later), later).unwrap();
}

#[test]
fn of_two_scans_in_one_batch_the_first_one_counts() {
    let mut world = an_evening();
    let south = CheckInTicket { door: a_door("South gate"), ..check_in(10, 7, EVENING) };

    let verdicts = world.decide_batch(&[south.clone(), check_in(10, 7, EVENING)], EVENING);

    let first = CheckIn { door: south.door, ..at_the_north_gate(EVENING) };
    assert_eq!(verdicts[0].as_ref().unwrap().check_in(), Some(&first));
    assert_eq!(verdicts[1], Err(CheckInRefused::AlreadyCheckedIn(first)));
}

#[test]
fn refusals_of_a_check_in_come_in_their_order() {
    let opens_at = EVENING + seconds(3 * 3_600) - Schedule::DOORS_BEFORE;
    let (early, late) = (opens_at - seconds(1), EVENING + seconds(5 * 3_600));
    let of_draft = || {
        let draft = Concert { state: ConcertState::Draft, ..a_concert() };
        let schedule = an_evening().get::<Schedule>(schedule(1)).clone();
        let concert_state = ConcertState::Draft;
        an_evening().with([draft]).with([Schedule { concert_state, ..schedule }])
    };
    let cancelled = || {
        let schedule = an_evening().get::<Schedule>(schedule(1)).clone();
        let reason = undo_check_in(10, 7).reason;
        let cancelled = Some(ScheduleCancelled { at: NOW, reason });
        an_evening().with([Schedule { cancelled, ..schedule }])
    };
    let voided = || {
        let mut world = an_evening();
        world.decide(transfer(10, 1, 2), NOW).unwrap();
        world
    };
    let unknown = |n, at| CheckInTicket { ticket_id: None, ..check_in(10, n, at) };
    let elsewhere = CheckInTicket { schedule_id: schedule(99), ..check_in(10, 7, early) };
    let table = [
        (an_evening(), elsewhere, CheckInRefused::ScheduleNotFound),
        (of_draft(), check_in(10, 8, early), CheckInRefused::ScheduleNotFound),
        (an_evening(), unknown(1, early), CheckInRefused::NotStaff),
        (an_evening(), unknown(8, early), CheckInRefused::NotStaff),
        (an_evening(), unknown(7, early), CheckInRefused::DoorsClosed),
        (an_evening(), unknown(7, late), CheckInRefused::DoorsClosed),
        (cancelled(), unknown(7, EVENING), CheckInRefused::DoorsClosed),
        (an_evening(), unknown(7, EVENING), CheckInRefused::TicketNotFound),
        (an_evening(), check_in(99, 7, EVENING), CheckInRefused::TicketNotFound),
        (voided(), check_in(10, 7, EVENING), CheckInRefused::TicketVoid),
    ];
    for (world, command, expected) in table {
        assert_eq!(world.refusal(command, late), expected, "{expected}");
    }
}

#[test]
fn a_ticket_of_another_date_is_refused_with_its_start_if_the_concert_is_the_same() {
    let other = |concert_id| Schedule { id: schedule(2), concert_id, ..a_schedule() };
    let at_schedule_2 = CheckInTicket { schedule_id: schedule(2), ..check_in(10, 6, EVENING) };
    let opens_now = |other: Schedule| Schedule { starts_at: EVENING + seconds(60), ..other };
    let starts_at = EVENING + seconds(3 * 3_600);
    let other_concert = Concert { id: concert(2), ..a_concert() };

    let same = an_evening().with([opens_now(other(concert(1)))]);
    let another = an_evening().with([other_concert]).with([opens_now(other(concert(2)))]);

    let refused = |world: World| world.refusal(at_schedule_2.clone(), EVENING);
    assert_eq!(refused(same), CheckInRefused::OtherDate(Some(starts_at)));
    assert_eq!(refused(another), CheckInRefused::OtherDate(None));
}

#[test]
fn operators_the_organizer_and_the_assigned_staff_check_in() {
    for staff in [6, 7, 9] {
        an_evening().decide(check_in(10, staff, EVENING), EVENING).unwrap();
    }
    let mut of_organizer = an_evening().with([a_user(9, Role::Door)]);
    of_organizer.decide(check_in(10, 9, EVENING), EVENING).unwrap();
    let dismissed = an_evening().with([a_user(7, Role::Fan)]);
    assert_eq!(dismissed.refusal(check_in(10, 7, EVENING), EVENING), CheckInRefused::NotStaff);
}

#[test]
fn a_scan_that_was_sent_later_counts_when_it_was_made() {
    let mut world = an_evening();
    let next_day = EVENING + seconds(86_400);

    let late = world.decide(check_in(10, 7, EVENING), next_day).unwrap();

    assert_eq!(late.check_in(), Some(&at_the_north_gate(EVENING)));
}

#[test]
fn a_device_whose_clock_is_ahead_scanned_now() {
    let mut world = an_evening();

    let ahead = world.decide(check_in(10, 7, EVENING + seconds(9_999_999)), EVENING).unwrap();

    assert_eq!(ahead.check_in(), Some(&at_the_north_gate(EVENING)));
}

#[test]
fn a_repeated_scan_answers_what_it_answered() {
    let mut world = an_evening();
    let key = Idempotency { owner: user(7), key: "scan-1".into(), fingerprint: "a".into() };
    let submission = Submission { command: check_in(10, 7, EVENING), key: Some(key) };

    let submissions = [submission];
    let first = world.submit(&submissions, EVENING);
    let again = world.submit(&submissions, EVENING + seconds(60));

    assert_eq!(first, again);
    assert!(first[0].is_ok());
}

#[test]
fn a_check_in_is_taken_back_with_a_reason_and_can_be_made_again() {
    let mut world = one_is_in();

    let back = world.decide(undo_check_in(10, 7), EVENING).unwrap();

    assert_eq!(back.state, TicketState::Valid);
    let deeds: Vec<_> =
        world.all::<OperatorAction>().map(|it| (it.operator_id, &it.deed)).collect();
    let reason = undo_check_in(10, 7).reason;
    let undone = OperatorDeed::CheckInUndone { ticket_id: ticket(10), user_id: user(1), reason };
    assert_eq!(deeds, [(user(7), &undone)]);
    world.decide(check_in(10, 6, EVENING), EVENING).unwrap();
    let told = [
        (10, 1, "ticket.checked_in"),
        (10, 2, "ticket.check_in_undone"),
        (10, 3, "ticket.checked_in"),
    ];
    assert_eq!(events_of_tickets(&world), told);
}

#[test]
fn refusals_to_take_a_check_in_back_come_in_their_order() {
    let voided = || {
        let mut world = one_is_in();
        world.decide(ended_by(9, 1), EVENING).unwrap();
        world
    };
    let table = [
        (an_evening(), undo_check_in(99, 1), UndoCheckInRefused::TicketNotFound),
        (an_evening(), undo_check_in(10, 1), UndoCheckInRefused::NotStaff),
        (one_is_in(), undo_check_in(10, 8), UndoCheckInRefused::NotStaff),
        (an_evening(), undo_check_in(10, 7), UndoCheckInRefused::NotCheckedIn),
        (one_is_in(), undo_check_in(11, 7), UndoCheckInRefused::NotCheckedIn),
        (voided(), undo_check_in(10, 7), UndoCheckInRefused::NotCheckedIn),
    ];
    for (world, command, expected) in table {
        assert_eq!(world.refusal(command, EVENING), expected, "{expected}");
    }
}

#[test]
fn the_holder_of_a_used_ticket_neither_transfers_nor_cancels_it() {
    let world = one_is_in();

    assert_eq!(world.refusal(transfer(10, 1, 2), EVENING), TransferRefused::CheckedIn);
    assert_eq!(world.refusal(cancel_ticket(10, 1), EVENING), CancelTicketRefused::CheckedIn);
    assert_eq!(world.refusal(cancel(1), EVENING), CancelRefused::CheckedIn);
    one_is_in().decide(transfer(11, 1, 2), EVENING).unwrap();
    one_is_in().decide(cancel_ticket(11, 1), EVENING).unwrap();
}

#[test]
fn staff_cancel_a_reservation_also_when_a_ticket_of_it_is_used() {
    let mut world = one_is_in();

    world.decide(ended_by(9, 1), EVENING).unwrap();

    let state = TicketState::Void { at: EVENING, reason: VoidReason::ReservationCancelled };
    assert_eq!(world.get::<Ticket>(ticket(10)).state, state);
    assert_eq!(world.get::<Ticket>(ticket(11)).state, state);
}

#[test]
fn the_end_of_a_ticket_has_a_higher_number_than_its_check_ins() {
    let mut world = one_is_in();
    world.decide(undo_check_in(10, 7), EVENING).unwrap();

    world.decide(transfer(10, 1, 2), EVENING).unwrap();

    assert_eq!(events_of_tickets(&world).last(), Some(&(10, 3, "ticket.transferred")));
}
