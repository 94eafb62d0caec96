//! Reading schedules and their seats.

use async_trait::async_trait;

use super::StoreError;
use crate::{ConcertId, Instant, Page, PageSize, Schedule, ScheduleId, Seat};

/// A schedule and how much of it is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleListing {
    /// The schedule.
    pub schedule: Schedule,
    /// How many of its seats are free now.
    pub seats_available: i64,
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
    /// How many are sold.
    pub sold: i64,
    /// What those were sold for, in points.
    pub revenue: i64,
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

    /// All seats of a schedule, in the order of their numbers.
    ///
    /// # Errors
    /// A failure of the store.
    async fn seats(&self, schedule_id: ScheduleId) -> Result<Vec<Seat>, StoreError>;
}
