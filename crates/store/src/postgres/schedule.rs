//! Reading schedules and their seats.

use std::collections::HashMap;

use async_trait::async_trait;
use diesel::dsl::count_star;
use diesel::prelude::*;
use stagedoor_domain::ports::{Sales, ScheduleListing, Schedules, StoreError};
use stagedoor_domain::{ConcertId, Instant, Page, PageSize, Schedule, ScheduleId, Seat};
use uuid::Uuid;

use crate::postgres::failure::Failure;
use crate::postgres::rows::{ScheduleRow, SeatRow, corrupt, fold, fold_one};
use crate::postgres::schema::{schedules, seats};
use crate::postgres::store::PostgresStore;
use crate::postgres::transaction::Isolation;

/// Seats that are free at an instant, as `Seat::status` says.
macro_rules! is_free_at {
    ($now:expr) => {
        crate::postgres::schema::seats::status.eq("FREE").or(crate::postgres::schema::seats::status
            .eq("HELD")
            .and(crate::postgres::schema::seats::held_until.le($now)))
    };
}
pub(crate) use is_free_at;

#[async_trait]
impl Schedules for PostgresStore {
    async fn schedule(&self, id: ScheduleId) -> Result<Option<Schedule>, StoreError> {
        self.read(move |conn| {
            let row = schedules::table.find(id.0).select(ScheduleRow::as_select()).first(conn);
            fold_one(row.optional()?)
        })
        .await
    }

    async fn schedules(
        &self,
        concert_id: ConcertId,
        only_available: bool,
        after: Option<ScheduleId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<ScheduleListing, ScheduleId>, StoreError> {
        self.run(Isolation::Snapshot, move |conn| {
            let mut query = schedules::table
                .select(ScheduleRow::as_select())
                .filter(schedules::concert_id.eq(concert_id.0))
                .order(schedules::id)
                .limit(crate::postgres::store::one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(schedules::id.gt(after.0));
            }
            if only_available {
                let free = seats::table.filter(seats::schedule_id.eq(schedules::id));
                query = query
                    .filter(schedules::booking_opens_at.le(now))
                    .filter(schedules::booking_closes_at.gt(now))
                    .filter(diesel::dsl::exists(free.filter(is_free_at!(now))));
            }
            let found: Vec<Schedule> = fold(query.load(conn)?)?;
            let ids: Vec<Uuid> = found.iter().map(|schedule| schedule.id.0).collect();
            let free: HashMap<Uuid, i64> = seats::table
                .group_by(seats::schedule_id)
                .select((seats::schedule_id, count_star()))
                .filter(seats::schedule_id.eq_any(&ids))
                .filter(is_free_at!(now))
                .load::<(Uuid, i64)>(conn)?
                .into_iter()
                .collect();
            let listing = |schedule: Schedule| {
                let seats_available = free.get(&schedule.id.0).copied().unwrap_or(0);
                ScheduleListing { schedule, seats_available }
            };
            let listings = found.into_iter().map(listing).collect();
            Ok(Page::of(listings, size, |listing: &ScheduleListing| listing.schedule.id))
        })
        .await
    }

    async fn sales(&self, concert_id: ConcertId, now: Instant) -> Result<Vec<Sales>, StoreError> {
        self.run(Isolation::Snapshot, move |conn| {
            let rows: Vec<ScheduleRow> = schedules::table
                .select(ScheduleRow::as_select())
                .filter(schedules::concert_id.eq(concert_id.0))
                .order(schedules::id)
                .load(conn)?;
            fold(rows)?.into_iter().map(|schedule| sales(conn, schedule, now)).collect()
        })
        .await
    }

    async fn seats(&self, schedule_id: ScheduleId) -> Result<Vec<Seat>, StoreError> {
        self.read(move |conn| {
            let rows: Vec<SeatRow> = seats::table
                .select(SeatRow::as_select())
                .filter(seats::schedule_id.eq(schedule_id.0))
                .order(seats::number)
                .load(conn)?;
            fold(rows)
        })
        .await
    }
}

fn sales(conn: &mut PgConnection, schedule: Schedule, now: Instant) -> Result<Sales, Failure> {
    let of_schedule = || seats::table.filter(seats::schedule_id.eq(schedule.id.0));
    let sold = of_schedule().filter(seats::status.eq("SOLD"));
    let prices: Vec<i64> = sold.select(seats::price).load(conn)?;
    let free: i64 = of_schedule().filter(is_free_at!(now)).count().get_result(conn)?;
    let all: i64 = of_schedule().count().get_result(conn)?;
    let sold = i64::try_from(prices.len()).unwrap_or(i64::MAX);
    let revenue = prices.iter().try_fold(0_i64, |sum, price| sum.checked_add(*price));
    let revenue = revenue.ok_or_else(|| corrupt("schedule", schedule.id, "its revenue"))?;
    Ok(Sales { schedule, free, held: all - free - sold, sold, revenue })
}
