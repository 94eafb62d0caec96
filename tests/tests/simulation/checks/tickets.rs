//! Tickets: which seats they admit to, who comes in with them, how they end, and what comes back for seats that are cancelled.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use stagedoor_domain::operations::{
    CancelByStaff, CancelReservation, CancelTicket, CheckInTicket, GiveTickets, Pay,
    SettleCancelled, TransferTicket, UndoCheckIn,
};
use stagedoor_domain::ticket::VoidReason;
use stagedoor_domain::{
    Command, Event, EventKind, Payment, PaymentId, PointEntry, PointKind, Points, Reservation,
    ReservationId, ReservationState, Schedule, Seat, SeatId, SeatState, Ticket, TicketId,
    TicketState, WorkingSet,
};
use time::Duration;

use super::{Checks, Commit, changed};

impl Checks {
    pub(super) fn check_tickets(&mut self, commit: &Commit<'_>) {
        for (before, after) in changed(&self.tickets, commit.set) {
            let Some(before) = before else {
                check_issue(after, commit);
                continue;
            };
            check_change(before, after, commit);
            let told = kind_of(before, after).map(|kind| (after.version, kind));
            self.of_tickets.entry(after.id).or_default().extend(told);
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

    /// A ticket's event that a receiver gets tells of something that happened.
    pub(super) fn check_event_of_ticket(&self, event: &Event) {
        let of = self.of_tickets.get(&TicketId(event.id.subject_id));
        let told = of.and_then(|of| of.get(&event.id.number));
        assert_eq!(told, Some(&event.kind), "{event:?} was received, of {of:?}");
    }

    /// Each check-in, what took it back, and the end of a ticket by itself has its event, and nothing else has one.
    pub(super) fn check_events_of_tickets(&self, set: &WorkingSet) {
        let mut told: HashMap<TicketId, BTreeMap<i64, EventKind>> = HashMap::new();
        for event in set.all::<Event>().filter(|event| is_of_ticket(event.kind)) {
            let of = told.entry(TicketId(event.id.subject_id)).or_default();
            of.insert(event.id.number, event.kind);
        }
        for (id, expected) in &self.of_tickets {
            let of = told.remove(id).unwrap_or_default();
            assert_eq!(of, *expected, "the events of {:?}", set.get::<Ticket>(id));
        }
        assert!(told.is_empty(), "{told:?} are of no change");
    }
}

pub(super) fn is_of_ticket(kind: EventKind) -> bool {
    kind.as_str().starts_with("ticket.")
}

/// What is told of a change.
fn kind_of(before: &Ticket, after: &Ticket) -> Option<EventKind> {
    match (&before.state, &after.state) {
        (_, TicketState::Void { reason: VoidReason::Transferred, .. }) => {
            Some(EventKind::TicketTransferred)
        }
        (_, TicketState::Void { reason: VoidReason::SeatCancelled, .. }) => {
            Some(EventKind::TicketCancelled)
        }
        (_, TicketState::Void { reason: VoidReason::ReservationCancelled, .. }) => None,
        (_, TicketState::CheckedIn(_)) => Some(EventKind::TicketCheckedIn),
        (_, TicketState::Valid) => Some(EventKind::CheckInUndone),
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
        assert!(ticket.holder_id == of.user_id && ticket.is_valid(), "{ticket:?} of {of:?}");
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

/// A valid ticket is checked in or ends, and one that is checked in becomes valid again or is ended by staff: for what
/// was done, at the instant of the commit. A void one never changes again.
fn check_change(before: &Ticket, after: &Ticket, commit: &Commit<'_>) {
    let by_staff = [CancelByStaff::NAME, SettleCancelled::NAME];
    let is_caused = match (&before.state, &after.state) {
        (TicketState::Valid, TicketState::CheckedIn(check_in)) => {
            let schedule = commit.set.require::<Schedule>(&after.schedule_id).unwrap();
            let opens_at = schedule.starts_at - Duration::hours(12);
            let is_open = opens_at <= check_in.scanned_at && check_in.scanned_at < schedule.ends_at;
            commit.name == CheckInTicket::NAME && is_open && check_in.scanned_at <= commit.now
        }
        (TicketState::CheckedIn(_), TicketState::Valid) => commit.name == UndoCheckIn::NAME,
        (TicketState::Valid, TicketState::Void { at, reason }) => {
            let causes: &[&str] = match reason {
                VoidReason::Transferred => &[TransferTicket::NAME],
                VoidReason::SeatCancelled => &[CancelTicket::NAME],
                VoidReason::ReservationCancelled => {
                    &[CancelReservation::NAME, CancelTicket::NAME, by_staff[0], by_staff[1]]
                }
            };
            causes.contains(&commit.name) && *at == commit.now
        }
        (TicketState::CheckedIn(_), TicketState::Void { at, reason }) => {
            let is_whole = *reason == VoidReason::ReservationCancelled;
            by_staff.contains(&commit.name) && *at == commit.now && is_whole
        }
        _ => false,
    };
    assert!(is_caused, "{} as of {} made {before:?} {after:?}", commit.name, commit.now);
    let (state, version) = (before.state.clone(), after.version - 1);
    assert_eq!(Ticket { state, version, ..after.clone() }, *before, "only its state changes");
}

/// Each seat of a confirmed reservation has one ticket that is not void, and all others are void. Of the tickets that a seat of
/// a reservation had, all but one were transferred. Numbers are unique.
fn check_seats(set: &WorkingSet) {
    let mut admitted: BTreeSet<(ReservationId, SeatId)> = BTreeSet::new();
    let (mut last, mut numbers) = (HashSet::new(), HashSet::new());
    for ticket in set.all::<Ticket>() {
        let seat = (ticket.reservation_id, ticket.seat_id);
        assert!(numbers.insert(ticket.number), "{ticket:?} has the number of another one");
        let is_transferred =
            matches!(ticket.state, TicketState::Void { reason: VoidReason::Transferred, .. });
        if !is_transferred {
            assert!(last.insert(seat), "{ticket:?} is a second one of its seat");
        }
        if !ticket.is_void() {
            admitted.insert(seat);
        }
    }
    let is_paid = |it: &&Reservation| matches!(it.state, ReservationState::Confirmed { .. });
    let paid = set.all::<Reservation>().filter(is_paid);
    let paid: BTreeSet<_> =
        paid.flat_map(|it| it.seats.iter().map(|seat| (it.id, seat.id))).collect();
    assert_eq!(admitted, paid, "the seats of tickets that are not void, and those that are paid");
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
