//! Cancelling one seat of a paid reservation.

use serde::{Deserialize, Serialize};

use super::cancel_reservation::{
    CancelRefused, Refunded, check_cancellable, refund, refund_points,
};
use crate::ticket::{NotValid, TicketVoid, VoidReason};
use crate::{
    Command, Corrupt, DecideError, Decided, Idempotency, Instant, Needs, PointEntryId, Refusal,
    Reservation, Schedule, Seat, Ticket, TicketId, UserId, WorkingSet,
};

/// Cancels the seat of one ticket before its schedule's deadline: its price comes back, the seat is free at once, the
/// ticket is void (rules 12, 14 and 22). The last seat of a reservation cancels it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelTicket {
    /// The id the point entry gets.
    pub entry_id: PointEntryId,
    /// Which ticket.
    pub ticket_id: TicketId,
    /// Who holds it, and paid for it.
    pub user_id: UserId,
}

/// Why nothing was cancelled, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CancelTicketRefused {
    /// The user has no such ticket.
    #[error("there is no such ticket")]
    TicketNotFound,
    /// It is void.
    #[error("the ticket is void")]
    TicketVoid,
    /// Its holder came in.
    #[error("the ticket was checked in")]
    CheckedIn,
    /// Another user paid for it.
    #[error("the ticket was paid by another user")]
    NotPayer,
    /// Its reservation is not cancelled by its holder.
    #[error("{0}")]
    Reservation(CancelRefused),
}

impl Refusal for CancelTicketRefused {
    fn is_final(&self) -> bool {
        match self {
            Self::TicketNotFound | Self::TicketVoid | Self::NotPayer => true,
            // The check-in may be undone.
            Self::CheckedIn => false,
            Self::Reservation(refused) => refused.is_final(),
        }
    }
}

impl CancelTicket {
    /// The user's own valid ticket, and the reservation that it is of, which the user may cancel.
    fn own(
        &self,
        set: &WorkingSet,
        now: Instant,
    ) -> Result<(Ticket, Reservation), DecideError<CancelTicketRefused>> {
        let own = set.ticket_of(self.user_id, self.ticket_id)?;
        let ticket = own.cloned().ok_or(CancelTicketRefused::TicketNotFound)?;
        ticket.check_valid().map_err(|error| match error {
            NotValid::Void => CancelTicketRefused::TicketVoid,
            NotValid::CheckedIn => CancelTicketRefused::CheckedIn,
        })?;
        let reservation = set.require::<Reservation>(&ticket.reservation_id)?.clone();
        if reservation.user_id != self.user_id {
            return Err(CancelTicketRefused::NotPayer.into());
        }
        let schedule = set.require::<Schedule>(&ticket.schedule_id)?;
        check_cancellable(&reservation, schedule, now).map_err(CancelTicketRefused::Reservation)?;
        Ok((ticket, reservation))
    }
}

impl Command for CancelTicket {
    /// The reservation without the seat, or cancelled with its last one.
    type Success = Refunded;
    type Refusal = CancelTicketRefused;
    type Key = Idempotency;
    const NAME: &'static str = "cancel_ticket";

    fn needs(&self, needs: &mut Needs) {
        needs.tickets.insert(self.ticket_id);
        needs.accounts.insert(self.user_id);
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        if let Some(ticket) = set.ticket_of(self.user_id, self.ticket_id)? {
            needs.tickets_of.insert(ticket.reservation_id);
            needs.payments_of.insert(ticket.reservation_id);
        }
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let (mut ticket, mut reservation) = self.own(set, now)?;
        let Some(seat) = reservation.take_off(ticket.seat_id) else {
            return refund(set, reservation, self.entry_id, now).map_err(of_reservation);
        };
        let refunded = refund_points(set, &reservation, seat.price, self.entry_id, now);
        let entry = refunded.map_err(of_reservation)?;
        let voided = ticket.void(VoidReason::SeatCancelled, now);
        voided.map_err(|TicketVoid| Corrupt::transition(ticket.id, TicketVoid))?;
        set.replace(ticket)?;
        let mut freed = set.require::<Seat>(&seat.id)?.clone();
        let free = freed.take_back(reservation.id);
        free.map_err(|error| Corrupt::transition(seat.id, error))?;
        set.replace(freed)?;
        let mut schedule = set.require::<Schedule>(&reservation.schedule_id)?.clone();
        schedule.count_sold(-1);
        set.replace(schedule)?;
        set.replace(reservation.clone())?;
        Ok(Refunded { reservation, entry })
    }
}

fn of_reservation(error: DecideError<CancelRefused>) -> DecideError<CancelTicketRefused> {
    match error {
        DecideError::Refused(refused) => CancelTicketRefused::Reservation(refused).into(),
        DecideError::Corrupt(bug) => bug.into(),
    }
}
