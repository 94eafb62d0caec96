//! Schedules, seats and reservations.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use stagedoor_domain::{Changes, Reference, Reservation, Schedule, Seat};

use super::{check_written, column, execute};
use crate::postgres::failure::Failure;
use crate::postgres::rows::{reservation_columns, seat_columns};
use crate::postgres::statement::Statement;

pub(super) fn write(conn: &mut PgConnection, changes: &Changes) -> Result<(), Failure> {
    let schedules = changes.inserted::<Schedule>();
    if !schedules.is_empty() {
        insert_schedules(conn, &schedules)?;
        insert_seats(conn, &changes.inserted::<Seat>())?;
    }
    let sold = changes.updated::<Schedule>();
    if !sold.is_empty() {
        update_schedules(conn, &sold)?;
    }
    let (made, seats) = (changes.inserted::<Reservation>(), changes.updated::<Seat>());
    if !made.is_empty() {
        write_holds(conn, &made, &seats)?;
    } else if !seats.is_empty() {
        update_seats(conn, &seats)?;
    }
    let changed = changes.updated::<Reservation>();
    if changed.is_empty() { Ok(()) } else { update_reservations(conn, &changed) }
}

fn insert_schedules(conn: &mut PgConnection, schedules: &[&Schedule]) -> Result<(), Failure> {
    let statement = Statement::new(
        "INSERT INTO schedules (id, concert_id, starts_at, ends_at, booking_opens_at,
            booking_closes_at, seat_count, created_at, cancellation_closes_at)
         SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Array<SqlUuid>, _>(column(schedules, |schedule| schedule.id.0))
    .bind::<Array<SqlUuid>, _>(column(schedules, |schedule| schedule.concert_id.0))
    .bind::<Array<Timestamptz>, _>(column(schedules, |schedule| schedule.starts_at))
    .bind::<Array<Timestamptz>, _>(column(schedules, |schedule| schedule.ends_at))
    .bind::<Array<Timestamptz>, _>(column(schedules, |schedule| schedule.booking.opens_at))
    .bind::<Array<Timestamptz>, _>(column(schedules, |schedule| schedule.booking.closes_at))
    .bind::<Array<Integer>, _>(column(schedules, |schedule| schedule.seat_count))
    .bind::<Array<Timestamptz>, _>(column(schedules, |schedule| schedule.created_at))
    .bind::<Array<Nullable<Timestamptz>>, _>(column(schedules, |s| s.cancellation_closes_at));
    execute(conn, "schedules", schedules.len(), statement)
}

fn update_schedules(conn: &mut PgConnection, schedules: &[&Schedule]) -> Result<(), Failure> {
    let statement = Statement::new(
        "UPDATE schedules SET sold_count = new.sold_count
         FROM unnest(?, ?) AS new (id, sold_count) WHERE schedules.id = new.id",
    )
    .bind::<Array<SqlUuid>, _>(column(schedules, |schedule| schedule.id.0))
    .bind::<Array<Integer>, _>(column(schedules, |schedule| schedule.sold_count));
    execute(conn, "schedules", schedules.len(), statement)
}

fn insert_seats(conn: &mut PgConnection, seats: &[&Seat]) -> Result<(), Failure> {
    let statement = Statement::new(
        "INSERT INTO seats (id, schedule_id, number, row_number, column_number, label, price,
            status)
         SELECT *, 'FREE' FROM unnest(?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Array<SqlUuid>, _>(column(seats, |seat| seat.id.0))
    .bind::<Array<SqlUuid>, _>(column(seats, |seat| seat.schedule_id.0))
    .bind::<Array<Integer>, _>(column(seats, |seat| seat.number))
    .bind::<Array<Integer>, _>(column(seats, |seat| seat.row))
    .bind::<Array<Integer>, _>(column(seats, |seat| seat.column))
    .bind::<Array<Text>, _>(column(seats, |seat| seat.label.clone()))
    .bind::<Array<BigInt>, _>(column(seats, |seat| seat.price.get()));
    execute(conn, "seats", seats.len(), statement)
}

fn update_seats(conn: &mut PgConnection, seats: &[&Seat]) -> Result<(), Failure> {
    let statement = Statement::new(
        "UPDATE seats SET status = new.status, reservation_id = new.reservation_id,
            held_until = new.held_until
         FROM unnest(?, ?, ?, ?) AS new (id, status, reservation_id, held_until)
         WHERE seats.id = new.id",
    );
    execute(conn, "seats", seats.len(), with_seat_states(statement, seats))
}

fn with_seat_states<'a>(statement: Statement<'a>, seats: &[&Seat]) -> Statement<'a> {
    statement
        .bind::<Array<SqlUuid>, _>(column(seats, |seat| seat.id.0))
        .bind::<Array<Text>, _>(column(seats, |seat| seat_columns(seat.state).0))
        .bind::<Array<Nullable<SqlUuid>>, _>(column(seats, |seat| seat_columns(seat.state).1))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(seats, |seat| seat_columns(seat.state).2))
}

