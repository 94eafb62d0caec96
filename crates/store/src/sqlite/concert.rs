//! Reading concerts.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use diesel::dsl::{exists, min};
use diesel::prelude::*;
use stagedoor_domain::ports::{ConcertListing, Concerts, StoreError};
use stagedoor_domain::{Concert, ConcertId, Instant, Page, PageSize, Points};

use crate::sqlite::codec::{Id, Micros};
use crate::sqlite::failure::Failure;
use crate::sqlite::rows::{ConcertRow, fold};
use crate::sqlite::schedule::is_free_at;
use crate::sqlite::schema::{concerts, schedules, seats};
use crate::sqlite::store::SqliteStore;

#[async_trait]
impl Concerts for SqliteStore {
    async fn concert(
        &self,
        id: ConcertId,
        now: Instant,
    ) -> Result<Option<ConcertListing>, StoreError> {
        self.read(move |conn| {
            let row = concerts::table.find(Id(id.0)).select(ConcertRow::as_select()).first(conn);
            let rows: Vec<ConcertRow> = row.optional()?.into_iter().collect();
            Ok(listings(conn, rows, now)?.pop())
        })
        .await
    }

    async fn concerts(
        &self,
        after: Option<ConcertId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<ConcertListing, ConcertId>, StoreError> {
        self.read(move |conn| {
            let mut query = concerts::table
                .select(ConcertRow::as_select())
                .order(concerts::id.desc())
                .limit(crate::sqlite::store::one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(concerts::id.lt(Id(after.0)));
            }
            let rows = query.load(conn)?;
            let listings = listings(conn, rows, now)?;
            Ok(Page::of(listings, size, |listing| listing.concert.id))
        })
        .await
    }

    async fn lowest_price(&self, id: ConcertId) -> Result<Option<Points>, StoreError> {
        self.read(move |conn| {
            let of_concert =
                schedules::table.filter(schedules::concert_id.eq(Id(id.0))).select(schedules::id);
            let lowest: Option<i64> = seats::table
                .filter(seats::schedule_id.eq_any(of_concert))
                .select(min(seats::price))
                .first(conn)?;
            Ok(lowest.and_then(Points::new))
        })
        .await
    }
}

fn listings(
    conn: &mut SqliteConnection,
    rows: Vec<ConcertRow>,
    now: Instant,
) -> Result<Vec<ConcertListing>, Failure> {
    let concerts: Vec<Concert> = fold(rows)?;
    let ids: Vec<Id> = concerts.iter().map(|concert| Id(concert.id.0)).collect();
    let bookable = bookable(conn, &ids, now)?;
    let mut dates = next_dates(conn, &ids, now)?;
    let openings = openings(conn, &ids, now)?;
    let listing = |concert: Concert| ConcertListing {
        bookable: bookable.contains(&Id(concert.id.0)),
        next_dates: dates.remove(&Id(concert.id.0)).unwrap_or_default(),
        booking_opens_at: openings.get(&Id(concert.id.0)).copied(),
        concert,
    };
    Ok(concerts.into_iter().map(listing).collect())
}

fn bookable(conn: &mut SqliteConnection, ids: &[Id], now: Instant) -> Result<HashSet<Id>, Failure> {
    let has_a_free_seat = exists(
        seats::table.filter(seats::schedule_id.eq(schedules::id)).filter(is_free_at!(Micros(now))),
    );
    let found: Vec<Id> = schedules::table
        .select(schedules::concert_id)
        .filter(schedules::concert_id.eq_any(ids))
        .filter(schedules::booking_opens_at.le(Micros(now)))
        .filter(schedules::booking_closes_at.gt(Micros(now)))
        .filter(has_a_free_seat)
        .load(conn)?;
    Ok(found.into_iter().collect())
}

/// The earliest opening of booking after `now`, of each concert that has one.
fn openings(
    conn: &mut SqliteConnection,
    ids: &[Id],
    now: Instant,
) -> Result<HashMap<Id, Instant>, Failure> {
    let found: Vec<(Id, Option<Micros>)> = schedules::table
        .group_by(schedules::concert_id)
        .select((schedules::concert_id, min(schedules::booking_opens_at)))
        .filter(schedules::concert_id.eq_any(ids))
        .filter(schedules::booking_opens_at.gt(Micros(now)))
        .load(conn)?;
    Ok(found.into_iter().filter_map(|(id, opens_at)| Some((id, opens_at?.0))).collect())
}

fn next_dates(
    conn: &mut SqliteConnection,
    ids: &[Id],
    now: Instant,
) -> Result<HashMap<Id, Vec<Instant>>, Failure> {
    let found: Vec<(Id, Micros)> = schedules::table
        .select((schedules::concert_id, schedules::starts_at))
        .filter(schedules::concert_id.eq_any(ids))
        .filter(schedules::starts_at.ge(Micros(now)))
        .order(schedules::starts_at)
        .load(conn)?;
    let mut dates: HashMap<Id, Vec<Instant>> = HashMap::new();
    for (id, starts_at) in found {
        let dates = dates.entry(id).or_default();
        if dates.len() < ConcertListing::DATES_MAX {
            dates.push(starts_at.0);
        }
    }
    Ok(dates)
}
