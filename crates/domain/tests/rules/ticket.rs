//! One ticket for each paid seat (rule 22).

use stagedoor_domain::operations::{
    CancelRefused, CancelTicketRefused, RepairTickets, TransferRefused, TransferTicket,
};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::ticket::VoidReason;
use stagedoor_domain::{
    Event, Points, Reason, Reservation, ReservationState, Role, Schedule, ScheduleCancelled, Seat,
    SeatState, Ticket, TicketState, UserId,
};

use crate::builders::*;
use crate::world::{World, a_box_office};

/// User 1 has paid for seats 1 and 2 with tickets 10 and 11.
fn two_tickets() -> World {
    let mut world = a_box_office().with([1, 2, 3].map(|n| a_user(n, Role::Fan)));
    world.decide(hold(1, seats(&[1, 2])), NOW).unwrap();
    world.decide(pay(1), NOW).unwrap();
    world
}

fn void(reason: VoidReason) -> TicketState {
    TicketState::Void { at: NOW, reason }
}

fn the_state_of(world: &World, n: u128) -> TicketState {
    world.get::<Ticket>(ticket(n)).state.clone()
}

fn a_cancelled_schedule() -> Schedule {
    let reason = Reason::parse("The singer is ill.").unwrap();
    Schedule { cancelled: Some(ScheduleCancelled { at: NOW, reason }), ..a_schedule() }
}

#[test]
fn a_payment_issues_a_ticket_for_each_seat() {
    let world = two_tickets();

    let tickets: Vec<_> = world.all::<Ticket>().collect();
    let seats: Vec<_> = tickets.iter().map(|ticket| ticket.seat_id).collect();
    assert_eq!(seats, [seat(1), seat(2)]);
    let expected = Ticket {
        id: ticket(10),
        number: new_ticket(10).number,
        reservation_id: reservation(1),
        concert_id: concert(1),
        schedule_id: schedule(1),
        seat_id: seat(1),
        holder_id: user(1),
        issued_at: NOW,
        state: TicketState::Valid,
        version: 0,
    };
    assert_eq!(*tickets[0], expected);
    assert!(world.get::<Reservation>(reservation(1)).tickets_issued);
}

#[test]
fn refusals_of_a_transfer_come_in_their_order() {
    let ended = || two_tickets().with([Schedule { ends_at: NOW, ..a_schedule() }]);
    let cancelled = || two_tickets().with([a_cancelled_schedule()]);
    let voided = || {
        let mut world = ended();
        world.decide(cancel(1), NOW).unwrap();
        world
    };
    let to = |recipient_id: Option<UserId>| TransferTicket { recipient_id, ..transfer(10, 1, 2) };
    let table = [
        (voided(), transfer(99, 1, 2), TransferRefused::TicketNotFound),
        (voided(), transfer(10, 2, 1), TransferRefused::TicketNotFound),
        (voided(), to(None), TransferRefused::TicketVoid),
        (ended(), to(None), TransferRefused::Ended),
        (cancelled(), to(None), TransferRefused::Ended),
        (two_tickets(), to(None), TransferRefused::UserNotFound),
        (two_tickets(), transfer(10, 1, 7), TransferRefused::UserNotFound),
        (two_tickets(), transfer(10, 1, 1), TransferRefused::OwnTicket),
    ];
    for (world, command, expected) in table {
        assert_eq!(world.refusal(command, NOW), expected, "{expected}");
    }
}

#[test]
fn a_transferred_ticket_is_void_at_once_and_the_other_user_has_a_new_one() {
    let mut world = two_tickets();

    let old = world.decide(transfer(10, 1, 2), NOW).unwrap();

    assert_eq!(old.state, void(VoidReason::Transferred));
    assert_eq!(*world.get::<Ticket>(ticket(10)), old);
    let new = world.get::<Ticket>(ticket(1_010));
    assert_eq!((new.holder_id, new.seat_id), (user(2), seat(1)));
    assert_eq!(new.state, TicketState::Valid);
    assert_eq!(new.number, new_ticket(1_010).number);
    assert_eq!(world.refusal(transfer(10, 1, 3), NOW), TransferRefused::TicketVoid);
    world.decide(transfer(1_010, 2, 3), NOW).unwrap();
    assert_eq!(world.get::<Ticket>(ticket(2_010)).holder_id, user(3));
}

#[test]
fn refusals_to_cancel_a_seat_come_in_their_order() {
    let closes_at = NOW + CANCELLATION_TIME;
    let rich = || two_tickets().with([an_account(1, Points::MAX.get() - 9_999)]);
    let transferred = || {
        let mut world = rich();
        world.decide(transfer(10, 1, 2), NOW).unwrap();
        world
    };
    let of_reservation = CancelTicketRefused::Reservation;
    let table = [
        (transferred(), cancel_ticket(99, 1), closes_at, CancelTicketRefused::TicketNotFound),
        (transferred(), cancel_ticket(11, 2), closes_at, CancelTicketRefused::TicketNotFound),
        (transferred(), cancel_ticket(10, 1), closes_at, CancelTicketRefused::TicketVoid),
        (transferred(), cancel_ticket(1_010, 2), closes_at, CancelTicketRefused::NotPayer),
        (
            rich(),
            cancel_ticket(10, 1),
            closes_at,
            of_reservation(CancelRefused::CancellationClosed),
        ),
        (
            rich(),
            cancel_ticket(10, 1),
            NOW,
            of_reservation(CancelRefused::Balance(BalanceRefused::TooLarge)),
        ),
    ];
    for (world, command, now, expected) in table {
        assert_eq!(world.refusal(command, now), expected, "{expected}");
    }
}

