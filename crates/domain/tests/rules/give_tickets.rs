//! Complimentary tickets.

use stagedoor_domain::operations::{
    BlockSeats, CancelByStaff, CancelRefused, CancelSchedule, GiveRefused, GiveTickets, NamedSeats,
    SeatBlocking, SettleCancelled, Settled,
};
use stagedoor_domain::{
    ConcertState, Needs, OperatorAction, OperatorDeed, Payment, PointAccount, PointEntry, Points,
    Reason, Reservation, ReservationId, ReservationState, Role, Schedule, ScheduleCancelled, Seat,
    SeatState, Submission, WorkingSet,
};

use uuid::Uuid;

use crate::builders::*;
use crate::world::{World, a_box_office};

/// The box office with user 1, its organizer 9, another organizer 8 and the operator 7.
fn an_office() -> World {
    let staff = [(1, Role::Fan), (7, Role::Operator), (8, Role::Organizer), (9, Role::Organizer)];
    a_box_office().with(staff.map(|(n, role)| a_user(n, role)))
}

fn reason() -> Reason {
    Reason::parse("Guest of the band.").unwrap()
}

/// User 9 gives these seats to user 1 as reservation 50.
fn give(numbers: &[i32]) -> GiveTickets {
    GiveTickets {
        action_id: action(50),
        reservation_id: reservation(50),
        schedule_id: schedule(1),
        manager_id: user(9),
        holder_id: Some(user(1)),
        seats: NamedSeats::Numbers(numbers.to_vec()),
        tickets: new_tickets(5),
        reason: reason(),
    }
}

fn block(numbers: &[i32]) -> BlockSeats {
    BlockSeats {
        action_id: action(60),
        schedule_id: schedule(1),
        manager_id: user(9),
        seats: NamedSeats::Numbers(numbers.to_vec()),
        change: SeatBlocking::Block { reason: reason() },
    }
}

#[test]
fn refusals_come_in_their_order() {
    let of_state = |concert_state| an_office().with([Schedule { concert_state, ..a_schedule() }]);
    let cancelled = || {
        let cancelled = Some(ScheduleCancelled { at: NOW, reason: reason() });
        an_office().with([Schedule { cancelled, ..a_schedule() }])
    };
    let taken = || {
        let mut world = an_office();
        world.decide(hold(2, seats(&[2, 3])), NOW).unwrap();
        world
    };
    let to_none = |numbers: &[i32]| GiveTickets { holder_id: None, ..give(numbers) };
    let unknown = |numbers: &[i32]| GiveTickets { holder_id: Some(user(99)), ..give(numbers) };
    let by_another = GiveTickets { manager_id: user(8), ..to_none(&[99]) };
    let elsewhere = GiveTickets { schedule_id: schedule(9), ..to_none(&[99]) };
    let (draft, ended) = (ConcertState::Draft, ConcertState::Cancelled);
    let table = [
        ("no such schedule", taken(), elsewhere, GiveRefused::ScheduleNotFound),
        ("another organizer", taken(), by_another, GiveRefused::NotManager),
        ("a draft", of_state(draft), to_none(&[99]), GiveRefused::NotPublished),
        ("a cancelled concert", of_state(ended), to_none(&[99]), GiveRefused::ConcertCancelled),
        ("a cancelled schedule", cancelled(), to_none(&[99]), GiveRefused::ScheduleCancelled),
        ("no such seat", taken(), to_none(&[2, 99]), GiveRefused::SeatNotFound),
        ("seats taken", taken(), to_none(&[3, 1, 2]), GiveRefused::SeatsTaken(vec![2, 3])),
        ("no user with the address", taken(), to_none(&[1]), GiveRefused::UserNotFound),
        ("no such user", taken(), unknown(&[1]), GiveRefused::UserNotFound),
    ];
    for (case, world, command, expected) in table {
        assert_eq!(world.refusal(command, NOW), expected, "{case}");
    }
}

