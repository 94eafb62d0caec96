//! Issuing the tickets of a reservation, and ending them with it.

use crate::ticket::{NewTickets, TicketState, TicketVoid, VoidReason};
use crate::{Corrupt, Instant, Reservation, Ticket, WorkingSet};

/// Issues a ticket for each seat of a confirmed reservation to its holder.
pub(super) fn issue_tickets(
    set: &mut WorkingSet,
    reservation: &mut Reservation,
    new: &NewTickets,
    now: Instant,
) -> Result<(), Corrupt> {
    if reservation.seats.len() > new.len() {
        return Err(Corrupt::new("a reservation has more seats than tickets"));
    }
    for (seat, new) in reservation.seats.iter().zip(new) {
        set.insert(Ticket {
            id: new.id,
            number: new.number,
            reservation_id: reservation.id,
            concert_id: reservation.concert_id,
            schedule_id: reservation.schedule_id,
            seat_id: seat.id,
            holder_id: reservation.user_id,
            issued_at: now,
            state: TicketState::Valid,
            version: 0,
        });
    }
    reservation.tickets_issued = true;
    Ok(())
}

/// Voids the tickets of a reservation that is cancelled, also those that others hold.
pub(super) fn void_tickets(
    set: &mut WorkingSet,
    cancelled: &mut Reservation,
    now: Instant,
) -> Result<(), Corrupt> {
    // Others were transferred, or their seats were cancelled before.
    for mut ticket in set.tickets_of(cancelled.id)?.into_iter().filter(|it| !it.is_void()) {
        let voided = ticket.void(VoidReason::ReservationCancelled, now);
        voided.map_err(|TicketVoid| Corrupt::transition(ticket.id, TicketVoid))?;
        set.replace(ticket)?;
    }
    cancelled.tickets_issued = false;
    Ok(())
}
