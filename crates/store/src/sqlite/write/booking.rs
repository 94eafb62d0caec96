//! Schedules, seats and reservations.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use stagedoor_domain::{Changes, Reference, Reservation, Schedule, Seat};

use super::for_each;
use crate::sqlite::codec::{Id, Micros};
use crate::sqlite::failure::Failure;
use crate::sqlite::rows::{reservation_columns, seat_columns};
use crate::sqlite::statement::Statement;

pub(super) fn write(conn: &mut SqliteConnection, changes: &Changes) -> Result<(), Failure> {
    for_each(conn, "schedules", &changes.inserted::<Schedule>(), |made| insert_schedule(made))?;
    for_each(conn, "seats", &changes.inserted::<Seat>(), |seat| insert_seat(seat))?;
    for_each(conn, "schedules", &changes.updated::<Schedule>(), |schedule| {
        Statement::new("UPDATE schedules SET sold_count = ? WHERE id = ?")
            .bind::<Integer, _>(schedule.sold_count)
            .bind::<Text, _>(Id(schedule.id.0))
    })?;
    let made = changes.inserted::<Reservation>();
    for_each(conn, "reservations", &made, |reservation| insert_reservation(reservation))?;
    for reservation in made {
        for_each(conn, "reserved seats", &reservation.seats, |seat| {
            Statement::new("INSERT INTO reservation_seats (reservation_id, seat_id) VALUES (?, ?)")
                .bind::<Text, _>(Id(reservation.id.0))
                .bind::<Text, _>(Id(seat.id.0))
        })?;
    }
    for_each(conn, "reservations", &changes.updated::<Reservation>(), |reservation| {
        let (status, ended_at) = reservation_columns(reservation.state);
        Statement::new(
            "UPDATE reservations SET expires_at = ?, extendable_until = ?, status = ?, ended_at = ?
             WHERE id = ?",
        )
        .bind::<BigInt, _>(Micros(reservation.expires_at))
        .bind::<Nullable<BigInt>, _>(reservation.extendable_until.map(Micros))
        .bind::<Text, _>(status)
        .bind::<Nullable<BigInt>, _>(ended_at)
        .bind::<Text, _>(Id(reservation.id.0))
    })?;
    for_each(conn, "seats", &changes.updated::<Seat>(), |seat| {
        let (status, reservation_id, held_until) = seat_columns(seat.state);
        Statement::new(
            "UPDATE seats SET status = ?, reservation_id = ?, held_until = ? WHERE id = ?",
        )
        .bind::<Text, _>(status)
        .bind::<Nullable<Text>, _>(reservation_id)
        .bind::<Nullable<BigInt>, _>(held_until)
        .bind::<Text, _>(Id(seat.id.0))
    })
}

fn insert_schedule(schedule: &Schedule) -> Statement<'_> {
    Statement::new(
        "INSERT INTO schedules (id, concert_id, starts_at, ends_at, booking_opens_at,
            booking_closes_at, seat_count, created_at, cancellation_closes_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(Id(schedule.id.0))
    .bind::<Text, _>(Id(schedule.concert_id.0))
    .bind::<BigInt, _>(Micros(schedule.starts_at))
    .bind::<BigInt, _>(Micros(schedule.ends_at))
    .bind::<BigInt, _>(Micros(schedule.booking.opens_at))
    .bind::<BigInt, _>(Micros(schedule.booking.closes_at))
    .bind::<Integer, _>(schedule.seat_count)
    .bind::<BigInt, _>(Micros(schedule.created_at))
    .bind::<Nullable<BigInt>, _>(schedule.cancellation_closes_at.map(Micros))
}

fn insert_seat(seat: &Seat) -> Statement<'_> {
    Statement::new(
        "INSERT INTO seats (id, schedule_id, number, row_number, column_number, label, price,
            status)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'FREE')",
    )
    .bind::<Text, _>(Id(seat.id.0))
    .bind::<Text, _>(Id(seat.schedule_id.0))
    .bind::<Integer, _>(seat.number)
    .bind::<Integer, _>(seat.row)
    .bind::<Integer, _>(seat.column)
    .bind::<Text, _>(seat.label.as_str())
    .bind::<BigInt, _>(seat.price.get())
}

fn insert_reservation(reservation: &Reservation) -> Statement<'_> {
    let (status, ended_at) = reservation_columns(reservation.state);
    Statement::new(
        "INSERT INTO reservations (id, user_id, concert_id, schedule_id, queue_token_id,
            total_price, created_at, expires_at, extendable_until, reference, status, ended_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(Id(reservation.id.0))
    .bind::<Text, _>(Id(reservation.user_id.0))
    .bind::<Text, _>(Id(reservation.concert_id.0))
    .bind::<Text, _>(Id(reservation.schedule_id.0))
    .bind::<Text, _>(Id(reservation.queue_token_id.0))
    .bind::<BigInt, _>(reservation.total_price.get())
    .bind::<BigInt, _>(Micros(reservation.created_at))
    .bind::<BigInt, _>(Micros(reservation.expires_at))
    .bind::<Nullable<BigInt>, _>(reservation.extendable_until.map(Micros))
    .bind::<Nullable<Text>, _>(reservation.reference.as_ref().map(Reference::as_str))
    .bind::<Text, _>(status)
    .bind::<Nullable<BigInt>, _>(ended_at)
}
