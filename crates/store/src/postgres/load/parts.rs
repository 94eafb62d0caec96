//! Locks and loads that several commands share.

use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use stagedoor_domain::{
    Concert, Crowd, Instant, PointAccount, QueueToken, Reservation, Room, Schedule, Seat, User,
    WorkingSet,
};
use uuid::Uuid;

use super::ids;
use crate::postgres::failure::Failure;
use crate::postgres::rows::{
    ConcertRow, PointAccountRow, QueueTokenRow, ReservationRow, RoomRow, ScheduleRow, SeatRow,
    UserRow, fold, with_seats,
};
use crate::postgres::schema::{
    concerts, point_accounts, queue_tokens, reservations, rooms, schedules, seats, users,
};
use crate::postgres::statement::Statement;
use crate::postgres::word::Word;

pub(super) fn users(conn: &mut PgConnection, wanted: &[Uuid]) -> Result<Vec<User>, Failure> {
    let rows: Vec<UserRow> =
        users::table.select(UserRow::as_select()).filter(users::id.eq_any(wanted)).load(conn)?;
    fold(rows)
}

pub(super) fn lock_users(conn: &mut PgConnection, wanted: &[Uuid]) -> Result<Vec<User>, Failure> {
    let rows: Vec<UserRow> = users::table
        .select(UserRow::as_select())
        .filter(users::id.eq_any(wanted))
        .order(users::id)
        .for_no_key_update()
        .load(conn)?;
    fold(rows)
}

pub(super) fn lock_concerts(
    conn: &mut PgConnection,
    wanted: &[Uuid],
) -> Result<Vec<Concert>, Failure> {
    let rows: Vec<ConcertRow> = concerts::table
        .select(ConcertRow::as_select())
        .filter(concerts::id.eq_any(wanted))
        .order(concerts::id)
        .for_update()
        .load(conn)?;
    fold(rows)
}

pub(super) fn lock_rooms(conn: &mut PgConnection, wanted: &[Uuid]) -> Result<Vec<Room>, Failure> {
    let rows: Vec<RoomRow> = rooms::table
        .select(RoomRow::as_select())
        .filter(rooms::id.eq_any(wanted))
        .order(rooms::id)
        .for_update()
        .load(conn)?;
    fold(rows)
}

/// Rooms whose policy alone is looked at, which needs no lock.
pub(crate) fn rooms(conn: &mut PgConnection, wanted: &[Uuid]) -> Result<Vec<Room>, Failure> {
    let rows: Vec<RoomRow> =
        rooms::table.select(RoomRow::as_select()).filter(rooms::id.eq_any(wanted)).load(conn)?;
    fold(rows)
}

pub(super) fn lock_tokens(
    conn: &mut PgConnection,
    wanted: &[Uuid],
) -> Result<Vec<QueueToken>, Failure> {
    let rows: Vec<QueueTokenRow> = queue_tokens::table
        .select(QueueTokenRow::as_select())
        .filter(queue_tokens::id.eq_any(wanted))
        .order(queue_tokens::id)
        .for_update()
        .load(conn)?;
    fold(rows)
}

/// How full a room is: overdue tokens do not count.
pub(super) fn crowd(conn: &mut PgConnection, room: &Room, now: Instant) -> Result<Crowd, Failure> {
    let of_room = || queue_tokens::table.filter(queue_tokens::room_id.eq(room.id.0));
    let active = of_room()
        .filter(queue_tokens::status.eq(Word("ACTIVE")))
        .filter(queue_tokens::expires_at.gt(now))
        .count()
        .get_result(conn)?;
    let waiting: Option<Uuid> = of_room()
        .select(queue_tokens::id)
        .filter(queue_tokens::status.eq(Word("WAITING")))
        .filter(queue_tokens::idle_at.gt(now))
        .order(queue_tokens::place.desc())
        .first(conn)
        .optional()?;
    Ok(Crowd { active, anyone_waits: waiting.is_some() })
}

/// Locks schedules, which guards their seats and reservations.
pub(super) fn lock_schedules(
    conn: &mut PgConnection,
    wanted: &[Uuid],
) -> Result<Vec<Schedule>, Failure> {
    let rows: Vec<ScheduleRow> = schedules::table
        .select(ScheduleRow::as_select())
        .filter(schedules::id.eq_any(wanted))
        .order(schedules::id)
        .for_update()
        .load(conn)?;
    fold(rows)
}

pub(super) fn seats(conn: &mut PgConnection, wanted: &[Uuid]) -> Result<Vec<Seat>, Failure> {
    let rows: Vec<SeatRow> =
        seats::table.select(SeatRow::as_select()).filter(seats::id.eq_any(wanted)).load(conn)?;
    fold(rows)
}

pub(crate) fn reservations(
    conn: &mut PgConnection,
    wanted: &[Uuid],
) -> Result<Vec<Reservation>, Failure> {
    let rows: Vec<ReservationRow> = reservations::table
        .select(ReservationRow::as_select())
        .filter(reservations::id.eq_any(wanted))
        .order(reservations::id.desc())
        .load(conn)?;
    reservations_of(conn, rows)
}

/// The seats of reservations, one reservation after another (`OFFSET 0`).
const RESERVED: &str = "
    SELECT reserved.* FROM unnest(?) AS wanted (id) CROSS JOIN LATERAL (
        SELECT of.reservation_id, seats.id, number, row_number, column_number, label, price
        FROM reservation_seats AS of JOIN seats ON seats.id = of.seat_id
        WHERE of.reservation_id = wanted.id OFFSET 0
    ) AS reserved ORDER BY number";

/// Reads the seats of reservations.
pub(crate) fn reservations_of(
    conn: &mut PgConnection,
    rows: Vec<ReservationRow>,
) -> Result<Vec<Reservation>, Failure> {
    let wanted: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let of_them = Statement::new(RESERVED).bind::<Array<SqlUuid>, _>(wanted).load(conn)?;
    with_seats(rows, of_them)
}

/// Locks the schedules of reservations, then loads the reservations and their seats.
pub(super) fn lock_reservations(
    conn: &mut PgConnection,
    set: &mut WorkingSet,
    wanted: &[Uuid],
) -> Result<(), Failure> {
    let of_schedules: Vec<Uuid> = reservations::table
        .select(reservations::schedule_id)
        .filter(reservations::id.eq_any(wanted))
        .load(conn)?;
    set.load(lock_schedules(conn, &ids(of_schedules))?);
    let reservations = reservations(conn, wanted)?;
    let taken = reservations.iter().flat_map(|reservation| &reservation.seats);
    let taken = ids(taken.map(|seat| seat.id.0));
    set.load_seats(seats(conn, &taken)?);
    set.load(reservations);
    Ok(())
}

pub(super) fn lock_accounts(
    conn: &mut PgConnection,
    wanted: &[Uuid],
) -> Result<Vec<PointAccount>, Failure> {
    let rows: Vec<PointAccountRow> = point_accounts::table
        .select(PointAccountRow::as_select())
        .filter(point_accounts::user_id.eq_any(wanted))
        .order(point_accounts::user_id)
        .for_update()
        .load(conn)?;
    fold(rows)
}
