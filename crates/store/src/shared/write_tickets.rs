//! Writing tickets.

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Nullable, Text};
use stagedoor_domain::{Changes, Ticket};

use super::dialect::{Conn, Prepared, Rows};
use super::write::check_deleted;
use crate::failure::Failure;
use crate::rows::ticket_columns;
use crate::types::{SqlId, SqlInstant};

/// Writes tickets, and takes cancelled seats off their reservations.
pub(super) fn write_tickets(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    for (reservation_id, seat_id) in changes.seats_taken_off() {
        let sql = "DELETE FROM reservation_seats WHERE reservation_id = ? AND seat_id = ?";
        let seat = Prepared::new(sql).bind::<SqlId, _>(reservation_id).bind::<SqlId, _>(seat_id);
        check_deleted("seat of a reservation", seat.execute(conn)?)?;
    }
    let changed = changes.updated::<Ticket>();
    ticket_state_columns(Rows::of("tickets", &changed))
        .update_by::<SqlId, _>("id", |ticket| ticket.id)
        .execute(conn)?;
    let issued = changes.inserted::<Ticket>();
    let issued = Rows::of("tickets", &issued)
        .column::<SqlId, _>("id", |ticket| ticket.id)
        .column::<BigInt, _>("number", |ticket| ticket.number.get())
        .column::<SqlId, _>("reservation_id", |ticket| ticket.reservation_id)
        .column::<SqlId, _>("concert_id", |ticket| ticket.concert_id)
        .column::<SqlId, _>("schedule_id", |ticket| ticket.schedule_id)
        .column::<SqlId, _>("seat_id", |ticket| ticket.seat_id)
        .column::<SqlInstant, _>("issued_at", |ticket| ticket.issued_at);
    ticket_state_columns(issued)
        .column::<SqlId, _>("holder_id", |ticket| ticket.holder_id)
        .insert()
        .execute(conn)
}

fn ticket_state_columns(rows: Rows<'_, Ticket>) -> Rows<'_, Ticket> {
    rows.column::<Text, _>("state", |ticket| ticket_columns(ticket.state).0)
        .column::<Nullable<SqlInstant>, _>("void_at", |ticket| ticket_columns(ticket.state).1)
}
