//! Reading schedules and their seats.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use stagedoor_domain::ports::{
    QuarterSales, Sales, ScheduleListing, Schedules, SeatBlock, Settlement, StoreError,
    VenueOfSchedule,
};
use stagedoor_domain::{
    ConcertId, HallId, Instant, OperatorAction, OperatorActionId, OperatorDeed, Page, PageSize,
    Schedule, ScheduleId, Seat, SeatState, Venue,
};

use super::concert::is_on_sale;
use super::dialect::{self, Conn, Prepared, Store};
use super::one_more;
use crate::failure::Failure;
use crate::prepared::Literal;
use crate::rows::{
    OperatorActionRow, ScheduleRow, SeatRow, SeatStateRow, VenueRow, corrupt, fold, fold_one,
};
use crate::schema::{halls, operator_actions, payments, reservations, schedules, seats, venues};
use crate::types::{At, Id, SqlId};

/// Seats that are free at an instant, as `Seat::status` says.
macro_rules! is_free_at {
    ($now:expr) => {
        crate::schema::seats::status.eq("FREE").and(crate::schema::seats::block_id.is_null()).or(
            crate::schema::seats::status.eq("HELD").and(crate::schema::seats::held_until.le($now)),
        )
    };
}
pub(crate) use is_free_at;

#[async_trait]
impl Schedules for Store {
    async fn schedule(&self, id: ScheduleId) -> Result<Option<Schedule>, StoreError> {
        self.read(move |conn| {
            let row = schedules::table.find(Id(id)).select(ScheduleRow::as_select()).first(conn);
            fold_one(row.optional()?)
        })
        .await
    }

