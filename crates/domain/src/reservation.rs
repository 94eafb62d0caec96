//! Reservations: seats taken by one user, `HELD → CONFIRMED`, or `EXPIRED`, or `CANCELLED`.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::invalid::{Invalid, line_of_text, stored_line};
use crate::{
    BookingWindow, ConcertId, Instant, Points, QueueTokenId, ReservationId, ScheduleId, Seat,
    SeatDetails, SeatId, UserId,
};

/// The most seats of one reservation (rule 10).
pub const SEATS_PER_RESERVATION_MAX: usize = 4;

/// Seats of one schedule taken by one user, all or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Which.
    pub id: ReservationId,
    /// Whose.
    pub user_id: UserId,
    /// Of which concert.
    pub concert_id: ConcertId,
    /// Of which schedule.
    pub schedule_id: ScheduleId,
    /// The token it was made with; nothing for complimentary tickets, which staff gave.
    pub queue_token_id: Option<QueueTokenId>,
    /// The seats, in the order of their numbers.
    pub seats: Vec<ReservedSeat>,
    /// Their total price, in points; zero only for complimentary tickets.
    pub total_price: Points,
    /// When it was made.
    pub created_at: Instant,
    /// The first instant at which an unpaid hold has expired.
    pub expires_at: Instant,
    /// The latest instant to which the holder may move `expires_at`, once; nothing when that was
    /// done or is not offered.
    #[serde(default)]
    pub extendable_until: Option<Instant>,
    /// What the client that made it calls it, if anything.
    #[serde(default)]
    pub reference: Option<Reference>,
    /// Whether it has valid tickets. An older program that confirms or cancels a reservation leaves this as it was.
    #[serde(default)]
    pub tickets_issued: bool,
    /// Where it stands, as last written. [`Reservation::status`] says what that means at an instant.
    pub state: ReservationState,
}

/// The tickets of one reservation that count against the limit of a person in a schedule: those of a live hold or
/// of a paid reservation. Complimentary tickets do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnTickets {
    /// Which reservation.
    pub reservation_id: ReservationId,
    /// How many seats it has.
    pub count: usize,
    /// Whether it is paid; a live hold otherwise.
    pub is_paid: bool,
}

/// What a server allows when seats are booked (rules 9, 10 and 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookingPolicy {
    /// How long a hold lasts.
    pub hold_time: Duration,
    /// How much longer an extended hold lasts; zero offers no extension.
    pub extension_time: Duration,
    /// How long after a hold has expired it can still be paid.
    pub late_payment_time: Duration,
    /// How many live holds one user may have in one schedule; 1 or more.
    pub holds_max: usize,
    /// Whether only users who have confirmed their e-mail address may book (rule 23).
    pub needs_verified_email: bool,
}

/// A client's own name for a reservation: 1 to 100 characters. It need not be unique; the newest
/// reservation that has it is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reference(String);

impl Reference {
    /// Parses a reference; surrounding space is dropped.
    ///
    /// # Errors
    /// Names `field`.
    pub fn parse(text: &str, field: &'static str) -> Result<Self, Invalid> {
        line_of_text(text, field, 1, 100).map(Self)
    }

    /// Takes a reference from a store, as an older version took it.
    ///
    /// # Errors
    /// Names the field `reference`.
    pub fn stored(text: &str) -> Result<Self, Invalid> {
        stored_line(text, "reference", 1, 100).map(Self)
    }

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A seat as the reservation keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservedSeat {
    /// Which.
    pub id: SeatId,
    /// Its number in the schedule.
    pub number: i32,
    /// Its row.
    pub row: i32,
    /// Its place in the row.
    pub column: i32,
    /// Its section's label; may be empty.
    pub label: String,
    /// What it costs, in points.
    pub price: Points,
    /// What its seat plan says of it.
    #[serde(default)]
    pub details: SeatDetails,
}

impl ReservedSeat {
    /// The printed row and number. Without a seat plan these are its row and its place in the row, as in the plan that
    /// such a schedule is drawn by; a standing place has no row.
    pub fn printed(&self) -> [String; 2] {
        match self.details.seat_number {
            Some(number) => {
                [self.details.row_label.clone().unwrap_or_default(), number.to_string()]
            }
            None => [self.row.to_string(), self.column.to_string()],
        }
    }
}

impl From<&Seat> for ReservedSeat {
    fn from(seat: &Seat) -> Self {
        Self {
            id: seat.id,
            number: seat.number,
            row: seat.row,
            column: seat.column,
            label: seat.label.clone(),
            price: seat.price,
            details: seat.details.clone(),
        }
    }
}

/// Where a reservation stands, as last written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReservationState {
    /// Not paid yet.
    Held,
    /// Paid, or complimentary.
    Confirmed {
        /// When.
        at: Instant,
    },
    /// Expired unpaid.
    Expired,
    /// Released, or cancelled after it was paid.
    Cancelled {
        /// When.
        at: Instant,
    },
}

/// What a reservation is at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ReservationStatus {
    /// May still be paid.
    Held,
    /// Paid, or complimentary.
    Confirmed,
    /// Expired unpaid.
    Expired,
    /// Released, or cancelled after it was paid.
    Cancelled,
}

/// Whether a hold is paid within its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeliness {
    /// It is; the seats are the payer's.
    InTime,
    /// It is a moment too late; the seats must be taken again.
    Late,
}

/// The reservation is not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reservation is not confirmed")]
pub struct NotConfirmed;

/// Why a hold is not extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotExtended {
    /// It is no longer held.
    #[error("{0}")]
    NotHeld(NotHeld),
    /// It was extended before, extending is not offered, or booking closes first.
    #[error("the hold cannot be extended")]
    NotExtendable,
}

