//! Reading reservations as staff see them.

use async_trait::async_trait;

use super::StoreError;
use crate::invalid::{Invalid, line_of_text};
use crate::{
    ConcertId, Instant, Page, PageSize, Profile, Reservation, ReservationId, ReservationStatus,
    ScheduleId, TicketNumber,
};

/// A reservation with its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The reservation.
    pub reservation: Reservation,
    /// Whose it is.
    pub holder: Profile,
    /// When its performance starts.
    pub starts_at: Instant,
}

/// Which orders: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderQuery {
    /// Of this concert.
    pub concert_id: Option<ConcertId>,
    /// Of this schedule.
    pub schedule_id: Option<ScheduleId>,
    /// That stand so as of the instant of the read.
    pub status: Option<ReservationStatus>,
    /// That this text finds.
    pub text: Option<OrderText>,
}

/// What staff search orders for: the id of a reservation; a whole number, which is that of a seat; or else the number of
/// a ticket, a seat as it is printed, or a part of the holder's name or e-mail address, in any case of the letters `A`
/// to `Z`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderText(String);

impl OrderText {
    /// The most characters.
    pub const CHARACTERS_MAX: usize = 100;

    /// Parses a text of 1 to [`Self::CHARACTERS_MAX`] characters; surrounding space is dropped.
    ///
    /// # Errors
    /// Names the field `q`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        line_of_text(text, "q", 1, Self::CHARACTERS_MAX).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The reservation that the text names, if it does.
    pub fn reservation(&self) -> Option<ReservationId> {
        self.0.parse().ok()
    }

    /// The ticket that the text may number.
    pub fn ticket(&self) -> Option<TicketNumber> {
        self.0.parse().ok()
    }

    /// The seat that the text numbers, if it does: its number in the schedule, or the printed one.
    pub fn seat_number(&self) -> Option<i32> {
        self.0.parse().ok()
    }

    /// The seat that the text may name as it is printed, such as `Stalls B 12`, `B-12` or `Arena 300`.
    pub fn printed_seat(&self) -> Option<PrintedSeat<'_>> {
        let text = self.0.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let number = self.0.get(text.len()..)?.parse().ok()?;
        let place = text.trim_matches(|letter: char| letter.is_whitespace() || letter == '-');
        (!place.is_empty()).then_some(PrintedSeat { place, number })
    }
}

/// A seat as it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrintedSeat<'t> {
    /// The section, the row, or both with a space between them. Never empty.
    pub place: &'t str,
    /// The number in the row.
    pub number: i32,
}

/// Reads reservations as staff see them.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Orders: Send + Sync {
    /// Orders that a query finds, newest first, from those below `after` on, as of `now`.
    ///
    /// # Errors
    /// A failure of the store.
    async fn orders(
        &self,
        query: &OrderQuery,
        after: Option<ReservationId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<Order, ReservationId>, StoreError>;
}
