//! Seats, and who has them.

pub mod best_block;

use serde::{Deserialize, Serialize};

use crate::{Instant, OperatorActionId, Points, ReservationId, ScheduleId, SeatId, SeatKind};

/// One seat of one schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Which.
    pub id: SeatId,
    /// Of which schedule.
    pub schedule_id: ScheduleId,
    /// Its number in the schedule, from 1, row by row.
    pub number: i32,
    /// Its row, from 1 at the front.
    pub row: i32,
    /// Its place in the row, from 1. Between seats that are not side by side, a number is left out.
    pub column: i32,
    /// Its section's label; may be empty.
    pub label: String,
    /// What it costs, in points.
    pub price: Points,
    /// Who has it.
    pub state: SeatState,
    /// What its seat plan says of it.
    pub details: SeatDetails,
}

/// The printed row and number of a seat, and its kind. In a schedule of a single section of rows and columns, all seats have the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatDetails {
    /// What the place is.
    pub kind: SeatKind,
    /// What is printed for its row; nothing in a standing area.
    pub row_label: Option<String>,
    /// Its printed number; nothing if it is the seat's column.
    pub seat_number: Option<i32>,
}

/// Who has a seat, as last written. What it means at an instant, [`Seat::status`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatState {
    /// No reservation.
    Free,
    /// A reservation, until an instant.
    Held {
        /// By which reservation.
        reservation_id: ReservationId,
        /// The first instant at which the seat is free again.
        until: Instant,
    },
    /// A paid or complimentary reservation, until it is cancelled.
    Sold {
        /// By which reservation.
        reservation_id: ReservationId,
    },
    /// Staff took it out of sale.
    Blocked {
        /// The record of it, which says who did so, when and why.
        by: OperatorActionId,
    },
}

impl SeatState {
    /// What a seat in this state is at `now`: a hold that has expired is no hold (rules 9 and 13).
    pub fn status(self, now: Instant) -> SeatStatus {
        match self {
            Self::Held { until, .. } if now < until => SeatStatus::Held,
            Self::Free | Self::Held { .. } => SeatStatus::Free,
            Self::Sold { .. } => SeatStatus::Sold,
            Self::Blocked { .. } => SeatStatus::Blocked,
        }
    }
}

/// What a seat is at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SeatStatus {
    /// Anyone with an active token may hold it.
    Free,
    /// A user holds it and may still pay.
    Held,
    /// A user has paid for it, or got it as a complimentary ticket.
    Sold,
    /// It is not for sale.
    Blocked,
}

/// The seat is another reservation's, or not for sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the seat is taken")]
pub struct SeatTaken;

/// The seat is not blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the seat is not blocked")]
pub struct NotBlocked;

/// The reservation does not have the seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reservation does not have the seat")]
pub struct NotItsSeat;

impl Seat {
    /// What the seat is at `now`: a hold that has expired is no hold (rules 9 and 13).
    pub fn status(&self, now: Instant) -> SeatStatus {
        self.state.status(now)
    }

    /// Holds the seat until an instant (rule 9).
    ///
    /// # Errors
    /// [`SeatTaken`] unless it is free at `now`.
    pub fn hold(
        &mut self,
        reservation_id: ReservationId,
        until: Instant,
        now: Instant,
    ) -> Result<(), SeatTaken> {
        if self.status(now) != SeatStatus::Free {
            return Err(SeatTaken);
        }
        self.state = SeatState::Held { reservation_id, until };
        Ok(())
    }

    /// Whether the seat is held by this reservation, whether or not its time has expired.
    pub fn is_held_by(&self, reservation_id: ReservationId) -> bool {
        matches!(self.state, SeatState::Held { reservation_id: holder, .. } if holder == reservation_id)
    }

    /// Moves the end of this reservation's hold.
    ///
    /// # Errors
    /// [`NotItsSeat`] unless this reservation holds it.
    pub fn extend(
        &mut self,
        reservation_id: ReservationId,
        until: Instant,
    ) -> Result<(), NotItsSeat> {
        self.check_held_by(reservation_id)?;
        self.state = SeatState::Held { reservation_id, until };
        Ok(())
    }

    /// Frees the seat that this reservation holds; a later holder keeps it (rule 12).
    ///
    /// # Errors
    /// [`NotItsSeat`] unless this reservation holds it.
    pub fn release(&mut self, reservation_id: ReservationId) -> Result<(), NotItsSeat> {
        self.check_held_by(reservation_id)?;
        self.state = SeatState::Free;
        Ok(())
    }

    fn check_held_by(&self, reservation_id: ReservationId) -> Result<(), NotItsSeat> {
        if self.is_held_by(reservation_id) { Ok(()) } else { Err(NotItsSeat) }
    }

    /// Sells the seat to the reservation that holds it (rule 15).
    ///
    /// # Errors
    /// [`SeatTaken`] unless this reservation holds it at `now`.
    pub fn sell(&mut self, reservation_id: ReservationId, now: Instant) -> Result<(), SeatTaken> {
        if self.status(now) != SeatStatus::Held || !self.is_held_by(reservation_id) {
            return Err(SeatTaken);
        }
        self.state = SeatState::Sold { reservation_id };
        Ok(())
    }

    /// Sells the seat to a reservation whose hold of it expired a moment ago (rule 15).
    ///
    /// # Errors
    /// [`SeatTaken`] unless it is free at `now`.
    pub fn sell_late(
        &mut self,
        reservation_id: ReservationId,
        now: Instant,
    ) -> Result<(), SeatTaken> {
        if self.status(now) != SeatStatus::Free {
            return Err(SeatTaken);
        }
        self.state = SeatState::Sold { reservation_id };
        Ok(())
    }

    /// Takes the seat out of sale; `by` is the record of it.
    ///
    /// # Errors
    /// [`SeatTaken`] unless it is free at `now`.
    pub fn block(&mut self, by: OperatorActionId, now: Instant) -> Result<(), SeatTaken> {
        if self.status(now) != SeatStatus::Free {
            return Err(SeatTaken);
        }
        self.state = SeatState::Blocked { by };
        Ok(())
    }

    /// Puts a blocked seat back on sale.
    ///
    /// # Errors
    /// [`NotBlocked`] unless it is blocked.
    pub fn unblock(&mut self) -> Result<(), NotBlocked> {
        if !matches!(self.state, SeatState::Blocked { .. }) {
            return Err(NotBlocked);
        }
        self.state = SeatState::Free;
        Ok(())
    }

    /// Gives the seat to a reservation that costs nothing, whether or not it is for sale.
    ///
    /// # Errors
    /// [`SeatTaken`] unless it is free or blocked at `now`.
    pub fn give(&mut self, reservation_id: ReservationId, now: Instant) -> Result<(), SeatTaken> {
        match self.status(now) {
            SeatStatus::Free | SeatStatus::Blocked => {
                self.state = SeatState::Sold { reservation_id };
                Ok(())
            }
            SeatStatus::Held | SeatStatus::Sold => Err(SeatTaken),
        }
    }

    /// Frees a seat that was sold to this reservation.
    ///
    /// # Errors
    /// [`NotItsSeat`] unless it was.
    pub fn take_back(&mut self, reservation_id: ReservationId) -> Result<(), NotItsSeat> {
        if self.state != (SeatState::Sold { reservation_id }) {
            return Err(NotItsSeat);
        }
        self.state = SeatState::Free;
        Ok(())
    }
}