/// Reservations, which seats they have, and the seats: three tables in one round trip.
const HOLDS: &str = "
    WITH made AS (
        INSERT INTO reservations (id, user_id, concert_id, schedule_id, queue_token_id, total_price,
            created_at, expires_at, extendable_until, reference, status, ended_at)
        SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
    ), reserved AS (
        INSERT INTO reservation_seats (reservation_id, seat_id) SELECT * FROM unnest(?, ?)
        RETURNING seat_id
    ), changed AS (
        UPDATE seats SET status = new.status, reservation_id = new.reservation_id,
            held_until = new.held_until
        FROM unnest(?, ?, ?, ?) AS new (id, status, reservation_id, held_until)
        WHERE seats.id = new.id RETURNING seats.id
    )
    SELECT (SELECT count(*) FROM made) AS reservations,
        (SELECT count(*) FROM reserved) AS reserved_seats, (SELECT count(*) FROM changed) AS seats";

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = BigInt)]
    reservations: i64,
    #[diesel(sql_type = BigInt)]
    reserved_seats: i64,
    #[diesel(sql_type = BigInt)]
    seats: i64,
}

fn write_holds(
    conn: &mut PgConnection,
    made: &[&Reservation],
    seats: &[&Seat],
) -> Result<(), Failure> {
    let (reservation_ids, seat_ids): (Vec<_>, Vec<_>) = made
        .iter()
        .flat_map(|reservation| reservation.seats.iter().map(|seat| (reservation.id.0, seat.id.0)))
        .unzip();
    let reserved = seat_ids.len();
    let statement = with_reservations(Statement::new(HOLDS), made)
        .bind::<Array<SqlUuid>, _>(reservation_ids)
        .bind::<Array<SqlUuid>, _>(seat_ids);
    let written: Written = with_seat_states(statement, seats).get_result(conn)?;
    let count = |rows: i64| usize::try_from(rows).unwrap_or_default();
    check_written("reservations", made.len(), count(written.reservations))?;
    check_written("reserved seats", reserved, count(written.reserved_seats))?;
    check_written("seats", seats.len(), count(written.seats))
}

fn with_reservations<'a>(statement: Statement<'a>, made: &[&'a Reservation]) -> Statement<'a> {
    let references: Vec<_> =
        made.iter().map(|r| r.reference.as_ref().map(Reference::as_str)).collect();
    statement
        .bind::<Array<SqlUuid>, _>(column(made, |reservation| reservation.id.0))
        .bind::<Array<SqlUuid>, _>(column(made, |reservation| reservation.user_id.0))
        .bind::<Array<SqlUuid>, _>(column(made, |reservation| reservation.concert_id.0))
        .bind::<Array<SqlUuid>, _>(column(made, |reservation| reservation.schedule_id.0))
        .bind::<Array<SqlUuid>, _>(column(made, |reservation| reservation.queue_token_id.0))
        .bind::<Array<BigInt>, _>(column(made, |reservation| reservation.total_price.get()))
        .bind::<Array<Timestamptz>, _>(column(made, |reservation| reservation.created_at))
        .bind::<Array<Timestamptz>, _>(column(made, |reservation| reservation.expires_at))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(made, |r| r.extendable_until))
        .bind::<Array<Nullable<Text>>, _>(references)
        .bind::<Array<Text>, _>(column(made, |r| reservation_columns(r.state).0))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(made, |r| reservation_columns(r.state).1))
}

fn update_reservations(conn: &mut PgConnection, changed: &[&Reservation]) -> Result<(), Failure> {
    let statement = Statement::new(
        "UPDATE reservations SET expires_at = new.expires_at,
            extendable_until = new.extendable_until, status = new.status, ended_at = new.ended_at
         FROM unnest(?, ?, ?, ?, ?) AS new (id, expires_at, extendable_until, status, ended_at)
         WHERE reservations.id = new.id",
    )
    .bind::<Array<SqlUuid>, _>(column(changed, |reservation| reservation.id.0))
    .bind::<Array<Timestamptz>, _>(column(changed, |reservation| reservation.expires_at))
    .bind::<Array<Nullable<Timestamptz>>, _>(column(changed, |r| r.extendable_until))
    .bind::<Array<Text>, _>(column(changed, |r| reservation_columns(r.state).0))
    .bind::<Array<Nullable<Timestamptz>>, _>(column(changed, |r| reservation_columns(r.state).1));
    execute(conn, "reservations", changed.len(), statement)
}
