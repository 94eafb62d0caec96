//! Tickets: each admits one person to one seat (rule 22).

mod number;

use serde::{Deserialize, Serialize};

pub use number::{NoTicketNumber, TicketNumber};

use crate::door::CheckIn;
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
    /// How often that has changed.
    #[serde(default)]
    pub version: i64,
}

/// Where a ticket stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketState {
    /// It admits its holder.
    Valid,
    /// Its holder came in.
    CheckedIn(CheckIn),
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

/// The ticket is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotValid {
    /// It admits no one any more.
    #[error("the ticket is void")]
    Void,
    /// Its holder came in before.
    #[error("the ticket was checked in before")]
    CheckedIn,
}

/// The ticket is not checked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ticket is not checked in")]
pub struct NotCheckedIn;

impl Ticket {
    /// Whether it admits no one any more.
    pub fn is_void(&self) -> bool {
        matches!(self.state, TicketState::Void { .. })
    }

    /// That its holder came in, if so.
    pub fn check_in(&self) -> Option<&CheckIn> {
        match &self.state {
            TicketState::CheckedIn(check_in) => Some(check_in),
            TicketState::Valid | TicketState::Void { .. } => None,
        }
    }

    /// Checks that it admits its holder.
    ///
    /// # Errors
    /// It is void, or its holder came in before.
    pub fn check_valid(&self) -> Result<(), NotValid> {
        match &self.state {
            TicketState::Valid => Ok(()),
            TicketState::CheckedIn(_) => Err(NotValid::CheckedIn),
            TicketState::Void { .. } => Err(NotValid::Void),
        }
    }

    /// Whether it admits its holder.
    pub fn is_valid(&self) -> bool {
        self.state == TicketState::Valid
    }

    /// Ends it, also after its holder came in. It is final.
    ///
    /// # Errors
    /// [`TicketVoid`] if it was void before; it keeps its reason.
    pub fn void(&mut self, reason: VoidReason, now: Instant) -> Result<(), TicketVoid> {
        if self.is_void() {
            return Err(TicketVoid);
        }
        self.enter(TicketState::Void { at: now, reason });
        Ok(())
    }

    /// Lets its holder in. The first scan counts.
    ///
    /// # Errors
    /// As [`Self::check_valid`].
    pub fn let_in(&mut self, check_in: CheckIn) -> Result<(), NotValid> {
        self.check_valid()?;
        self.enter(TicketState::CheckedIn(check_in));
        Ok(())
    }

    /// Takes back that its holder came in: it admits its holder again.
    ///
    /// # Errors
    /// [`NotCheckedIn`], also if it is void.
    pub fn undo_check_in(&mut self) -> Result<(), NotCheckedIn> {
        self.check_in().ok_or(NotCheckedIn)?;
        self.enter(TicketState::Valid);
        Ok(())
    }

    fn enter(&mut self, state: TicketState) {
        self.state = state;
        self.version += 1;
    }

    /// Gives its seat to another user: it becomes void, and the new ticket that is answered admits that user.
    ///
    /// # Errors
    /// As [`Self::check_valid`].
    pub fn transfer(
        &mut self,
        new: NewTicket,
        holder_id: UserId,
        now: Instant,
    ) -> Result<Self, NotValid> {
        self.check_valid()?;
        self.enter(TicketState::Void { at: now, reason: VoidReason::Transferred });
        let NewTicket { id, number } = new;
        let state = TicketState::Valid;
        Ok(Self { id, number, holder_id, issued_at: now, state, version: 0, ..self.clone() })
    }
}