#[test]
fn one_seat_is_cancelled_and_the_others_stay_paid() {
    let mut world = two_tickets();

    let refunded = world.decide(cancel_ticket(10, 1), NOW).unwrap();

    assert_eq!(refunded.entry.amount, points(10_000));
    assert_eq!(refunded.entry.balance_after, points(90_000));
    let left: Vec<_> = refunded.reservation.seats.iter().map(|seat| seat.id).collect();
    assert_eq!(left, [seat(2)]);
    assert_eq!(refunded.reservation.total_price, points(10_000));
    assert_eq!(refunded.reservation.state, ReservationState::Confirmed { at: NOW });
    assert_eq!(the_state_of(&world, 10), void(VoidReason::SeatCancelled));
    assert_eq!(the_state_of(&world, 11), TicketState::Valid);
    assert_eq!(world.get::<Seat>(seat(1)).state, SeatState::Free);
    assert_eq!(world.get::<Schedule>(schedule(1)).sold_count, 1);
    world.decide(hold(2, seats(&[1])), NOW).unwrap();
}

#[test]
fn the_last_seat_cancels_its_reservation() {
    let mut world = two_tickets();
    world.decide(cancel_ticket(10, 1), NOW).unwrap();

    let refunded = world.decide(cancel_ticket(11, 1), NOW).unwrap();

    assert_eq!(refunded.reservation.state, ReservationState::Cancelled { at: NOW });
    assert_eq!(refunded.entry.balance_after, points(100_000));
    assert_eq!(the_state_of(&world, 11), void(VoidReason::ReservationCancelled));
    assert_eq!(world.get::<Schedule>(schedule(1)).sold_count, 0);
}

#[test]
fn a_reservation_is_not_cancelled_while_another_user_has_one_of_its_tickets() {
    let mut world = two_tickets();
    world.decide(transfer(10, 1, 2), NOW).unwrap();

    assert_eq!(world.refusal(cancel(1), NOW), CancelRefused::TicketTransferred);
    world.decide(cancel_ticket(11, 1), NOW).unwrap();
    world.decide(transfer(1_010, 2, 1), NOW).unwrap();
    let refunded = world.decide(cancel(1), NOW).unwrap();

    assert_eq!(refunded.entry.balance_after, points(100_000));
    assert_eq!(the_state_of(&world, 1_010), void(VoidReason::Transferred));
    assert_eq!(the_state_of(&world, 2_010), void(VoidReason::ReservationCancelled));
}

#[test]
fn the_end_of_a_ticket_is_told_unless_its_reservation_ends() {
    let mut world = two_tickets();
    world.decide(transfer(10, 1, 2), NOW).unwrap();
    world.decide(transfer(1_010, 2, 1), NOW).unwrap();
    world.decide(cancel_ticket(11, 1), NOW).unwrap();
    world.decide(cancel(1), NOW).unwrap();

    let told: Vec<_> = world
        .all::<Event>()
        .filter(|event| event.kind.as_str().starts_with("ticket"))
        .map(|event| (event.id.subject_id.as_u128(), event.kind.as_str()))
        .collect();
    let expected =
        [(10, "ticket.transferred"), (11, "ticket.cancelled"), (1_010, "ticket.transferred")];
    assert_eq!(told, expected);
}

#[test]
fn what_an_older_program_confirmed_gets_its_tickets_once() {
    let mut world = two_tickets();
    let mut paid = world.get::<Reservation>(reservation(1)).clone();
    paid.tickets_issued = false;
    let mut older = a_box_office().with([paid]).with(world.all::<Seat>().cloned());
    let command = RepairTickets { tickets: vec![new_tickets(3), new_tickets(4)] };

    let issued = older.decide(command.clone(), NOW);
    let again = older.decide(command.clone(), NOW);

    assert_eq!((issued, again), (Ok(1), Ok(0)));
    let tickets: Vec<_> = older.all::<Ticket>().map(|it| (it.id, it.seat_id)).collect();
    assert_eq!(tickets, [(ticket(30), seat(1)), (ticket(31), seat(2))]);
    assert_eq!(world.decide(command, NOW), Ok(0));
}

#[test]
fn what_an_older_program_cancelled_loses_its_tickets() {
    let mut world = two_tickets();
    let state = ReservationState::Cancelled { at: NOW };
    let cancelled = Reservation { state, ..world.get::<Reservation>(reservation(1)).clone() };
    world = world.with([cancelled]);
    let command = RepairTickets { tickets: vec![new_tickets(3), new_tickets(4)] };

    assert_eq!(world.decide(command.clone(), NOW), Ok(1));
    assert_eq!(world.decide(command, NOW), Ok(0));
    assert_eq!(the_state_of(&world, 10), void(VoidReason::ReservationCancelled));
    assert_eq!(world.all::<Ticket>().count(), 2);
}