/// The reservation is no longer held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum NotHeld {
    /// Its time expired.
    #[error("the hold has expired")]
    Over,
    /// It is paid.
    #[error("the reservation is already paid")]
    Paid,
    /// It was released, or cancelled after it was paid.
    #[error("the reservation was cancelled")]
    Cancelled,
}

impl Reservation {
    /// What the reservation is at `now`: an overdue hold has expired, whether or not that was written.
    pub fn status(&self, now: Instant) -> ReservationStatus {
        match self.state {
            ReservationState::Held if now < self.expires_at => ReservationStatus::Held,
            ReservationState::Held | ReservationState::Expired => ReservationStatus::Expired,
            ReservationState::Confirmed { .. } => ReservationStatus::Confirmed,
            ReservationState::Cancelled { .. } => ReservationStatus::Cancelled,
        }
    }

    /// How many seats it has.
    pub fn seat_count(&self) -> i32 {
        i32::try_from(self.seats.len()).unwrap_or(i32::MAX)
    }

    /// Whether its tickets are complimentary: staff gave them, free of charge.
    pub fn is_complimentary(&self) -> bool {
        self.queue_token_id.is_none()
    }

    /// What of it counts against the holder's limit of tickets at `now`, if anything does.
    pub fn own_tickets(&self, now: Instant) -> Option<OwnTickets> {
        if self.is_complimentary() {
            return None;
        }
        let is_paid = match self.status(now) {
            ReservationStatus::Held => false,
            ReservationStatus::Confirmed => true,
            ReservationStatus::Expired | ReservationStatus::Cancelled => return None,
        };
        Some(OwnTickets { reservation_id: self.id, count: self.seats.len(), is_paid })
    }

    /// Checks that the reservation may still be paid or released (rules 12 and 15).
    ///
    /// # Errors
    /// Tells a hold that expired, one that is paid and one that was released or cancelled apart.
    pub fn check_held(&self, now: Instant) -> Result<(), NotHeld> {
        match self.status(now) {
            ReservationStatus::Held => Ok(()),
            ReservationStatus::Confirmed => Err(NotHeld::Paid),
            ReservationStatus::Expired => Err(NotHeld::Over),
            ReservationStatus::Cancelled => Err(NotHeld::Cancelled),
        }
    }

    /// Checks that the hold may be paid: within its time, or for `grace` after it has expired (rule 15).
    ///
    /// # Errors
    /// As [`Self::check_held`].
    pub fn check_payable(&self, grace: Duration, now: Instant) -> Result<Timeliness, NotHeld> {
        let moment = self.expires_at..self.expires_at.saturating_add(grace);
        if self.status(now) == ReservationStatus::Expired && moment.contains(&now) {
            return Ok(Timeliness::Late);
        }
        self.check_held(now).map(|()| Timeliness::InTime)
    }

    /// Marks a hold as paid, and tells whether that was within its time.
    ///
    /// # Errors
    /// As [`Self::check_payable`].
    pub fn confirm(&mut self, grace: Duration, now: Instant) -> Result<Timeliness, NotHeld> {
        let timeliness = self.check_payable(grace, now)?;
        self.state = ReservationState::Confirmed { at: now };
        Ok(timeliness)
    }

    /// Moves the deadline of a hold to the latest instant that is offered, once, and not past the
    /// closing of the booking window.
    ///
    /// # Errors
    /// It is no longer held, or cannot be extended.
    pub fn extend(&mut self, booking: &BookingWindow, now: Instant) -> Result<(), NotExtended> {
        self.check_held(now).map_err(NotExtended::NotHeld)?;
        let latest = self.extendable_until.map(|latest| latest.min(booking.closes_at));
        let later = latest.filter(|latest| *latest > self.expires_at);
        self.expires_at = later.ok_or(NotExtended::NotExtendable)?;
        self.extendable_until = None;
        Ok(())
    }

    /// Checks that the reservation is paid.
    ///
    /// # Errors
    /// [`NotConfirmed`] unless it is.
    pub fn check_paid(&self) -> Result<(), NotConfirmed> {
        match self.state {
            ReservationState::Confirmed { .. } => Ok(()),
            _ => Err(NotConfirmed),
        }
    }

    /// Takes one of several seats off a paid reservation, and its price off the total; answers the seat. Nothing is
    /// changed without another seat.
    pub fn take_off(&mut self, seat_id: SeatId) -> Option<ReservedSeat> {
        let index = self.seats.iter().position(|seat| seat.id == seat_id)?;
        if self.seats.len() < 2 {
            return None;
        }
        self.total_price = self.total_price.checked_sub(self.seats[index].price)?;
        Some(self.seats.remove(index))
    }

    /// Cancels a paid reservation.
    ///
    /// # Errors
    /// [`NotConfirmed`] unless it is paid.
    pub fn cancel_paid(&mut self, now: Instant) -> Result<(), NotConfirmed> {
        self.check_paid()?;
        self.state = ReservationState::Cancelled { at: now };
        Ok(())
    }

    /// Releases a hold.
    ///
    /// # Errors
    /// As [`Self::check_held`].
    pub fn cancel(&mut self, now: Instant) -> Result<(), NotHeld> {
        self.check_held(now)?;
        self.state = ReservationState::Cancelled { at: now };
        Ok(())
    }

    /// Records that an overdue hold has expired. Says whether there was something to write.
    #[must_use = "the seats of a hold that has expired are to be released"]
    pub fn expire_if_overdue(&mut self, now: Instant) -> bool {
        let overdue =
            self.state == ReservationState::Held && self.status(now) == ReservationStatus::Expired;
        if overdue {
            self.state = ReservationState::Expired;
        }
        overdue
    }
}
