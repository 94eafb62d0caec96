//! What the rules of tickets read of the set.

use super::WorkingSet;
use crate::{
    Corrupt, Instant, OwnTickets, Reservation, ReservationId, ReservationState, Schedule,
    ScheduleId, Ticket, TicketId, UserId,
};

impl WorkingSet {
    /// A user's own ticket, void or not, if it exists.
    pub(crate) fn ticket_of(
        &self,
        holder_id: UserId,
        id: TicketId,
    ) -> Result<Option<&Ticket>, Corrupt> {
        Ok(self.get::<Ticket>(&id)?.filter(|ticket| ticket.holder_id == holder_id))
    }

    /// The tickets that a user has in a schedule, as far as the batch has been decided.
    pub(crate) fn own_tickets(
        &self,
        schedule_id: ScheduleId,
        user_id: UserId,
    ) -> Result<&[OwnTickets], Corrupt> {
        let of = (schedule_id, user_id);
        self.check_named("the tickets", of, |needs| needs.own_tickets.contains(&of))?;
        Ok(self.own_tickets.get(&of).map_or(&[], Vec::as_slice))
    }

    /// Copies of the tickets of a reservation, void ones among them.
    pub(crate) fn tickets_of(&self, id: ReservationId) -> Result<Vec<Ticket>, Corrupt> {
        self.check_named("the tickets of", id, |needs| {
            let named = needs.tickets_of.contains(&id) || needs.tickets_read_of.contains(&id);
            named || !needs.paid_of.is_empty()
        })?;
        Ok(self.all::<Ticket>().filter(|ticket| ticket.reservation_id == id).cloned().collect())
    }

    /// The ticket for the seat of one that was transferred at `at`.
    pub(crate) fn successor(&self, id: TicketId, at: Instant) -> Result<Option<&Ticket>, Corrupt> {
        let Some(old) = self.get::<Ticket>(&id)? else { return Ok(None) };
        Ok(self.all::<Ticket>().find(|it| it.seat_id == old.seat_id && it.issued_at == at))
    }

    /// A schedule with a move of which not all holders have been told, and to whom it was told.
    pub(crate) fn untold_move(&self) -> Result<Option<(&Schedule, ReservationId)>, Corrupt> {
        self.check_named("the moves", "untold", |needs| needs.untold_moves > 0)?;
        let untold = self.all::<Schedule>().filter_map(|it| Some((it, it.moved?.told_to?)));
        Ok(untold.min_by_key(|(schedule, _)| schedule.id))
    }

    /// Copies of the next confirmed reservations of a schedule, in the order of their ids.
    pub(crate) fn paid_of(
        &self,
        schedule_id: ScheduleId,
        after: ReservationId,
        most: usize,
    ) -> Result<Vec<Reservation>, Corrupt> {
        let of = (schedule_id, after);
        self.check_named("the paid reservations of", of, |needs| needs.paid_of.contains_key(&of))?;
        let of_schedule = self.all::<Reservation>().filter(|it| it.schedule_id == schedule_id);
        let paid = of_schedule.filter(|it| matches!(it.state, ReservationState::Confirmed { .. }));
        let mut next: Vec<_> = paid.filter(|it| it.id > after).cloned().collect();
        next.sort_by_key(|it| it.id);
        next.truncate(most);
        Ok(next)
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
