//! Tickets: which seats they admit to, how they end, and what comes back for seats that are cancelled.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use stagedoor_domain::operations::{
    CancelByStaff, CancelReservation, CancelTicket, GiveTickets, Pay, SettleCancelled,
    TransferTicket,
};
use stagedoor_domain::ticket::VoidReason;
use stagedoor_domain::{
    Command, Event, EventKind, Payment, PaymentId, PointEntry, PointKind, Points, Reservation,
    ReservationId, ReservationState, Seat, SeatId, SeatState, Ticket, TicketState, WorkingSet,
};

use super::{Checks, Commit, changed};

impl Checks {
    pub(super) fn check_tickets(&self, commit: &Commit<'_>) {
        for (before, after) in changed(&self.tickets, commit.set) {
            match before {
                Some(before) => check_end(before, after, commit),
                None => check_issue(after, commit),
            }
        }
        check_seats(commit.set);
        for (before, after) in changed(&self.reservations, commit.set) {
            if let Some(before) = before {
                check_seats_taken_off(before, after, commit.set);
            }
        }
        self.check_refunds(commit);
    }

    /// What was paid is the price of the seats that are still paid, and what came back.
    fn check_refunds(&self, commit: &Commit<'_>) {
        let changed: HashSet<ReservationId> = changed(&self.reservations, commit.set)
            .into_iter()
            .map(|(_, after)| after.id)
            .collect();
        let paid = commit.set.all::<Payment>().filter(|it| changed.contains(&it.reservation_id));
        let paid: Vec<_> = paid.collect();
        let mut refunds: BTreeMap<PaymentId, i64> = BTreeMap::new();
        for entry in commit.set.all::<PointEntry>().filter(|it| it.kind == PointKind::Refund) {
            if let Some(id) = entry.payment_id {
                *refunds.entry(id).or_default() += entry.amount.get();
            }
        }
        for payment in paid {
            let of = commit.set.require::<Reservation>(&payment.reservation_id).unwrap();
            let is_paid = matches!(of.state, ReservationState::Confirmed { .. });
            let left = if is_paid { of.total_price.get() } else { 0 };
            let refunded = refunds.get(&payment.id).copied().unwrap_or_default();
            assert_eq!(left + refunded, payment.amount.get(), "{payment:?} of {of:?}");
        }
    }

    /// A ticket's event that a receiver gets tells of how it ended.
    pub(super) fn check_event_of_ticket(&self, event: &Event) {
        let mut tickets = self.tickets.values();
        let ticket = tickets.find(|ticket| ticket.id.0 == event.id.subject_id);
        let told = ticket.and_then(event_of);
        assert_eq!(told, Some(event.kind), "{event:?} was received, of {ticket:?}");
    }
}

/// The end of a ticket by itself has its event, and no other has one.
pub(super) fn check_events(set: &WorkingSet) {
    let mut told: BTreeMap<_, Vec<EventKind>> = BTreeMap::new();
    for event in set.all::<Event>().filter(|event| is_of_ticket(event.kind)) {
        told.entry(event.id.subject_id).or_default().push(event.kind);
    }
    for ticket in set.all::<Ticket>() {
        let events = told.remove(&ticket.id.0).unwrap_or_default();
        let expected: Vec<_> = event_of(ticket).into_iter().collect();
        assert_eq!(events, expected, "the events of {ticket:?}");
    }
    assert!(told.is_empty(), "{told:?} are of no ticket");
}

pub(super) fn is_of_ticket(kind: EventKind) -> bool {
    kind.as_str().starts_with("ticket.")
}

fn event_of(ticket: &Ticket) -> Option<EventKind> {
    match ticket.state {
        TicketState::Void { reason: VoidReason::Transferred, .. } => {
            Some(EventKind::TicketTransferred)
        }
        TicketState::Void { reason: VoidReason::SeatCancelled, .. } => {
            Some(EventKind::TicketCancelled)
        }
        TicketState::Void { reason: VoidReason::ReservationCancelled, .. } | TicketState::Valid => {
            None
        }
    }
}

