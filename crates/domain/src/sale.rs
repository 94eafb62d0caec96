//! Whether a concert and its dates can be booked, as fans are told before they enter.

use serde::Serialize;

use crate::venue::TimeZoneName;
use crate::{ConcertState, Instant, Schedule, ScheduleId, TicketLimit};

/// Whether a schedule can be booked. Holds do not count: that needs a look at every seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DateSale {
    /// Booking is open, and a seat is not paid.
    Open,
    /// Booking opens later.
    NotOpen,
    /// Every seat is paid. A ticket may come back.
    SoldOut,
    /// Booking has closed.
    Closed,
    /// It was cancelled, or its concert was.
    Cancelled,
}

/// Whether a concert can be booked: the most hopeful of its dates counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConcertSale {
    /// A seat of a date is free now.
    Open,
    /// Booking of a date is open, and each of its seats that is not paid is held. Holds end within minutes.
    Held,
    /// Booking of a date opens later.
    NotOpen,
    /// Every seat is paid, of each date that can be booked. A ticket may come back.
    SoldOut,
    /// Booking has closed.
    Closed,
    /// It was cancelled, or each of its dates was.
    Cancelled,
    /// It has no date to come.
    NoDate,
}

/// A date of a concert as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDate {
    /// The schedule.
    pub schedule_id: ScheduleId,
    /// When the performance starts.
    pub starts_at: Instant,
    /// Whether it can be booked.
    pub sale: DateSale,
    /// How many tickets one person may have of it.
    pub ticket_limit: TicketLimit,
    /// The time zone of its venue, if it has one.
    pub time_zone: Option<TimeZoneName>,
}

impl Schedule {
    /// Whether seats of it can be booked at `now`, or why not.
    pub fn sale(&self, now: Instant) -> DateSale {
        if self.cancelled.is_some() || self.concert_state == ConcertState::Cancelled {
            DateSale::Cancelled
        } else if self.booking.has_closed(now) {
            DateSale::Closed
        } else if self.is_sold_out() {
            DateSale::SoldOut
        } else if self.booking.is_open(now) {
            DateSale::Open
        } else {
            DateSale::NotOpen
        }
    }
}

impl ConcertSale {
    /// Of a concert in this state with these dates. `is_bookable` says whether a seat of them is free now. Of a draft,
    /// no seat is held: this is what fans will be told once it is published.
    pub fn of(state: ConcertState, dates: &[DateSale], is_bookable: bool) -> Self {
        if state == ConcertState::Cancelled {
            return Self::Cancelled;
        }
        if is_bookable {
            return Self::Open;
        }
        let is_draft = state == ConcertState::Draft;
        let hopes = [
            (DateSale::Open, if is_draft { Self::Open } else { Self::Held }),
            (DateSale::NotOpen, Self::NotOpen),
            (DateSale::SoldOut, Self::SoldOut),
            (DateSale::Closed, Self::Closed),
            (DateSale::Cancelled, Self::Cancelled),
        ];
        let found = hopes.into_iter().find(|(date, _)| dates.contains(date));
        found.map_or(Self::NoDate, |(_, sale)| sale)
    }
}