    async fn schedule_listing(
        &self,
        id: ScheduleId,
        now: Instant,
    ) -> Result<Option<ScheduleListing>, StoreError> {
        self.snapshot(move |conn| {
            let row = schedules::table.find(Id(id)).select(ScheduleRow::as_select()).first(conn);
            let found: Option<Schedule> = fold_one(row.optional()?)?;
            Ok(listings(conn, found.into_iter().collect(), now)?.pop())
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
        self.snapshot(move |conn| {
            let mut query = schedules::table
                .select(ScheduleRow::as_select())
                .filter(schedules::concert_id.eq(Id(concert_id)))
                .order(schedules::id)
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(schedules::id.gt(Id(after)));
            }
            if only_available {
                let free = seats::table.filter(seats::schedule_id.eq(schedules::id));
                query = query
                    .filter(is_on_sale())
                    .filter(schedules::booking_opens_at.le(At(now)))
                    .filter(schedules::booking_closes_at.gt(At(now)))
                    .filter(schedules::cancelled_at.is_null())
                    .filter(diesel::dsl::exists(free.filter(is_free_at!(At(now)))));
            }
            let found = fold(query.load(conn)?)?;
            let listings = listings(conn, found, now)?;
            Ok(Page::of(listings, size, |listing: &ScheduleListing| listing.schedule.id))
        })
        .await
    }

    async fn sales(&self, concert_id: ConcertId, now: Instant) -> Result<Vec<Sales>, StoreError> {
        self.snapshot(move |conn| {
            let rows: Vec<ScheduleRow> = schedules::table
                .select(ScheduleRow::as_select())
                .filter(schedules::concert_id.eq(Id(concert_id)))
                .order(schedules::id)
                .load(conn)?;
            fold(rows)?.into_iter().map(|schedule| sales(conn, schedule, now)).collect()
        })
        .await
    }

    async fn sales_by_time(&self, concert_id: ConcertId) -> Result<Vec<QuarterSales>, StoreError> {
        self.snapshot(move |conn| {
            let rows: Vec<(i64, ScheduleId, String, i64, i64, i64)> =
                Prepared::new(dialect::SALES_BY_TIME)
                    .returning::<(BigInt, SqlId, Text, BigInt, BigInt, BigInt)>()
                    .bind::<SqlId, _>(concert_id)
                    .load(conn)?;
            rows.into_iter().map(quarter_sales).collect()
        })
        .await
    }

    async fn settlement(&self, id: ScheduleId) -> Result<Settlement, StoreError> {
        self.snapshot(move |conn| settlement(conn, id)).await
    }

    async fn concert_settlement(&self, id: ConcertId) -> Result<Settlement, StoreError> {
        self.snapshot(move |conn| {
            let cancelled: Vec<ScheduleId> = schedules::table
                .select(schedules::id)
                .filter(schedules::concert_id.eq(Id(id)))
                .filter(schedules::cancelled_at.is_not_null())
                .load(conn)?;
            cancelled.into_iter().map(|id| settlement(conn, id)).sum()
        })
        .await
    }

    async fn seats(&self, schedule_id: ScheduleId) -> Result<Vec<Seat>, StoreError> {
        self.read(move |conn| {
            let rows: Vec<SeatRow> = seats::table
                .select(SeatRow::as_select())
                .filter(seats::schedule_id.eq(Id(schedule_id)))
                .order(seats::number)
                .load(conn)?;
            fold(rows)
        })
        .await
    }

    async fn seat_states(&self, schedule_id: ScheduleId) -> Result<Vec<SeatState>, StoreError> {
        self.read(move |conn| {
            let rows: Vec<SeatStateRow> = seats::table
                .select(SeatStateRow::as_select())
                .filter(seats::schedule_id.eq(Id(schedule_id)))
                .order(seats::number)
                .load(conn)?;
            fold(rows)
        })
        .await
    }

    async fn seat_blocks(
        &self,
        schedule_id: ScheduleId,
        after: Option<OperatorActionId>,
        size: PageSize,
    ) -> Result<Page<SeatBlock, OperatorActionId>, StoreError> {
        self.snapshot(move |conn| {
            let mut query = seats::table
                .select(seats::block_id.assume_not_null())
                .distinct()
                .filter(seats::schedule_id.eq(Id(schedule_id)))
                .filter(seats::block_id.is_not_null())
                .order(seats::block_id.assume_not_null().desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(seats::block_id.lt(Id(after)));
            }
            let ids: Vec<OperatorActionId> = query.load(conn)?;
            let found = seat_blocks(conn, schedule_id, &ids)?;
            Ok(Page::of(found, size, |block: &SeatBlock| block.id))
        })
        .await
    }
}

/// The blocked seats of a schedule, by the records of their blocking: ids that follow each other, newest
/// first.
fn seat_blocks(
    conn: &mut Conn,
    schedule_id: ScheduleId,
    ids: &[OperatorActionId],
) -> Result<Vec<SeatBlock>, Failure> {
    let (Some(newest), Some(oldest)) = (ids.first(), ids.last()) else { return Ok(Vec::new()) };
    let mut blocked: Vec<(Option<OperatorActionId>, i32)> = seats::table
        .select((seats::block_id, seats::number))
        .filter(seats::schedule_id.eq(Id(schedule_id)))
        .filter(seats::block_id.le(Id(newest)))
        .filter(seats::block_id.ge(Id(oldest)))
        .load(conn)?;
    blocked.sort_unstable_by_key(|(_, number)| *number);
    let rows: Vec<OperatorActionRow> = operator_actions::table
        .select(OperatorActionRow::as_select())
        .filter(operator_actions::id.eq_any(ids.iter().map(Id)))
        .order(operator_actions::id.desc())
        .load(conn)?;
    let block = |action: OperatorAction| {
        let OperatorDeed::SeatsBlocked { reason, .. } = action.deed else {
            return Err(corrupt("operator action", action.id, "kind"));
        };
        let of_block = blocked.iter().filter(|(id, _)| *id == Some(action.id));
        let numbers = of_block.map(|(_, number)| *number).collect();
        let (id, blocked_by, at) = (action.id, action.operator_id, action.at);
        Ok(SeatBlock { id, blocked_by, at, reason, numbers })
    };
    fold(rows)?.into_iter().map(block).collect()
}

fn settlement(conn: &mut Conn, id: ScheduleId) -> Result<Settlement, Failure> {
    let of_schedule = || reservations::table.filter(reservations::schedule_id.eq(Id(id)));
    let with_status = |status| of_schedule().filter(reservations::status.eq(Literal(status)));
    let confirmed: i64 = with_status("CONFIRMED").count().get_result(conn)?;
    let tickets: i64 = with_status("CONFIRMED")
        .filter(reservations::queue_token_id.is_not_null())
        .count()
        .get_result(conn)?;
    let held: i64 = with_status("HELD").count().get_result(conn)?;
    let holds = held + confirmed - tickets;
    let refunded: i64 = schedules::table
        .inner_join(reservations::table.on(reservations::schedule_id.eq(schedules::id)))
        .inner_join(payments::table.on(payments::reservation_id.eq(reservations::id)))
        .filter(schedules::id.eq(Id(id)))
        .filter(reservations::status.eq(Literal("CANCELLED")))
        .filter(reservations::ended_at.ge(schedules::cancelled_at))
        .count()
        .get_result(conn)?;
    Ok(Settlement { refunded, tickets, holds })
}

/// The venues of the halls whose plans schedules have. Nothing is read for those without a plan.
pub(super) fn venues_of(
    conn: &mut Conn,
    schedules: &[Schedule],
) -> Result<HashMap<HallId, VenueOfSchedule>, Failure> {
    let wanted: BTreeSet<HallId> =
        schedules.iter().filter_map(|schedule| schedule.plan).map(|plan| plan.hall_id).collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(HallId, VenueRow)> = halls::table
        .inner_join(venues::table.on(venues::id.eq(halls::venue_id)))
        .select((halls::id, VenueRow::as_select()))
        .filter(halls::id.eq_any(wanted.iter().map(Id)))
        .load(conn)?;
    let venue_of = |(hall_id, row): (HallId, VenueRow)| Ok((hall_id, Venue::try_from(row)?.into()));
    rows.into_iter().map(venue_of).collect()
}

/// Counts the free seats of schedules, and reads the venues of those with a seat plan.
fn listings(
    conn: &mut Conn,
    found: Vec<Schedule>,
    now: Instant,
) -> Result<Vec<ScheduleListing>, Failure> {
    let free: HashMap<ScheduleId, i64> = seats::table
        .group_by(seats::schedule_id)
        .select((seats::schedule_id, count_star()))
        .filter(seats::schedule_id.eq_any(found.iter().map(|schedule| Id(schedule.id))))
        .filter(is_free_at!(At(now)))
        .load::<(ScheduleId, i64)>(conn)?
        .into_iter()
        .collect();
    let venues = venues_of(conn, &found)?;
    let listing = |schedule: Schedule| {
        let seats_available = free.get(&schedule.id).copied().unwrap_or(0);
        let venue = schedule.plan.and_then(|plan| venues.get(&plan.hall_id).cloned());
        ScheduleListing { schedule, seats_available, venue }
    };
    Ok(found.into_iter().map(listing).collect())
}

fn quarter_sales(
    (quarter, schedule_id, section, price, tickets, revenue): (
        i64,
        ScheduleId,
        String,
        i64,
        i64,
        i64,
    ),
) -> Result<QuarterSales, Failure> {
    let from = Instant::from_unix_timestamp(quarter.saturating_mul(QuarterSales::SECONDS));
    let from = from.map_err(|_| corrupt("schedule", schedule_id, "its sales"))?;
    Ok(QuarterSales { from, schedule_id, section, price, tickets, revenue })
}

fn sales(conn: &mut Conn, schedule: Schedule, now: Instant) -> Result<Sales, Failure> {
    let of_schedule = || seats::table.filter(seats::schedule_id.eq(Id(schedule.id)));
    let sold: Vec<(i64, bool)> = of_schedule()
        .inner_join(reservations::table.on(seats::reservation_id.eq(reservations::id.nullable())))
        .filter(seats::status.eq("SOLD"))
        .select((seats::price, reservations::queue_token_id.is_null()))
        .load(conn)?;
    let complimentary = sold.iter().filter(|(_, is_free)| *is_free).count();
    let complimentary = i64::try_from(complimentary).unwrap_or(i64::MAX);
    let free: i64 = of_schedule().filter(is_free_at!(At(now))).count().get_result(conn)?;
    let all: i64 = of_schedule().count().get_result(conn)?;
    let blocked: i64 =
        of_schedule().filter(seats::block_id.is_not_null()).count().get_result(conn)?;
    let mut prices = sold.iter().filter(|(_, is_free)| !*is_free).map(|(price, _)| *price);
    let revenue = prices.try_fold(0_i64, i64::checked_add);
    let sold = i64::try_from(sold.len()).unwrap_or(i64::MAX);
    let revenue = revenue.ok_or_else(|| corrupt("schedule", schedule.id, "its revenue"))?;
    let held = all - free - sold - blocked;
    Ok(Sales { schedule, free, held, sold, complimentary, blocked, revenue })
}
