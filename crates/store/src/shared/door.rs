//! Reading what is needed at the doors of performances.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use diesel::dsl::{count_star, exists, max};
use diesel::prelude::*;
use stagedoor_domain::ports::{
    CheckInCount, CheckInsOfDoor, DoorDate, DoorEntry, DoorStaffMember, Doors, StoreError,
};
use stagedoor_domain::{
    ConcertId, DoorName, DoorStaff, Instant, Page, PageSize, Role, Schedule, ScheduleId, Ticket,
    TicketId, User, UserId,
};

use super::dialect::{self, Conn, Store};
use super::ticket::venues_of;
use super::{load, load_tickets, one_more};
use crate::failure::Failure;
use crate::prepared::Literal;
use crate::rows::{DoorStaffRow, ScheduleRow, TicketRow, UserRow, corrupt, fold};
use crate::schema::{concerts, door_staff, schedules, tickets, users};
use crate::types::{At, Id};

#[async_trait]
impl Doors for Store {
    async fn door_dates(
        &self,
        user: &User,
        now: Instant,
        size: PageSize,
    ) -> Result<Vec<DoorDate>, StoreError> {
        let (user_id, role) = (user.id, user.role);
        self.snapshot(move |conn| {
            let mut open = fold(open_doors(conn, user_id, role, now, size)?)?;
            open.sort_by_key(|schedule: &Schedule| (schedule.ends_at, schedule.id));
            open.truncate(size.items());
            dates(conn, open)
        })
        .await
    }

    async fn door_list(
        &self,
        schedule_id: ScheduleId,
        after: Option<TicketId>,
        size: PageSize,
    ) -> Result<Page<DoorEntry, TicketId>, StoreError> {
        self.snapshot(move |conn| {
            let mut query = tickets::table
                .select(TicketRow::as_select())
                .filter(tickets::schedule_id.eq(Id(schedule_id)))
                .order(tickets::id)
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(tickets::id.gt(Id(after)));
            }
            let found: Vec<Ticket> = fold(query.load::<TicketRow>(conn)?)?;
            Ok(Page::of(entries(conn, found)?, size, |entry| entry.ticket.id))
        })
        .await
    }

    async fn door_entry(&self, id: TicketId) -> Result<Option<DoorEntry>, StoreError> {
        self.snapshot(move |conn| {
            let found = load_tickets::tickets(conn, &[id].into())?;
            Ok(entries(conn, found)?.pop())
        })
        .await
    }

    async fn check_in_count(&self, schedule_id: ScheduleId) -> Result<CheckInCount, StoreError> {
        self.read(move |conn| {
            let counts: Vec<(Option<String>, i64, Option<Instant>)> = tickets::table
                .group_by(tickets::door)
                .select((tickets::door, count_star(), max(tickets::checked_in_at)))
                .filter(tickets::schedule_id.eq(Id(schedule_id)))
                .filter(tickets::state.eq(Literal("VALID")))
                .load(conn)?;
            let mut count = CheckInCount::default();
            for (door, of_door, last) in counts {
                count.tickets += of_door;
                count.doors.extend(check_ins(schedule_id, door, of_door, last)?);
            }
            count.doors.sort_by(|one, other| one.door.cmp(&other.door));
            Ok(count)
        })
        .await
    }

    async fn door_staff(&self, concert_id: ConcertId) -> Result<Vec<DoorStaffMember>, StoreError> {
        self.read(move |conn| {
            let rows: Vec<(DoorStaffRow, UserRow)> = door_staff::table
                .inner_join(users::table.on(users::id.eq(door_staff::user_id)))
                .select((DoorStaffRow::as_select(), UserRow::as_select()))
                .filter(door_staff::concert_id.eq(Id(concert_id)))
                .order(door_staff::user_id)
                .load(conn)?;
            let mut found = Vec::with_capacity(rows.len());
            for (staff, user) in rows {
                let (staff, user) = (DoorStaff::from(staff), User::try_from(user)?);
                if !user.is_deleted() {
                    found.push(DoorStaffMember { staff, name: user.name, email: user.email });
                }
            }
            Ok(found)
        })
        .await
    }

    async fn is_assigned(
        &self,
        concert_id: ConcertId,
        user_id: UserId,
    ) -> Result<bool, StoreError> {
        self.read(move |conn| {
            let assignment = door_staff::table.find((Id(concert_id), Id(user_id)));
            Ok(diesel::select(exists(assignment)).get_result(conn)?)
        })
        .await
    }
}

