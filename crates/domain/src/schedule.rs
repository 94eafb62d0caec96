//! Schedules: the dated performances of a concert, and the plan of their seats.

use serde::{Deserialize, Serialize};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::invalid::{Invalid, Rule, between, line_of_text};
use crate::reservation::OwnTickets;
use crate::seat_plan::{Place, ZonePrices};
use crate::{
    ConcertId, ConcertState, HallPlan, Instant, PlanVersion, Points, Reason, ReservationId,
    ScheduleId, Seat, SeatDetails, SeatId, SeatKind, SeatPlan, SeatState,
};

/// One dated performance of a concert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Which.
    pub id: ScheduleId,
    /// Of which concert.
    pub concert_id: ConcertId,
    /// Where the concert stands: a copy of [`crate::Concert::state`].
    #[serde(default)]
    pub concert_state: ConcertState,
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
    /// The number of blocked seats among them, which are not for sale.
    #[serde(default)]
    pub blocked_count: i32,
    /// How many tickets one person may have of it.
    #[serde(default)]
    pub ticket_limit: TicketLimit,
    /// How often it was changed. An edit names the version that it was made from.
    #[serde(default)]
    pub version: i64,
    /// The last time that it was moved after tickets were sold, if it was.
    #[serde(default)]
    pub moved: Option<Moved>,
    /// Its cancellation, if it was cancelled. There is no way back.
    #[serde(default)]
    pub cancelled: Option<ScheduleCancelled>,
    /// When it was made.
    pub created_at: Instant,
    /// The version of a hall's seat plan that its seats come from, if they do.
    #[serde(default)]
    pub plan: Option<PlanVersion>,
}

impl Schedule {
    /// Whether the holder of a paid reservation can cancel it at `now`: until the deadline of the schedule, after a
    /// move until the deadline of the move, and always if the schedule was cancelled.
    pub fn is_cancellable(&self, now: Instant) -> bool {
        let moved_until = self.moved.map(|moved| moved.refundable_until);
        let deadlines = [self.cancellation_closes_at, moved_until];
        self.cancelled.is_some() || deadlines.into_iter().flatten().any(|closes_at| now < closes_at)
    }

    /// Whether seats of it can be booked at `now`: not before the window, not after it, never once it was
    /// cancelled, and only while its concert is on sale (rule 11).
    pub fn is_bookable(&self, now: Instant) -> bool {
        self.takes_place() && self.booking.is_open(now)
    }

    /// Whether its performance is to be, was, or is: neither it nor its concert was cancelled.
    pub fn takes_place(&self) -> bool {
        self.concert_state.is_on_sale() && self.cancelled.is_none()
    }

    /// Whether no seat of it can be booked at `now` or later.
    pub fn has_closed(&self, now: Instant) -> bool {
        self.cancelled.is_some() || self.booking.has_closed(now)
    }

    /// Replaces the terms. If the performance starts or ends at another time and tickets are sold, their holders may
    /// cancel until `refundable_until`, or until the new start without that. So a new start has to come.
    ///
    /// # Errors
    /// The schedule was cancelled, the instants are not in order, tickets are sold and the new start has passed, or the
    /// deadline of the move does not lie between now and the new start.
    pub fn edit(
        &mut self,
        terms: ScheduleTerms,
        refundable_until: Option<Instant>,
        now: Instant,
    ) -> Result<(), NotEdited> {
        if self.cancelled.is_some() {
            return Err(NotEdited::Cancelled);
        }
        terms.check().map_err(NotEdited::OutOfOrder)?;
        let is_other_start = self.starts_at != terms.starts_at;
        if is_other_start && self.sold_count > 0 && terms.starts_at <= now {
            return Err(NotEdited::StartHasPassed);
        }
        let until = refundable_until.unwrap_or(terms.starts_at);
        if refundable_until.is_some() && !(now < until && until <= terms.starts_at) {
            return Err(NotEdited::RefundableUntil);
        }
        let is_moved = (self.starts_at, self.ends_at) != (terms.starts_at, terms.ends_at);
        if is_moved && self.sold_count > 0 {
            let told_to = Some(ReservationId::FIRST);
            let (at, from) = (now, self.starts_at);
            self.moved = Some(Moved { at, from, refundable_until: until, told_to });
        }
        self.starts_at = terms.starts_at;
        self.ends_at = terms.ends_at;
        self.booking = terms.booking;
        self.cancellation_closes_at = terms.cancellation_closes_at;
        self.ticket_limit = terms.ticket_limit;
        self.version = self.version.saturating_add(1);
        Ok(())
    }