/// A ticket is issued with a payment or a gift to the holder of the reservation, or to a recipient in the place of
/// another one, which ended at the same instant.
fn check_issue(ticket: &Ticket, commit: &Commit<'_>) {
    let issuers = [Pay::NAME, GiveTickets::NAME, TransferTicket::NAME];
    assert!(issuers.contains(&commit.name), "{} issued {ticket:?}", commit.name);
    assert_eq!(ticket.issued_at, commit.now, "{ticket:?}");
    let of = commit.set.require::<Reservation>(&ticket.reservation_id).unwrap();
    let is_of = (ticket.concert_id, ticket.schedule_id) == (of.concert_id, of.schedule_id);
    assert!(is_of, "{ticket:?} is of {of:?}");
    if commit.name == TransferTicket::NAME {
        check_predecessor(ticket, commit.set);
    } else {
        assert_eq!((ticket.holder_id, ticket.state), (of.user_id, TicketState::Valid), "{of:?}");
    }
}

fn check_predecessor(ticket: &Ticket, set: &WorkingSet) {
    let ended = TicketState::Void { at: ticket.issued_at, reason: VoidReason::Transferred };
    let is_before = |old: &Ticket| {
        old.id != ticket.id
            && old.state == ended
            && (old.reservation_id, old.seat_id) == (ticket.reservation_id, ticket.seat_id)
            && old.holder_id != ticket.holder_id
    };
    assert!(set.all::<Ticket>().any(is_before), "{ticket:?} was issued in no other's place");
}

/// A valid ticket ends once, at the instant of the commit, for what was done. A void one never changes again.
fn check_end(before: &Ticket, after: &Ticket, commit: &Commit<'_>) {
    let TicketState::Void { at, reason } = after.state else {
        panic!("{before:?} became {after:?}");
    };
    let causes: &[&str] = match reason {
        VoidReason::Transferred => &[TransferTicket::NAME],
        VoidReason::SeatCancelled => &[CancelTicket::NAME],
        VoidReason::ReservationCancelled => &[
            CancelReservation::NAME,
            CancelTicket::NAME,
            CancelByStaff::NAME,
            SettleCancelled::NAME,
        ],
    };
    let is_caused = causes.contains(&commit.name) && at == commit.now;
    assert!(before.is_valid() && is_caused, "{} made {before:?} {after:?}", commit.name);
    assert_eq!(Ticket { state: before.state, ..after.clone() }, *before, "it only ends");
}

/// Each seat of a confirmed reservation has one valid ticket, and no other ticket is valid. Of the tickets that a seat of
/// a reservation had, all but one were transferred. Numbers are unique.
fn check_seats(set: &WorkingSet) {
    let mut admitted: BTreeSet<(ReservationId, SeatId)> = BTreeSet::new();
    let (mut last, mut numbers) = (HashSet::new(), HashSet::new());
    for ticket in set.all::<Ticket>() {
        let seat = (ticket.reservation_id, ticket.seat_id);
        assert!(numbers.insert(ticket.number), "{ticket:?} has the number of another one");
        if event_of(ticket) != Some(EventKind::TicketTransferred) {
            assert!(last.insert(seat), "{ticket:?} is a second one of its seat");
        }
        if ticket.is_valid() {
            admitted.insert(seat);
        }
    }
    let is_paid = |it: &&Reservation| matches!(it.state, ReservationState::Confirmed { .. });
    let paid = set.all::<Reservation>().filter(is_paid);
    let paid: BTreeSet<_> =
        paid.flat_map(|it| it.seats.iter().map(|seat| (it.id, seat.id))).collect();
    assert_eq!(admitted, paid, "the seats of valid tickets, and those that are paid");
}

/// A seat that was taken off a reservation is free at once, and its price is gone from the reservation's.
fn check_seats_taken_off(before: &Reservation, after: &Reservation, set: &WorkingSet) {
    let is_left = |id: SeatId| after.seats.iter().any(|seat| seat.id == id);
    for seat in before.seats.iter().filter(|seat| !is_left(seat.id)) {
        let state = set.require::<Seat>(&seat.id).unwrap().state;
        assert_eq!(state, SeatState::Free, "{seat:?} was taken off {after:?}");
    }
}

/// Whether seats were taken off a reservation, and nothing but its price changed with them.
pub(super) fn is_rid_of_seats(before: &Reservation, after: &Reservation) -> bool {
    let left: Vec<_> =
        before.seats.iter().filter(|seat| after.seats.contains(seat)).cloned().collect();
    let is_fewer = !left.is_empty() && left.len() < before.seats.len();
    let price = left.iter().try_fold(Points::ZERO, |sum, seat| sum.checked_add(seat.price));
    let expected = Reservation {
        seats: left,
        total_price: price.expect("fewer seats cost less"),
        ..before.clone()
    };
    is_fewer && expected == *after
}
