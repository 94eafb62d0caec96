//! Reading concerts.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use diesel::dsl::{exists, min};
use diesel::prelude::*;
use stagedoor_domain::concert::Slug;
use stagedoor_domain::ports::{
    ConcertFilter, ConcertListing, Concerts, StoreError, VenueOfSchedule,
};
use stagedoor_domain::{
    Concert, ConcertId, ConcertState, Instant, Page, PageSize, Points, Schedule,
};

use super::dialect::{Conn, Store};
use super::one_more;
use super::schedule::{is_free_at, venues_of};
use crate::failure::Failure;
use crate::rows::{ConcertRow, ScheduleRow, concert_state_text, fold};
use crate::schema::{concerts, halls, schedules, seats, venues};
use crate::types::{At, Id};

#[async_trait]
impl Concerts for Store {
    async fn concert(
        &self,
        id: ConcertId,
        now: Instant,
    ) -> Result<Option<ConcertListing>, StoreError> {
        self.snapshot(move |conn| {
            let row = concerts::table.find(Id(id)).select(ConcertRow::as_select()).first(conn);
            let rows: Vec<ConcertRow> = row.optional()?.into_iter().collect();
            Ok(listings(conn, rows, now)?.pop())
        })
        .await
    }

    async fn concert_of_slug(&self, slug: &Slug) -> Result<Option<ConcertId>, StoreError> {
        let slug = slug.as_str().to_owned();
        self.read(move |conn| {
            let found = concerts::table.filter(concerts::slug.eq(slug)).select(concerts::id);
            Ok(found.first(conn).optional()?)
        })
        .await
    }

    async fn concerts(
        &self,
        filter: &ConcertFilter,
        after: Option<ConcertId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<ConcertListing, ConcertId>, StoreError> {
        let filter = filter.clone();
        self.snapshot(move |conn| {
            let mut query = concerts::table
                .select(ConcertRow::as_select())
                .order(concerts::id.desc())
                .limit(one_more(size))
                .into_boxed();
            query = match filter.organizer_id {
                Some(organizer_id) => query.filter(concerts::organizer_id.eq(Id(organizer_id))),
                None => query.filter(concerts::state.ne(concert_state_text(ConcertState::Draft))),
            };
            if let Some(ids) = &filter.ids {
                let ids: Vec<_> = ids.iter().copied().map(Id).collect();
                query = query.filter(concerts::id.eq_any(ids));
            }
            for word in filter.words.as_slice() {
                query = query.filter(concerts::search_text.like(containing(word)).escape('\\'));
            }
            if filter.needs_date() {
                let (from, before) = filter.start_bounds();
                let dates = schedules::table
                    .filter(schedules::concert_id.eq(concerts::id))
                    .filter(schedules::starts_at.ge(At(from)))
                    .filter(schedules::starts_at.lt(At(before)));
                query = if filter.place.is_empty() {
                    query.filter(exists(dates))
                } else {
                    let mut halls = halls::table
                        .inner_join(venues::table.on(venues::id.eq(halls::venue_id)))
                        .select(halls::id.nullable())
                        .into_boxed();
                    for word in filter.place.as_slice() {
                        halls =
                            halls.filter(venues::search_text.like(containing(word)).escape('\\'));
                    }
                    query.filter(exists(dates.filter(schedules::hall_id.eq_any(halls))))
                };
            }
            if let Some(after) = after {
                query = query.filter(concerts::id.lt(Id(after)));
            }
            let rows = query.load(conn)?;
            let listings = listings(conn, rows, now)?;
            Ok(Page::of(listings, size, |listing| listing.concert.id))
        })
        .await
    }

    async fn lowest_price(&self, id: ConcertId) -> Result<Option<Points>, StoreError> {
        self.snapshot(move |conn| {
            let of_concert =
                schedules::table.filter(schedules::concert_id.eq(Id(id))).select(schedules::id);
            let lowest: Option<i64> = seats::table
                .filter(seats::schedule_id.eq_any(of_concert))
                .select(min(seats::price))
                .first(conn)?;
            Ok(lowest.and_then(Points::new))
        })
        .await
    }
}

/// The pattern of texts that contain a word.
fn containing(word: &str) -> String {
    let word = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{word}%")
}

fn listings(
    conn: &mut Conn,
    rows: Vec<ConcertRow>,
    now: Instant,
) -> Result<Vec<ConcertListing>, Failure> {
    let concerts: Vec<Concert> = fold(rows)?;
    let ids: Vec<Id<ConcertId>> = concerts.iter().map(|concert| Id(concert.id)).collect();
    let bookable = bookable(conn, &ids, now)?;
    let mut dates = dates_to_come(conn, &ids, now)?;
    let listing = |concert: Concert| {
        let is_bookable = bookable.contains(&concert.id);
        let dates = dates.remove(&concert.id).unwrap_or_default();
        ConcertListing::new(concert, is_bookable, dates, now)
    };
    Ok(concerts.into_iter().map(listing).collect())
}

/// Schedules of concerts that are on sale.
pub(super) fn is_on_sale() -> diesel::dsl::Eq<schedules::concert_state, &'static str> {
    schedules::concert_state.eq(concert_state_text(ConcertState::Published))
}

fn bookable(
    conn: &mut Conn,
    ids: &[Id<ConcertId>],
    now: Instant,
) -> Result<HashSet<ConcertId>, Failure> {
    let has_a_free_seat = exists(
        seats::table.filter(seats::schedule_id.eq(schedules::id)).filter(is_free_at!(At(now))),
    );
    let found: Vec<ConcertId> = schedules::table
        .select(schedules::concert_id)
        .filter(schedules::concert_id.eq_any(ids))
        .filter(is_on_sale())
        .filter(schedules::booking_opens_at.le(At(now)))
        .filter(schedules::booking_closes_at.gt(At(now)))
        .filter(schedules::cancelled_at.is_null())
        .filter(has_a_free_seat)
        .load(conn)?;
    Ok(found.into_iter().collect())
}

/// A schedule, and where it is.
type Date = (Schedule, Option<VenueOfSchedule>);

/// The dates of concerts that have not ended by `now`.
fn dates_to_come(
    conn: &mut Conn,
    ids: &[Id<ConcertId>],
    now: Instant,
) -> Result<HashMap<ConcertId, Vec<Date>>, Failure> {
    let rows: Vec<ScheduleRow> = schedules::table
        .select(ScheduleRow::as_select())
        .filter(schedules::concert_id.eq_any(ids))
        .filter(schedules::ends_at.gt(At(now)))
        .load(conn)?;
    let found: Vec<Schedule> = fold(rows)?;
    let venues = venues_of(conn, &found)?;
    let mut dates: HashMap<_, Vec<_>> = HashMap::new();
    for schedule in found {
        let venue = schedule.plan.and_then(|plan| venues.get(&plan.hall_id).cloned());
        dates.entry(schedule.concert_id).or_default().push((schedule, venue));
    }
    Ok(dates)
}
