//! Reading concerts.

use async_trait::async_trait;

use super::StoreError;
use crate::concert::Slug;
use crate::{Concert, ConcertId, Instant, Page, PageSize, Points};

/// A concert as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcertListing {
    /// The concert.
    pub concert: Concert,
    /// Whether a schedule is open for booking now and has a free seat.
    pub bookable: bool,
    /// When its next performances start, soonest first, at most [`ConcertListing::DATES_MAX`].
    pub next_dates: Vec<Instant>,
    /// The earliest opening of booking after `now`; nothing when no date is still to open.
    pub booking_opens_at: Option<Instant>,
}

impl ConcertListing {
    /// The most dates of one listing.
    pub const DATES_MAX: usize = 5;
}

/// Reads concerts.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Concerts: Send + Sync {
    /// The concert of this id, as of `now`.
    ///
    /// # Errors
    /// A failure of the store.
    async fn concert(
        &self,
        id: ConcertId,
        now: Instant,
    ) -> Result<Option<ConcertListing>, StoreError>;

    /// The concert of this slug.
    ///
    /// # Errors
    /// A failure of the store.
    async fn concert_of_slug(&self, slug: &Slug) -> Result<Option<ConcertId>, StoreError>;

    /// Concerts, newest id first, from those below `after` on, as of `now`.
    ///
    /// # Errors
    /// A failure of the store.
    async fn concerts(
        &self,
        after: Option<ConcertId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<ConcertListing, ConcertId>, StoreError>;

    /// The lowest price of a seat of this concert; nothing while it has no seats. This looks at
    /// every seat.
    ///
    /// # Errors
    /// A failure of the store.
    async fn lowest_price(&self, id: ConcertId) -> Result<Option<Points>, StoreError>;
}