    /// Cancels the schedule, for which there is no way back: from now on nothing is sold. Its tickets are refunded afterwards.
    ///
    /// # Errors
    /// [`AlreadyCancelled`] if it was cancelled before.
    pub fn cancel(&mut self, reason: Reason, now: Instant) -> Result<(), AlreadyCancelled> {
        if self.cancelled.is_some() {
            return Err(AlreadyCancelled);
        }
        self.cancelled = Some(ScheduleCancelled { at: now, reason });
        self.version = self.version.saturating_add(1);
        Ok(())
    }

    /// Whether every seat that is for sale is paid.
    pub fn is_sold_out(&self) -> bool {
        self.sold_count >= self.seat_count - self.blocked_count
    }

    /// Adds to the count of paid seats; a negative number means seats that are free again. The count keeps to its bounds, because
    /// a process of an older version, which an upgrade replaces last, sells seats without counting them.
    pub fn count_sold(&mut self, seats: i32) {
        let most = (self.seat_count - self.blocked_count).max(0);
        self.sold_count = self.sold_count.saturating_add(seats).clamp(0, most);
    }

    /// Adds to the count of blocked seats; a negative number means seats that are for sale again. The count keeps to its
    /// bounds, as that of [`Self::count_sold`].
    pub fn count_blocked(&mut self, seats: i32) {
        let most = (self.seat_count - self.sold_count).max(0);
        self.blocked_count = self.blocked_count.saturating_add(seats).clamp(0, most);
    }

    /// The terms that its organizer set.
    pub fn terms(&self) -> ScheduleTerms {
        ScheduleTerms {
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            booking: self.booking,
            cancellation_closes_at: self.cancellation_closes_at,
            ticket_limit: self.ticket_limit,
        }
    }
}

/// A move of a schedule after tickets were sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// When it was moved.
    pub at: Instant,
    /// When the performance was to start before.
    pub from: Instant,
    /// The first instant at which holders can no longer cancel because of the move.
    pub refundable_until: Instant,
    /// The holders of reservations up to this id have been told of it (rule 23), or need not be; nothing once all have.
    #[serde(default)]
    pub told_to: Option<ReservationId>,
}

/// The cancellation of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleCancelled {
    /// When.
    pub at: Instant,
    /// Why, in words for the holders of tickets.
    pub reason: Reason,
}

/// The schedule was cancelled before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the schedule was cancelled before")]
pub struct AlreadyCancelled;

/// Why a schedule keeps its terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEdited {
    /// It was cancelled.
    #[error("the schedule was cancelled")]
    Cancelled,
    /// The new instants are not in order.
    #[error("{0}")]
    OutOfOrder(OutOfOrder),
    /// Tickets are sold, and their holders could not cancel before the new start.
    #[error("tickets are sold, and the new start has passed")]
    StartHasPassed,
    /// The deadline of the move does not lie between now and the new start.
    #[error("the deadline for refunds lies before now or after the start")]
    RefundableUntil,
}

/// Which instant of a schedule is not in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum OutOfOrder {
    /// The performance ends before it starts.
    #[error("the performance must end after it starts")]
    End,
    /// Booking closes before it opens.
    #[error("booking must close after it opens")]
    BookingWindow,
    /// Booking closes after the performance.
    #[error("booking must close by the end of the performance")]
    BookingClosing,
    /// Cancellation closes after the performance has started.
    #[error("cancellation must close by the start of the performance")]
    Cancellation,
}

impl From<OutOfOrder> for Invalid {
    fn from(wrong: OutOfOrder) -> Self {
        match wrong {
            OutOfOrder::End => Self::new("endsAt", Rule::After("startsAt")),
            OutOfOrder::BookingWindow => {
                Self::new("bookingClosesAt", Rule::After("bookingOpensAt"))
            }
            OutOfOrder::BookingClosing => Self::new("bookingClosesAt", Rule::NotAfter("endsAt")),
            OutOfOrder::Cancellation => {
                Self::new("cancellationClosesAt", Rule::NotAfter("startsAt"))
            }
        }
    }
}

