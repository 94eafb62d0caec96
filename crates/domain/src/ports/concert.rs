//! Reading concerts.

use async_trait::async_trait;
use time::macros::datetime;

use super::{StoreError, VenueOfSchedule};
use crate::concert::{SearchWords, Slug};
use crate::{
    Concert, ConcertId, ConcertSale, ConcertState, Instant, ListedDate, Page, PageSize, Points,
    Schedule, UserId,
};

/// Which concerts a list contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConcertFilter {
    /// Those of this organizer, drafts among them; without it, those of all organizers without drafts.
    pub organizer_id: Option<UserId>,
    /// Those with these ids; without it, those with any.
    pub ids: Option<Vec<ConcertId>>,
    /// Those that these words find.
    pub words: SearchWords,
    /// Those with a date at a venue that these words find.
    pub place: SearchWords,
    /// Those with a date that starts then or later.
    pub starts_from: Option<Instant>,
    /// Those with a date that starts before then; one date must fit the place and both bounds, if several are given.
    pub starts_before: Option<Instant>,
}

impl ConcertFilter {
    /// When a date of the concert starts at the earliest, and before when.
    pub fn start_bounds(&self) -> (Instant, Instant) {
        let from = self.starts_from.unwrap_or(Instant::UNIX_EPOCH);
        (from, self.starts_before.unwrap_or(datetime!(9999-12-31 0:00 UTC)))
    }

    /// Whether a date that starts at an instant lies within the bounds.
    pub fn takes_date(&self, starts_at: Instant) -> bool {
        let (from, before) = self.start_bounds();
        from <= starts_at && starts_at < before
    }

    /// Whether the ids take a concert.
    pub fn takes_id(&self, id: ConcertId) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&id))
    }

    /// Whether a concert needs a date to be taken.
    pub fn needs_date(&self) -> bool {
        self.starts_from.is_some() || self.starts_before.is_some() || !self.place.is_empty()
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
    /// Whether it can be booked, or why not.
    pub sale: ConcertSale,
    /// Its next dates, cancelled ones among them, soonest first, at most [`ConcertListing::LISTED_MAX`].
    pub dates: Vec<ListedDate>,
    /// The venue of the first of those that have one.
    pub venue: Option<VenueOfSchedule>,
}

impl ConcertListing {
    /// The most performances to come of one listing.
    pub const DATES_MAX: usize = 5;
    /// The most dates of one listing.
    pub const LISTED_MAX: usize = 10;

    /// A concert as of `now`, with its dates that have not ended by then and their venues; whether a seat of them is
    /// free for booking is told.
    pub fn new(
        concert: Concert,
        bookable: bool,
        mut dates: Vec<(Schedule, Option<VenueOfSchedule>)>,
        now: Instant,
    ) -> Self {
        dates.sort_by_key(|(date, _)| (date.starts_at, date.id));
        let sales: Vec<_> = dates.iter().map(|(date, _)| date.sale(now)).collect();
        let on: Vec<_> = dates.iter().map(|(date, _)| date).collect();
        let on: Vec<_> = on.into_iter().filter(|date| date.cancelled.is_none()).collect();
        let starts = on.iter().map(|date| date.starts_at).filter(|starts_at| now <= *starts_at);
        let starts = starts.filter(|_| concert.state != ConcertState::Cancelled);
        let opens = on.iter().map(|date| date.booking.opens_at).filter(|opens_at| now < *opens_at);
        let listed = dates.iter().filter(|(date, _)| now <= date.starts_at);
        let listed = listed.map(|(date, venue)| ListedDate {
            schedule_id: date.id,
            starts_at: date.starts_at,
            sale: date.sale(now),
            ticket_limit: date.ticket_limit,
            time_zone: venue.as_ref().map(|venue| venue.time_zone.clone()),
        });
        Self {
            bookable,
            next_dates: starts.take(Self::DATES_MAX).collect(),
            booking_opens_at: opens.min().filter(|_| concert.state.is_on_sale()),
            sale: ConcertSale::of(concert.state, &sales, bookable),
            dates: listed.take(Self::LISTED_MAX).collect(),
            venue: dates.iter().find_map(|(_, venue)| venue.clone()),
            concert,
        }
    }
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
