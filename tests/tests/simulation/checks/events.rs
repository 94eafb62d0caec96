//! Events: each tells of a change of a row that was seen in a commit.

use stagedoor_domain::{
    Event, EventKind, Reservation, ReservationId, ReservationState, Stored, WorkingSet,
};

use super::tickets::is_of_ticket;
use super::{Checks, Commit, changed};
use crate::deliveries::Receiver;

impl Checks {
    /// Writes down what became of each reservation. It follows from the rows alone, not from their events.
    pub(super) fn note_histories(&mut self, commit: &Commit<'_>) {
        for (before, after) in changed(&self.reservations, commit.set) {
            if before.is_none_or(|before| before.state != after.state) {
                self.histories.entry(after.id).or_default().push(kind_of(after.state));
            }
        }
    }

    /// An event that a receiver gets tells of something that happened.
    pub fn check_event(&self, event: &Event) {
        if is_of_ticket(event.kind) {
            return self.check_event_of_ticket(event);
        }
        if !is_of_reservation(event.kind) {
            return;
        }
        let history = self.histories.get(&ReservationId(event.id.subject_id));
        let is_true = history.is_some_and(|history| history.contains(&event.kind));
        assert!(is_true, "{event:?} was received, but the reservation's history is {history:?}");
    }

    /// Each reservation has the events of its history and no others, in its order. Each ticket has those of
    /// its check-ins and of its end.
    pub fn check_histories(&self, set: &WorkingSet) {
        self.check_events_of_tickets(set);
        for reservation in set.all::<Reservation>() {
            let id = reservation.id();
            let events = set.all::<Event>().filter(|event| event.id.subject_id == id.0);
            let mut events: Vec<_> = events.map(|event| (event.id.number, event.kind)).collect();
            events.sort_by_key(|(number, _)| *number);
            let told: Vec<EventKind> = events.into_iter().map(|(_, kind)| kind).collect();
            let history = self.histories.get(&id).map_or(&[][..], Vec::as_slice);
            assert_eq!(told, history, "the events and the history of {reservation:?}");
        }
        let is_known = |id| self.histories.contains_key(&ReservationId(id));
        for event in set.all::<Event>().filter(|event| is_of_reservation(event.kind)) {
            assert!(is_known(event.id.subject_id), "{event:?} is of no reservation");
        }
    }
}

/// All that happened was delivered, and the receiver has it.
pub fn check_deliveries(receiver: &Receiver, set: &WorkingSet) {
    for event in set.all::<Event>() {
        assert!(event.fanned_out, "{event:?} is not fanned out");
        // The organizer's webhook takes the events of their concerts, which is all but those of the site-wide room.
        assert_eq!(receiver.has(event), event.concert_id.is_some(), "whether {event:?} arrived");
    }
}

fn is_of_reservation(kind: EventKind) -> bool {
    kind.as_str().starts_with("reservation.")
}

fn kind_of(state: ReservationState) -> EventKind {
    match state {
        ReservationState::Held => EventKind::ReservationHeld,
        ReservationState::Expired => EventKind::ReservationExpired,
        ReservationState::Confirmed { .. } => EventKind::ReservationPaid,
        ReservationState::Cancelled { .. } => EventKind::ReservationCancelled,
    }
}