#[test]
fn a_user_gets_a_confirmed_reservation_that_costs_nothing() {
    let mut world = an_office();
    world.decide(block(&[2, 5]), NOW).unwrap();
    let balance = world.get::<PointAccount>(user(1)).clone();

    let given = world.decide(give(&[2, 1]), NOW + TICK).unwrap();

    assert!(given.is_complimentary());
    assert_eq!((given.user_id, given.total_price), (user(1), Points::ZERO));
    assert_eq!(given.state, ReservationState::Confirmed { at: NOW + TICK });
    assert!(given.seats.iter().all(|seat| seat.price == Points::ZERO));
    for n in [1, 2] {
        let sold = SeatState::Sold { reservation_id: reservation(50) };
        assert_eq!(world.get::<Seat>(seat(n)).state, sold);
    }
    let schedule = world.get::<Schedule>(schedule(1));
    assert_eq!((schedule.sold_count, schedule.blocked_count), (2, 1));
    assert_eq!(world.get::<PointAccount>(user(1)), &balance);
    assert_eq!((world.all::<Payment>().count(), world.all::<PointEntry>().count()), (0, 0));
    let record = world.get::<OperatorAction>(action(50));
    let deed = OperatorDeed::TicketsGiven {
        reservation_id: reservation(50),
        user_id: user(1),
        reason: reason(),
    };
    assert_eq!((record.operator_id, &record.deed), (user(9), &deed));
}

#[test]
fn complimentary_tickets_do_not_count_against_the_limit() {
    let mut world = an_office();
    world.decide(give(&[1, 2, 3, 4]), NOW).unwrap();

    assert!(world.decide(hold(1, seats(&[5, 6, 7, 8])), NOW).is_ok());
}

/// An operator cancels reservation 50.
fn cancel_by_staff() -> CancelByStaff {
    CancelByStaff {
        action_id: action(51),
        entry_id: entry(1),
        reservation_id: reservation(50),
        manager_id: user(7),
        reason: reason(),
    }
}

#[test]
fn cancelling_complimentary_tickets_needs_no_payment_and_no_account() {
    let mut world = an_office();
    let given = world.decide(give(&[1]), NOW).unwrap();
    let mut set = WorkingSet::new();
    set.load([given]);

    let besides = Needs::besides(&[Submission::new(cancel_by_staff())], &set, NOW).unwrap();

    assert!(besides.payments_of.is_empty() && besides.accounts.is_empty(), "{besides:?}");
    let cancelled = Some(ScheduleCancelled { at: NOW, reason: reason() });
    set.load([Schedule { cancelled, ..a_schedule() }]);
    let entry_ids = vec![entry(1)];
    let settle = SettleCancelled { after: ReservationId(Uuid::nil()), entry_ids };
    let besides = Needs::besides(&[Submission::new(settle)], &set, NOW).unwrap();
    assert!(besides.payments_of.is_empty() && besides.accounts.is_empty(), "{besides:?}");
}

#[test]
fn staff_cancel_complimentary_tickets_and_the_holder_does_not() {
    let mut world = an_office();
    world.decide(give(&[1, 2]), NOW).unwrap();
    assert_eq!(world.refusal(cancel(50), NOW), CancelRefused::ReservationNotFound);
    let own = stagedoor_domain::operations::CancelReservation { user_id: user(1), ..cancel(50) };
    assert_eq!(world.refusal(own, NOW), CancelRefused::Complimentary);

    let cancelled = world.decide(cancel_by_staff(), NOW + TICK).unwrap();

    assert_eq!(cancelled.state, ReservationState::Cancelled { at: NOW + TICK });
    assert_eq!(world.get::<Seat>(seat(1)).state, SeatState::Free);
    assert_eq!(world.get::<Schedule>(schedule(1)).sold_count, 0);
    assert_eq!(world.all::<PointEntry>().count(), 0);
}

#[test]
fn complimentary_tickets_of_a_cancelled_schedule_end_without_a_refund() {
    let mut world = an_office();
    world.decide(give(&[1, 2]), NOW).unwrap();
    let cancel = CancelSchedule {
        action_id: action(52),
        schedule_id: schedule(1),
        manager_id: user(9),
        reason: reason(),
    };
    world.decide(cancel, NOW).unwrap();

    let settle = SettleCancelled { after: reservation(0), entry_ids: vec![entry(1)] };
    let settled = world.decide(settle, NOW + TICK).unwrap();

    let last = Some(reservation(50));
    assert_eq!(settled, Settled { refunded: 0, released: 1, left: 0, last });
    let state = world.get::<Reservation>(reservation(50)).state;
    assert_eq!(state, ReservationState::Cancelled { at: NOW + TICK });
    assert_eq!(world.get::<Seat>(seat(2)).state, SeatState::Free);
    assert_eq!(world.all::<PointEntry>().count(), 0);
}