/// The dates of doors: the first ones of all for operators, and all of those of a few concerts for others.
fn open_doors(
    conn: &mut Conn,
    user_id: UserId,
    role: Role,
    now: Instant,
    size: PageSize,
) -> Result<Vec<ScheduleRow>, Failure> {
    let open = schedules::table
        .select(ScheduleRow::as_select())
        .filter(schedules::ends_at.gt(At(now)))
        .filter(schedules::concert_state.eq(Literal("PUBLISHED")))
        .filter(schedules::cancelled_at.is_null());
    Ok(match role {
        Role::Operator => {
            let most = i64::try_from(size.items()).unwrap_or(i64::MAX);
            open.order((schedules::ends_at, schedules::id)).limit(most).load(conn)?
        }
        Role::Fan | Role::Organizer | Role::Door => {
            let concerts = concerts_of_doors(conn, user_id, role)?;
            let mut found = Vec::new();
            for ids in concerts.chunks(dialect::VALUES_MAX) {
                let of = open.filter(schedules::concert_id.eq_any(ids.iter().map(Id)));
                found.extend(of.load(conn)?);
            }
            found
        }
    })
}

/// The concerts of an organizer, or those whose doors a user is assigned to.
fn concerts_of_doors(
    conn: &mut Conn,
    user_id: UserId,
    role: Role,
) -> Result<Vec<ConcertId>, Failure> {
    if role == Role::Door {
        let of_user = door_staff::table.filter(door_staff::user_id.eq(Id(user_id)));
        return Ok(of_user.select(door_staff::concert_id).load(conn)?);
    }
    let own = concerts::table.filter(concerts::organizer_id.eq(Id(user_id)));
    Ok(own.select(concerts::id).load(conn)?)
}

/// Adds to schedules the titles of their concerts and where they are, in the same order.
fn dates(conn: &mut Conn, found: Vec<Schedule>) -> Result<Vec<DoorDate>, Failure> {
    let concerts = load::concerts(conn, &found.iter().map(|it| it.concert_id).collect())?;
    let titles: BTreeMap<_, _> = concerts.into_iter().map(|it| (it.id, it.details.title)).collect();
    let venues = venues_of(conn, &found)?;
    let date = |schedule: Schedule| {
        let title = titles.get(&schedule.concert_id).cloned();
        Ok(DoorDate {
            title: title.ok_or_else(|| corrupt("schedule", schedule.id, "concert_id"))?,
            venue: venues.get(&schedule.id).cloned(),
            schedule,
        })
    };
    found.into_iter().map(date).collect()
}

/// Adds to tickets the names of their holders and their seats, in the same order.
fn entries(conn: &mut Conn, found: Vec<Ticket>) -> Result<Vec<DoorEntry>, Failure> {
    let holders: BTreeSet<_> = found.iter().map(|it| it.holder_id).collect();
    let holders: BTreeMap<_, _> =
        load::users(conn, &holders)?.into_iter().map(|it| (it.id, it.name)).collect();
    let seats = load::seats(conn, &found.iter().map(|it| it.seat_id).collect())?;
    let seats: BTreeMap<_, _> = seats.into_iter().map(|it| (it.id, it)).collect();
    let entry = |ticket: Ticket| {
        let wrong = |column| corrupt("ticket", ticket.id, column);
        let holder_name = holders.get(&ticket.holder_id).cloned();
        Ok(DoorEntry {
            holder_name: holder_name.ok_or_else(|| wrong("holder_id"))?,
            seat: seats.get(&ticket.seat_id).cloned().ok_or_else(|| wrong("seat_id"))?,
            ticket,
        })
    };
    found.into_iter().map(entry).collect()
}

/// The people who came in at a door; nothing for tickets that are not in.
fn check_ins(
    schedule_id: ScheduleId,
    door: Option<String>,
    checked_in: i64,
    last: Option<Instant>,
) -> Result<Option<CheckInsOfDoor>, Failure> {
    let (Some(door), Some(last_scanned_at)) = (door, last) else { return Ok(None) };
    let door = DoorName::stored(&door).map_err(|_| corrupt("schedule", schedule_id, "door"))?;
    Ok(Some(CheckInsOfDoor { door, checked_in, last_scanned_at }))
}
