//! Schedules: the dated performances of a concert, and the plan of their seats.

use serde::{Deserialize, Serialize};

use crate::invalid::{Invalid, Rule, between, line_of_text};
use crate::{ConcertId, Instant, Points, ScheduleId, Seat, SeatId, SeatState};

/// One dated performance of a concert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Which.
    pub id: ScheduleId,
    /// Of which concert.
    pub concert_id: ConcertId,
    /// When the performance starts.
    pub starts_at: Instant,
    /// When it ends.
    pub ends_at: Instant,
    /// When its seats may be booked.
    pub booking: BookingWindow,
    /// The first instant at which a paid reservation can no longer be cancelled; nothing when it
    /// never can.
    pub cancellation_closes_at: Option<Instant>,
    /// How many seats it has.
    pub seat_count: i32,
    /// How many of them are paid.
    #[serde(default)]
    pub sold_count: i32,
    /// When it was made.
    pub created_at: Instant,
}

impl Schedule {
    /// Whether a paid reservation can be cancelled at `now`.
    pub fn is_cancellable(&self, now: Instant) -> bool {
        self.cancellation_closes_at.is_some_and(|closes_at| now < closes_at)
    }

    /// Whether every seat is paid.
    pub fn is_sold_out(&self) -> bool {
        self.sold_count >= self.seat_count
    }

    /// Adds to the count of paid seats; a negative number means seats that are free again. The count keeps to its bounds, because
    /// a process of an older version, which an upgrade replaces last, sells seats without counting them.
    pub fn count_sold(&mut self, seats: i32) {
        self.sold_count = self.sold_count.saturating_add(seats).clamp(0, self.seat_count);
    }

    /// Checks the order of the instants: the performance ends after it starts, booking closes by
    /// then, and cancellation, if there is any, by the start.
    ///
    /// # Errors
    /// Names the first field that is out of order.
    pub fn check_times(
        starts_at: Instant,
        ends_at: Instant,
        booking: BookingWindow,
        cancellation_closes_at: Option<Instant>,
    ) -> Result<(), Invalid> {
        if ends_at <= starts_at {
            return Err(Invalid::new("endsAt", Rule::After("startsAt")));
        }
        if booking.closes_at <= booking.opens_at {
            return Err(Invalid::new("bookingClosesAt", Rule::After("bookingOpensAt")));
        }
        if booking.closes_at > ends_at {
            return Err(Invalid::new("bookingClosesAt", Rule::NotAfter("endsAt")));
        }
        if cancellation_closes_at.is_some_and(|closes_at| closes_at > starts_at) {
            return Err(Invalid::new("cancellationClosesAt", Rule::NotAfter("startsAt")));
        }
        Ok(())
    }
}

/// When seats may be booked: from `opens_at` until just before `closes_at` (rule 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingWindow {
    /// The first instant in the window.
    pub opens_at: Instant,
    /// The first instant after the window.
    pub closes_at: Instant,
}

impl BookingWindow {
    /// Whether `now` lies within.
    pub fn is_open(&self, now: Instant) -> bool {
        self.opens_at <= now && now < self.closes_at
    }

    /// Whether `now` lies after it.
    pub fn has_closed(&self, now: Instant) -> bool {
        self.closes_at <= now
    }
}

/// A block of seats of one price: `rows` rows of `columns` seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// How many rows.
    pub rows: i32,
    /// How many seats in each row.
    pub columns: i32,
    /// What each seat costs, in points.
    pub price: Points,
    /// What the block is called, such as `VIP`; may be empty.
    pub label: String,
}

impl Section {
    /// Checks the parts of a section.
    ///
    /// # Errors
    /// Names the first field out of bounds.
    pub fn parse(rows: i64, columns: i64, price: i64, label: &str) -> Result<Self, Invalid> {
        let count = |value, field| {
            let value = between(value, field, 1, i64::from(SeatMap::SEATS_MAX))?;
            Ok(i32::try_from(value).unwrap_or(SeatMap::SEATS_MAX))
        };
        Ok(Self {
            rows: count(rows, "seatMap.rows")?,
            columns: count(columns, "seatMap.columns")?,
            price: Points::positive(price, "seatMap.price")?,
            label: line_of_text(label, "seatMap.label", 0, 40)?,
        })
    }

    fn seats(&self) -> i64 {
        i64::from(self.rows) * i64::from(self.columns)
    }

    /// What all its seats cost together; nothing when it passes [`Points::MAX`].
    fn total_price(&self) -> Option<Points> {
        self.price.get().checked_mul(self.seats()).and_then(Points::new)
    }
}

/// The plan of a schedule's seats: sections from the front to the back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatMap(Vec<Section>);

impl SeatMap {
    /// The most sections of one plan.
    pub const SECTIONS_MAX: usize = 100;
    /// The most seats of one schedule.
    pub const SEATS_MAX: i32 = 50_000;

    /// Checks the number of sections and of seats, that four seats of any section cost no more
    /// than [`Points::MAX`] together, and that all seats do: so no revenue of the schedule passes it.
    ///
    /// # Errors
    /// Names the field: `seatMap` or `seatMap.price`.
    pub fn new(sections: Vec<Section>) -> Result<Self, Invalid> {
        if sections.is_empty() || sections.len() > Self::SECTIONS_MAX {
            return Err(Invalid::new("seatMap", Rule::Items(1, Self::SECTIONS_MAX)));
        }
        let seats: i64 = sections.iter().map(Section::seats).sum();
        let most = i64::from(Self::SEATS_MAX);
        if !(1..=most).contains(&seats) {
            return Err(Invalid::new("seatMap", Rule::Seats(1, most)));
        }
        for section in &sections {
            between(section.price.get(), "seatMap.price", 1, Points::MAX.get() / 4)?;
        }
        let prices: Option<Vec<Points>> = sections.iter().map(Section::total_price).collect();
        if prices.and_then(Points::checked_sum).is_none() {
            return Err(Invalid::new("seatMap.price", Rule::TotalPrice(Points::MAX.get())));
        }
        Ok(Self(sections))
    }

    /// How many seats the plan has.
    pub fn seat_count(&self) -> i32 {
        self.0.iter().map(|section| section.rows * section.columns).sum()
    }

    /// The seats of `schedule_id`, numbered from 1, row by row. Rows are counted on from section to
    /// section. `ids` gives one id for each seat.
    pub fn seats(&self, schedule_id: ScheduleId, ids: &[SeatId]) -> Vec<Seat> {
        let rows = self.0.iter().flat_map(|section| (0..section.rows).map(move |_| section));
        let places = (1..).zip(rows).flat_map(|(row, section)| {
            (1..=section.columns).map(move |column| (row, column, section))
        });
        (1..)
            .zip(places)
            .zip(ids)
            .map(|((number, (row, column, section)), id)| Seat {
                id: *id,
                schedule_id,
                number,
                row,
                column,
                label: section.label.clone(),
                price: section.price,
                state: SeatState::Free,
            })
            .collect()
    }
}