/// What an organizer sets of a schedule besides its seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleTerms {
    /// When the performance starts.
    pub starts_at: Instant,
    /// When it ends.
    pub ends_at: Instant,
    /// When its seats may be booked.
    pub booking: BookingWindow,
    /// The first instant at which a paid reservation can no longer be cancelled; nothing when it
    /// never can.
    pub cancellation_closes_at: Option<Instant>,
    /// How many tickets one person may have of it.
    pub ticket_limit: TicketLimit,
}

impl ScheduleTerms {
    /// Checks the order of the instants: the performance ends after it starts, booking closes by
    /// then, and cancellation, if there is any, by the start.
    ///
    /// # Errors
    /// The first instant that is not in order.
    pub fn check(&self) -> Result<(), OutOfOrder> {
        if self.ends_at <= self.starts_at {
            return Err(OutOfOrder::End);
        }
        if self.booking.closes_at <= self.booking.opens_at {
            return Err(OutOfOrder::BookingWindow);
        }
        if self.booking.closes_at > self.ends_at {
            return Err(OutOfOrder::BookingClosing);
        }
        if self.cancellation_closes_at.is_some_and(|closes_at| closes_at > self.starts_at) {
            return Err(OutOfOrder::Cancellation);
        }
        Ok(())
    }
}

/// The most tickets of one schedule that one person may have at a time: live holds and paid reservations together,
/// whatever the number of purchases. A released hold, an expired one and a refund give their tickets back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketLimit(i32);

impl TicketLimit {
    /// The limit of a schedule whose organizer sets none.
    pub const DEFAULT: Self = Self(4);
    /// The highest limit.
    pub const MAX: i32 = 1_000;

    /// Checks a limit: 1 to [`Self::MAX`] tickets.
    ///
    /// # Errors
    /// Names the field `maxTicketsPerPerson`.
    pub fn parse(tickets: i64) -> Result<Self, Invalid> {
        let tickets = between(tickets, "maxTicketsPerPerson", 1, i64::from(Self::MAX))?;
        Ok(Self(i32::try_from(tickets).unwrap_or(Self::MAX)))
    }

    /// The limit in tickets.
    pub fn get(self) -> i32 {
        self.0
    }

    /// Whether the limit allows `more` tickets in addition to `own`.
    pub fn allows(self, own: &[OwnTickets], more: usize) -> bool {
        let own: usize = own.iter().map(|tickets| tickets.count).sum();
        own.saturating_add(more) <= usize::try_from(self.0).unwrap_or_default()
    }
}

impl Default for TicketLimit {
    fn default() -> Self {
        Self::DEFAULT
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
        let count = |value, field| -> Result<i32, Invalid> {
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

/// The seats that a schedule is to have, and what they cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatMap(Form);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// Sections from the front to the back.
    Sections(Vec<Section>),
    /// The places of a hall's plan.
    Plan { plan: Arc<SeatPlan>, version: PlanVersion, prices: ZonePrices },
}

impl SeatMap {
    /// The most sections of the short form.
    pub const SECTIONS_MAX: usize = 100;
    /// The most seats of one schedule.
    pub const SEATS_MAX: i32 = SeatPlan::PLACES_MAX;

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
            between(section.price.get(), "seatMap.price", 1, Self::PRICE_MAX)?;
        }
        let prices: Option<Vec<Points>> = sections.iter().map(Section::total_price).collect();
        if prices.and_then(Points::checked_sum).is_none() {
            return Err(Invalid::new("seatMap.price", Rule::TotalPrice(Points::MAX.get())));
        }
        Ok(Self(Form::Sections(sections)))
    }

    /// The most that a seat costs: four of them cost no more than an account can have.
    const PRICE_MAX: i64 = Points::MAX.get() / 4;

