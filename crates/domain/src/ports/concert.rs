//! Reading concerts.

use async_trait::async_trait;

use super::StoreError;
use crate::concert::{SearchWords, Slug};
use crate::{Concert, ConcertId, Instant, Page, PageSize, Points, UserId};

/// Which concerts a list contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConcertFilter {
    /// Those of this organizer, drafts among them; without it, those of all organizers without drafts.
    pub organizer_id: Option<UserId>,
    /// Those that these words find.
    pub words: SearchWords,
    /// Those with a date that starts then or later.
    pub starts_from: Option<Instant>,
    /// Those with a date that starts before then; the same date, if both bounds are given.
    pub starts_before: Option<Instant>,
}

impl ConcertFilter {
    /// Whether a date that starts at an instant lies within the bounds.
    pub fn takes_date(&self, starts_at: Instant) -> bool {
        self.starts_from.is_none_or(|from| from <= starts_at)
            && self.starts_before.is_none_or(|before| starts_at < before)
    }

    /// Whether a concert needs a date to be taken.
    pub fn needs_date(&self) -> bool {
        self.starts_from.is_some() || self.starts_before.is_some()
    }
}

/// A concert as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcertListing {
    /// The concert.
    pub concert: Concert,
    /// Whether it is on sale, and a schedule is open for booking now and has a free seat.
    pub bookable: bool,
    /// When its next performances start, soonest first, at most [`ConcertListing::DATES_MAX`]; none when it was
    /// cancelled.
    pub next_dates: Vec<Instant>,
    /// The earliest opening of booking after `now`; nothing when no date is still to open, or it is not on sale.
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

    /// The concerts that `filter` takes, newest id first, from those below `after` on, as of `now`.
    ///
    /// # Errors
    /// A failure of the store.
    async fn concerts(
        &self,
        filter: &ConcertFilter,
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
