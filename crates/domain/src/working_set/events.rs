//! What others learn of a change. Events follow from the rows that are changed, so no command can leave one out.

use super::WorkingSet;
use crate::ticket::{TicketState, VoidReason};
use crate::{
    Concert, ConcertId, ConcertState, Event, EventId, EventKind, Instant, Reservation, Room,
    Schedule, Ticket,
};

/// What is told of a change: an event, as of an instant that the row does not know.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    id: EventId,
    kind: EventKind,
    concert_id: Option<ConcertId>,
}

impl WorkingSet {
    /// Adds the events of all that the batch changed.
    pub(crate) fn add_events(&mut self, now: Instant) {
        for Told { id, kind, concert_id } in std::mem::take(&mut self.told) {
            self.insert(Event { id, kind, concert_id, at: now, fanned_out: false });
        }
    }
}

/// A reservation that was made, or came into another state.
pub(super) fn of_reservation(before: Option<&Reservation>, after: &Reservation) -> Option<Told> {
    if before.is_some_and(|before| before.state == after.state) {
        return None;
    }
    let (kind, number) = EventKind::of_reservation(after.state);
    let id = EventId::new(after.id.0, number);
    Some(Told { id, kind, concert_id: Some(after.concert_id) })
}

/// A ticket that ended by itself, or whose holder came in: the end of its reservation is told of the reservation.
pub(super) fn of_ticket(before: Option<&Ticket>, after: &Ticket) -> Option<Told> {
    let before = before.map(|before| &before.state).filter(|before| **before != after.state)?;
    let kind = match (before, &after.state) {
        (_, TicketState::Void { reason: VoidReason::Transferred, .. }) => {
            EventKind::TicketTransferred
        }
        (_, TicketState::Void { reason: VoidReason::SeatCancelled, .. }) => {
            EventKind::TicketCancelled
        }
        (_, TicketState::Void { reason: VoidReason::ReservationCancelled, .. }) => return None,
        (_, TicketState::CheckedIn(_)) => EventKind::TicketCheckedIn,
        (_, TicketState::Valid) => EventKind::CheckInUndone,
    };
    let id = EventId::new(after.id.0, after.version);
    Some(Told { id, kind, concert_id: Some(after.concert_id) })
}

/// A concert that is public and has a new version: of a draft nothing is told.
pub(super) fn of_concert(before: Option<&Concert>, after: &Concert) -> Option<Told> {
    if before.is_some_and(|before| before.version == after.version) {
        return None;
    }
    let before = before.map_or(ConcertState::Draft, |before| before.state);
    let kind = match (before, after.state) {
        (_, ConcertState::Draft) => return None,
        (ConcertState::Draft, ConcertState::Published) => EventKind::ConcertPublished,
        (before, after) if before == after => EventKind::ConcertChanged,
        (_, ConcertState::Published) => EventKind::ConcertChanged,
        (_, ConcertState::Cancelled) => EventKind::ConcertCancelled,
    };
    let id = EventId::new(after.id.0, after.version);
    Some(Told { id, kind, concert_id: Some(after.id) })
}

/// A schedule of a public concert whose terms changed. What is sold of it, and its copy of the concert's state, change
/// without a new version.
pub(super) fn of_schedule(before: Option<&Schedule>, after: &Schedule) -> Option<Told> {
    let is_new_version = before.is_none_or(|before| before.version != after.version);
    if !after.concert_state.is_public() || !is_new_version {
        return None;
    }
    let kind = match before {
        None => EventKind::ScheduleAdded,
        Some(before) if before.cancelled != after.cancelled => EventKind::ScheduleCancelled,
        Some(_) => EventKind::ScheduleChanged,
    };
    let id = EventId::new(after.id.0, after.version);
    Some(Told { id, kind, concert_id: Some(after.concert_id) })
}

/// A room that was paused, or lets people in again.
pub(super) fn of_room(before: Option<&Room>, after: &Room) -> Option<Told> {
    let kind = match (before?.policy.paused, after.policy.paused) {
        (false, true) => EventKind::RoomPaused,
        (true, false) => EventKind::RoomResumed,
        _ => return None,
    };
    let id = EventId::new(after.id.0, after.policy_version);
    Some(Told { id, kind, concert_id: after.concert_id })
}
