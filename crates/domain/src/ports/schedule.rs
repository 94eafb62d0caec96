//! Reading schedules and their seats.

use std::iter::Sum;

use async_trait::async_trait;

use super::StoreError;
use crate::venue::{Address, PlaceName, TimeZoneName};
use crate::{
    ConcertId, Instant, OperatorActionId, Page, PageSize, Reason, Schedule, ScheduleId, Seat,
    SeatState, UserId, Venue, VenueId,
};

/// A schedule and how much of it is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleListing {
    /// The schedule.
    pub schedule: Schedule,
    /// How many of its seats are free now.
    pub seats_available: i64,
    /// The venue of the hall whose seat plan it has, if it has one.
    pub venue: Option<VenueOfSchedule>,
}

/// Where a schedule is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueOfSchedule {
    /// Which venue.
    pub id: VenueId,
    /// What it is called now.
    pub name: PlaceName,
    /// Its address; may be empty.
    pub address: Address,
    /// The time zone of its clocks.
    pub time_zone: TimeZoneName,
}

impl From<Venue> for VenueOfSchedule {
    fn from(venue: Venue) -> Self {
        let Venue { id, name, address, time_zone, .. } = venue;
        Self { id, name, address, time_zone }
    }
}

/// How a schedule sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sales {
    /// The schedule.
    pub schedule: Schedule,
    /// How many of its seats are free now.
    pub free: i64,
    /// How many are held now.
    pub held: i64,
    /// The number of sold seats, complimentary tickets included.
    pub sold: i64,
    /// The number of complimentary tickets among them.
    pub complimentary: i64,
    /// The number of blocked seats, which are not for sale.
    pub blocked: i64,
    /// The price of the other sold seats, in points.
    pub revenue: i64,
}

/// What was sold of one section of a schedule at one price in a quarter of an hour, and is still paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarterSales {
    /// When the quarter of an hour begins: a multiple of 900 seconds since 1970.
    pub from: Instant,
    /// Of which schedule.
    pub schedule_id: ScheduleId,
    /// The label of the section; may be empty.
    pub section: String,
    /// The price of each ticket, which is that of its price zone.
    pub price: i64,
    /// How many tickets.
    pub tickets: i64,
    /// What they cost together, in points.
    pub revenue: i64,
}

impl QuarterSales {
    /// The length of a quarter of an hour, in seconds. Offsets of time zones are multiples of it.
    pub const SECONDS: i64 = 900;
}

/// Seats of a schedule that staff blocked together and that are still blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatBlock {
    /// The record of the blocking.
    pub id: OperatorActionId,
    /// The user who blocked them.
    pub blocked_by: UserId,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: Reason,
    /// The numbers of the seats, in order.
    pub numbers: Vec<i32>,
}

/// How far the refunds of a cancelled schedule have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// How many paid reservations were cancelled and refunded since the schedule was cancelled.
    pub refunded: i64,
    /// How many are still paid.
    pub tickets: i64,
    /// The number of holds and of reservations of complimentary tickets that have not ended.
    pub holds: i64,
}

impl Sum for Settlement {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            refunded: sum.refunded.saturating_add(one.refunded),
            tickets: sum.tickets.saturating_add(one.tickets),
            holds: sum.holds.saturating_add(one.holds),
        })
    }
}

/// Reads schedules and their seats.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Schedules: Send + Sync {
    /// The schedule of this id.
    ///
    /// # Errors
    /// A failure of the store.
    async fn schedule(&self, id: ScheduleId) -> Result<Option<Schedule>, StoreError>;

    /// The schedule of this id, and how much of it is left as of `now`.
    ///
    /// # Errors
    /// A failure of the store.
    async fn schedule_listing(
        &self,
        id: ScheduleId,
        now: Instant,
    ) -> Result<Option<ScheduleListing>, StoreError>;

    /// A concert's schedules, oldest id first, from those above `after` on, as of `now`. With
    /// `only_available`, those alone whose booking is open now and that have a free seat.
    ///
    /// # Errors
    /// A failure of the store.
    async fn schedules(
        &self,
        concert_id: ConcertId,
        only_available: bool,
        after: Option<ScheduleId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<ScheduleListing, ScheduleId>, StoreError>;

    /// How all schedules of a concert sell, oldest id first, as of `now`.
    ///
    /// # Errors
    /// A failure of the store.
    async fn sales(&self, concert_id: ConcertId, now: Instant) -> Result<Vec<Sales>, StoreError>;

    /// When the paid tickets of a concert were sold, in the order of time, schedule and section.
    ///
    /// # Errors
    /// A failure of the store.
    async fn sales_by_time(&self, concert_id: ConcertId) -> Result<Vec<QuarterSales>, StoreError>;

    /// How far the refunds of a schedule have come; all zero for one that was not cancelled and has no reservation.
    ///
    /// # Errors
    /// A failure of the store.
    async fn settlement(&self, id: ScheduleId) -> Result<Settlement, StoreError>;

    /// The progress of the refunds of all cancelled schedules of a concert.
    ///
    /// # Errors
    /// A failure of the store.
    async fn concert_settlement(&self, id: ConcertId) -> Result<Settlement, StoreError>;

    /// All seats of a schedule, in the order of their numbers.
    ///
    /// # Errors
    /// A failure of the store.
    async fn seats(&self, schedule_id: ScheduleId) -> Result<Vec<Seat>, StoreError>;

    /// The states of all seats of a schedule, in the order of their numbers, which count from 1 without a gap.
    ///
    /// # Errors
    /// A failure of the store.
    async fn seat_states(&self, schedule_id: ScheduleId) -> Result<Vec<SeatState>, StoreError>;

    /// The blocked seats of a schedule by what blocked them, newest first, from below `after` on.
    ///
    /// # Errors
    /// A failure of the store.
    async fn seat_blocks(
        &self,
        schedule_id: ScheduleId,
        after: Option<OperatorActionId>,
        size: PageSize,
    ) -> Result<Page<SeatBlock, OperatorActionId>, StoreError>;
}
