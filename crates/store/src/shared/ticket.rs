//! Reading tickets.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{StoreError, TicketDetails, Tickets};
use stagedoor_domain::{
    Hall, HallId, Page, PageSize, ReservationId, Schedule, ScheduleId, Ticket, TicketId,
    TicketNumber, UserId, Venue,
};

use super::dialect::{Conn, Store};
use super::{load, load_tickets, one_more};
use crate::failure::Failure;
use crate::rows::{HallRow, TicketRow, corrupt, fold};
use crate::schema::{halls, tickets};
use crate::types::Id;

#[async_trait]
impl Tickets for Store {
    async fn ticket(&self, id: TicketId) -> Result<Option<TicketDetails>, StoreError> {
        self.snapshot(move |conn| {
            let found = load_tickets::tickets(conn, &[id].into())?;
            Ok(details(conn, found)?.pop())
        })
        .await
    }

    async fn ticket_numbered(&self, number: TicketNumber) -> Result<Option<TicketId>, StoreError> {
        self.read(move |conn| {
            let found = tickets::table.filter(tickets::number.eq(number.get()));
            Ok(found.select(tickets::id).first(conn).optional()?)
        })
        .await
    }

    async fn tickets(
        &self,
        holder_id: UserId,
        reservation_id: Option<ReservationId>,
        after: Option<TicketId>,
        size: PageSize,
    ) -> Result<Page<TicketDetails, TicketId>, StoreError> {
        self.snapshot(move |conn| {
            let mut query = tickets::table
                .select(TicketRow::as_select())
                .filter(tickets::holder_id.eq(Id(holder_id)))
                .order(tickets::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(tickets::id.lt(Id(after)));
            }
            if let Some(id) = reservation_id {
                query = query.filter(tickets::reservation_id.eq(Id(id)));
            }
            let found: Vec<Ticket> = fold(query.load::<TicketRow>(conn)?)?;
            Ok(Page::of(details(conn, found)?, size, |details| details.ticket.id))
        })
        .await
    }
}

/// Adds to tickets what they refer to, in the same order.
fn details(conn: &mut Conn, found: Vec<Ticket>) -> Result<Vec<TicketDetails>, Failure> {
    let holders = load::users(conn, &found.iter().map(|it| it.holder_id).collect())?;
    let holders: BTreeMap<_, _> = holders.into_iter().map(|it| (it.id, it.name)).collect();
    let seats = load::seats(conn, &found.iter().map(|it| it.seat_id).collect())?;
    let seats: BTreeMap<_, _> = seats.into_iter().map(|it| (it.id, it)).collect();
    let made = load::reservations(conn, &found.iter().map(|it| it.reservation_id).collect())?;
    let made: BTreeMap<_, _> = made.into_iter().map(|it| (it.id, it)).collect();
    let concerts = load::concerts(conn, &found.iter().map(|it| it.concert_id).collect())?;
    let titles: BTreeMap<_, _> = concerts.into_iter().map(|it| (it.id, it.details.title)).collect();
    let dates = load::schedules(conn, &found.iter().map(|it| it.schedule_id).collect())?;
    let venues = venues_of(conn, &dates)?;
    let dates: BTreeMap<_, _> = dates.into_iter().map(|it| (it.id, it)).collect();
    let detail = |ticket: Ticket| {
        let wrong = |column| corrupt("ticket", ticket.id, column);
        Ok(TicketDetails {
            holder_name: holders
                .get(&ticket.holder_id)
                .cloned()
                .ok_or_else(|| wrong("holder_id"))?,
            seat: seats.get(&ticket.seat_id).cloned().ok_or_else(|| wrong("seat_id"))?,
            reservation: made
                .get(&ticket.reservation_id)
                .cloned()
                .ok_or_else(|| wrong("reservation_id"))?,
            title: titles.get(&ticket.concert_id).cloned().ok_or_else(|| wrong("concert_id"))?,
            schedule: dates
                .get(&ticket.schedule_id)
                .cloned()
                .ok_or_else(|| wrong("schedule_id"))?,
            venue: venues.get(&ticket.schedule_id).cloned(),
            ticket,
        })
    };
    found.into_iter().map(detail).collect()
}

/// The venues of schedules that have a seat plan.
pub(super) fn venues_of(
    conn: &mut Conn,
    schedules: &[Schedule],
) -> Result<BTreeMap<ScheduleId, Venue>, Failure> {
    let halls_of = schedules.iter().filter_map(|it| Some((it.id, it.plan?.hall_id)));
    let halls_of: BTreeMap<ScheduleId, HallId> = halls_of.collect();
    let wanted: BTreeSet<HallId> = halls_of.values().copied().collect();
    let halls: Vec<Hall> = load::by_ids(&wanted, |ids| {
        halls::table.select(HallRow::as_select()).filter(halls::id.eq_any(ids)).load(conn)
    })?;
    let venues = load::venues(conn, &halls.iter().map(|hall| hall.venue_id).collect())?;
    let venues: BTreeMap<_, _> = venues.into_iter().map(|it| (it.id, it)).collect();
    let of_hall: BTreeMap<_, _> = halls.iter().map(|hall| (hall.id, hall.venue_id)).collect();
    let venue_of = |(id, hall_id): (ScheduleId, HallId)| {
        Some((id, venues.get(of_hall.get(&hall_id)?)?.clone()))
    };
    Ok(halls_of.into_iter().filter_map(venue_of).collect())
}
