//! What the rules of tickets read of the set.

use super::WorkingSet;
use crate::{Corrupt, Reservation, ReservationId, ReservationState, Ticket, TicketId, UserId};

impl WorkingSet {
    /// A user's own ticket, void or not, if it exists.
    pub(crate) fn ticket_of(
        &self,
        holder_id: UserId,
        id: TicketId,
    ) -> Result<Option<&Ticket>, Corrupt> {
        Ok(self.get::<Ticket>(&id)?.filter(|ticket| ticket.holder_id == holder_id))
    }

    /// Copies of the tickets of a reservation, void ones among them.
    pub(crate) fn tickets_of(&self, id: ReservationId) -> Result<Vec<Ticket>, Corrupt> {
        self.check_named("the tickets of", id, |needs| needs.tickets_of.contains(&id))?;
        Ok(self.all::<Ticket>().filter(|ticket| ticket.reservation_id == id).cloned().collect())
    }

    /// Confirmed reservations without tickets, and others with tickets, in the order of their ids.
    pub(crate) fn mismatched(&self) -> Result<Vec<Reservation>, Corrupt> {
        self.check_named("the reservations", "mismatched", |needs| needs.mismatched > 0)?;
        let is_mismatched = |it: &&Reservation| {
            matches!(it.state, ReservationState::Confirmed { .. }) != it.tickets_issued
        };
        Ok(self.all::<Reservation>().filter(is_mismatched).cloned().collect())
    }
}
