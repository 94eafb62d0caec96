//! Loads that several commands share.

use crate::sqlite::codec::{Id, Micros};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use stagedoor_domain::{
    Concert, Crowd, Instant, PointAccount, QueueToken, Reservation, Room, Schedule, Seat, User,
    WorkingSet,
};

use super::{IdRow, ids};
use crate::sqlite::failure::Failure;
use crate::sqlite::rows::{
    ConcertRow, PointAccountRow, QueueTokenRow, ReservationRow, RoomRow, ScheduleRow, SeatRow,
    UserRow, fold, with_seats,
};
use crate::sqlite::schema::{
    concerts, point_accounts, queue_tokens, reservation_seats, reservations, rooms, schedules,
    seats, users,
};
use crate::sqlite::statement::Statement;

/// The most values that one statement is given; SQLite's own bound is a little higher.
const VARIABLES_MAX: usize = 30_000;

pub(super) fn users(conn: &mut SqliteConnection, wanted: &[Id]) -> Result<Vec<User>, Failure> {
    let rows: Vec<UserRow> =
        users::table.select(UserRow::as_select()).filter(users::id.eq_any(wanted)).load(conn)?;
    fold(rows)
}

pub(super) fn concerts(
    conn: &mut SqliteConnection,
    wanted: &[Id],
) -> Result<Vec<Concert>, Failure> {
    let rows: Vec<ConcertRow> = concerts::table
        .select(ConcertRow::as_select())
        .filter(concerts::id.eq_any(wanted))
        .order(concerts::id)
        .load(conn)?;
    fold(rows)
}

pub(super) fn rooms(conn: &mut SqliteConnection, wanted: &[Id]) -> Result<Vec<Room>, Failure> {
    let rows: Vec<RoomRow> = rooms::table
        .select(RoomRow::as_select())
        .filter(rooms::id.eq_any(wanted))
        .order(rooms::id)
        .load(conn)?;
    fold(rows)
}

pub(super) fn tokens(
    conn: &mut SqliteConnection,
    wanted: &[Id],
) -> Result<Vec<QueueToken>, Failure> {
    let mut found = Vec::new();
    for wanted in wanted.chunks(VARIABLES_MAX) {
        let rows: Vec<QueueTokenRow> = queue_tokens::table
            .select(QueueTokenRow::as_select())
            .filter(queue_tokens::id.eq_any(wanted))
            .order(queue_tokens::id)
            .load(conn)?;
        found.extend(fold(rows)?);
    }
    Ok(found)
}

/// `+` keeps the planner from the index of silent tokens, with which it would sort the whole line.
const LAST_OF_LINE: &str = "SELECT id FROM queue_tokens
    WHERE room_id = ? AND status = 'WAITING' AND +idle_at > ? ORDER BY place DESC LIMIT 1";

/// How full a room is: overdue tokens do not count.
pub(super) fn crowd(
    conn: &mut SqliteConnection,
    room: &Room,
    now: Instant,
) -> Result<Crowd, Failure> {
    let active = queue_tokens::table
        .filter(queue_tokens::room_id.eq(Id(room.id.0)))
        .filter(queue_tokens::status.eq("ACTIVE"))
        .filter(queue_tokens::expires_at.gt(Micros(now)))
        .count()
        .get_result(conn)?;
    let waiting: Option<IdRow> = Statement::new(LAST_OF_LINE)
        .bind::<Text, _>(Id(room.id.0))
        .bind::<BigInt, _>(Micros(now))
        .get_result(conn)
        .optional()?;
    Ok(Crowd { active, anyone_waits: waiting.is_some() })
}

pub(super) fn schedules(
    conn: &mut SqliteConnection,
    wanted: &[Id],
) -> Result<Vec<Schedule>, Failure> {
    let rows: Vec<ScheduleRow> = schedules::table
        .select(ScheduleRow::as_select())
        .filter(schedules::id.eq_any(wanted))
        .order(schedules::id)
        .load(conn)?;
    fold(rows)
}

pub(super) fn seats(conn: &mut SqliteConnection, wanted: &[Id]) -> Result<Vec<Seat>, Failure> {
    let rows: Vec<SeatRow> =
        seats::table.select(SeatRow::as_select()).filter(seats::id.eq_any(wanted)).load(conn)?;
    fold(rows)
}

pub(crate) fn reservations(
    conn: &mut SqliteConnection,
    wanted: &[Id],
) -> Result<Vec<Reservation>, Failure> {
    let rows: Vec<ReservationRow> = reservations::table
        .select(ReservationRow::as_select())
        .filter(reservations::id.eq_any(wanted))
        .order(reservations::id.desc())
        .load(conn)?;
    reservations_of(conn, rows)
}

/// Reads the seats of reservations.
pub(crate) fn reservations_of(
    conn: &mut SqliteConnection,
    rows: Vec<ReservationRow>,
) -> Result<Vec<Reservation>, Failure> {
    let wanted: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let of_them = reservation_seats::table
        .inner_join(seats::table.on(seats::id.eq(reservation_seats::seat_id)))
        .select((
            reservation_seats::reservation_id,
            seats::id,
            seats::number,
            seats::row_number,
            seats::column_number,
            seats::label,
            seats::price,
        ))
        .filter(reservation_seats::reservation_id.eq_any(&wanted))
        .order(seats::number)
        .load(conn)?;
    with_seats(rows, of_them)
}

/// Loads reservations, their schedules and their seats.
pub(super) fn load_reservations(
    conn: &mut SqliteConnection,
    set: &mut WorkingSet,
    wanted: &[Id],
) -> Result<(), Failure> {
    let of_schedules: Vec<Id> = reservations::table
        .select(reservations::schedule_id)
        .filter(reservations::id.eq_any(wanted))
        .load(conn)?;
    set.load(schedules(conn, &of_schedules)?);
    let reservations = reservations(conn, wanted)?;
    let taken = reservations.iter().flat_map(|reservation| &reservation.seats);
    let taken = ids(taken.map(|seat| seat.id.0));
    set.load_seats(seats(conn, &taken)?);
    set.load(reservations);
    Ok(())
}

pub(super) fn accounts(
    conn: &mut SqliteConnection,
    wanted: &[Id],
) -> Result<Vec<PointAccount>, Failure> {
    let rows: Vec<PointAccountRow> = point_accounts::table
        .select(PointAccountRow::as_select())
        .filter(point_accounts::user_id.eq_any(wanted))
        .order(point_accounts::user_id)
        .load(conn)?;
    fold(rows)
}