    /// The places of a plan. Every zone that a place has needs a price; bounds of prices are those of [`Self::new`].
    ///
    /// # Errors
    /// Names `plan.prices`, or the zone's field in it.
    pub fn of_plan(of: &HallPlan, prices: &[(String, i64)]) -> Result<Self, Invalid> {
        let of_zone = |code: &str| format!("plan.prices.{code}");
        let is_zone = |code: &str| of.plan.zones().iter().any(|zone| zone.code == code);
        let mut priced = ZonePrices::new();
        for (code, price) in prices {
            if !is_zone(code) {
                return Err(Invalid::at(of_zone(code), Rule::Zone));
            }
            let price = between(*price, "", 1, Self::PRICE_MAX);
            let price = price.map_err(|invalid| Invalid::at(of_zone(code), invalid.rule))?;
            priced.extend(Points::new(price).map(|price| (code.clone(), price)));
        }
        let mut total = Points::ZERO;
        for place in of.plan.places() {
            let missing = || Invalid::at(of_zone(place.zone), Rule::Required);
            let price = priced.get(place.zone).ok_or_else(missing)?;
            let sum = total.checked_add(*price);
            let too_high = || Invalid::new("plan.prices", Rule::TotalPrice(Points::MAX.get()));
            total = sum.ok_or_else(too_high)?;
        }
        let version = PlanVersion { hall_id: of.hall_id, version: of.version };
        Ok(Self(Form::Plan { plan: Arc::clone(&of.plan), version, prices: priced }))
    }

    /// The version of the hall's plan that the seats come from, if they do.
    pub fn plan(&self) -> Option<PlanVersion> {
        match &self.0 {
            Form::Sections(_) => None,
            Form::Plan { version, .. } => Some(*version),
        }
    }

    /// How many seats there are.
    pub fn seat_count(&self) -> i32 {
        match &self.0 {
            Form::Sections(sections) => {
                sections.iter().map(|section| section.rows * section.columns).sum()
            }
            Form::Plan { plan, .. } => plan.place_count(),
        }
    }

    /// The seats of `schedule_id`, numbered from 1, row by row. Rows are counted on from section to
    /// section; what is printed for them begins at 1 in each. `ids` gives one id for each seat.
    pub fn seats(&self, schedule_id: ScheduleId, ids: &[SeatId]) -> Vec<Seat> {
        match &self.0 {
            Form::Sections(sections) => seats_of_sections(sections, schedule_id, ids),
            Form::Plan { plan, prices, .. } => {
                let price = |place: &Place<'_>| prices.get(place.zone).copied().unwrap_or_default();
                let numbered = (1..).zip(plan.places()).zip(ids);
                let seat = |((number, place), id): ((i32, Place<'_>), &SeatId)| Seat {
                    id: *id,
                    schedule_id,
                    number,
                    row: place.row,
                    column: place.column,
                    label: place.section.name.clone(),
                    price: price(&place),
                    state: SeatState::Free,
                    details: SeatDetails {
                        kind: place.kind,
                        row_label: place.row_label.map(str::to_owned),
                        seat_number: Some(place.seat_number),
                    },
                };
                numbered.map(seat).collect()
            }
        }
    }
}

/// Each row with its section and its number in sections of that name.
fn rows_of_sections(sections: &[Section]) -> Vec<(&Section, i32)> {
    let mut counts = BTreeMap::<&str, i32>::new();
    let mut rows = Vec::new();
    for section in sections {
        let count = counts.entry(&section.label).or_default();
        for _ in 0..section.rows {
            *count += 1;
            rows.push((section, *count));
        }
    }
    rows
}

fn seats_of_sections(sections: &[Section], schedule_id: ScheduleId, ids: &[SeatId]) -> Vec<Seat> {
    // In a single section, the row and the column are what is printed.
    let details = |row_in_section: i32, column: i32| match sections {
        [_] => SeatDetails::default(),
        _ => SeatDetails {
            kind: SeatKind::Seat,
            row_label: Some(row_in_section.to_string()),
            seat_number: Some(column),
        },
    };
    let places = (1..).zip(rows_of_sections(sections)).flat_map(|(row, (section, in_section))| {
        (1..=section.columns).map(move |column| (row, in_section, column, section))
    });
    (1..)
        .zip(places)
        .zip(ids)
        .map(|((number, (row, in_section, column, section)), id)| Seat {
            id: *id,
            schedule_id,
            number,
            row,
            column,
            label: section.label.clone(),
            price: section.price,
            state: SeatState::Free,
            details: details(in_section, column),
        })
        .collect()
}
