//! Tickets: each admits one person to one seat (rule 22).

mod number;

use serde::{Deserialize, Serialize};

pub use number::{NoTicketNumber, TicketNumber};

use crate::reservation::SEATS_PER_RESERVATION_MAX;
use crate::{ConcertId, Instant, ReservationId, ScheduleId, SeatId, TicketId, UserId};

/// Admits its holder to one seat of a paid reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Which.
    pub id: TicketId,
    /// What people call it.
    pub number: TicketNumber,
    /// The reservation that its seat was paid with.
    pub reservation_id: ReservationId,
    /// Of which concert.
    pub concert_id: ConcertId,
    /// Of which schedule.
    pub schedule_id: ScheduleId,
    /// Which seat.
    pub seat_id: SeatId,
    /// Whom it admits: the payer, or the user to whom it was transferred.
    pub holder_id: UserId,
    /// When it was issued.
    pub issued_at: Instant,
    /// Where it stands.
    pub state: TicketState,
}

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketState {
    /// It admits its holder.
    Valid,
    /// It admits no one any more.
    Void {
        /// Since when.
        at: Instant,
        /// Why.
        reason: VoidReason,
    },
}

/// Why a ticket admits no one any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VoidReason {
    /// Another user has a new one for its seat.
    Transferred,
    /// Its seat was cancelled, and others of its reservation stay paid.
    SeatCancelled,
    /// Its reservation was cancelled.
    ReservationCancelled,
}

/// What a new ticket gets from its caller: an id, and a number that cannot be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTicket {
    /// The id.
    pub id: TicketId,
    /// The number.
    pub number: TicketNumber,
}

/// What the tickets of a reservation get; those of a smaller reservation are left over.
pub type NewTickets = [NewTicket; SEATS_PER_RESERVATION_MAX];

/// The ticket is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ticket is void")]
pub struct TicketVoid;

impl Ticket {
    /// Whether it admits its holder.
    pub fn is_valid(&self) -> bool {
        self.state == TicketState::Valid
    }

    /// Ends it. It is final.
    ///
    /// # Errors
    /// [`TicketVoid`] if it was void before; it keeps its reason.
    pub fn void(&mut self, reason: VoidReason, now: Instant) -> Result<(), TicketVoid> {
        match self.state {
            TicketState::Void { .. } => Err(TicketVoid),
            TicketState::Valid => {
                self.state = TicketState::Void { at: now, reason };
                Ok(())
            }
        }
    }

    /// Gives its seat to another user: it becomes void, and the new ticket that is answered admits that user.
    ///
    /// # Errors
    /// [`TicketVoid`].
    pub fn transfer(
        &mut self,
        new: NewTicket,
        holder_id: UserId,
        now: Instant,
    ) -> Result<Self, TicketVoid> {
        self.void(VoidReason::Transferred, now)?;
        let NewTicket { id, number } = new;
        let state = TicketState::Valid;
        Ok(Self { id, number, holder_id, issued_at: now, state, ..self.clone() })
    }
}
