//! Writing tickets, and who checks them.

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Nullable, Text};
use stagedoor_domain::{Changes, DoorStaff, Ticket};

use super::dialect::{Conn, Prepared, Rows};
use super::write::check_deleted;
use crate::failure::Failure;
use crate::rows::ticket_columns;
use crate::types::{SqlId, SqlInstant};

/// Writes who is assigned to doors.
pub(super) fn write_door_staff(conn: &mut Conn, changes: &Changes) -> Result<(), Failure> {
    for staff in changes.deleted_door_staff() {
        let sql = "DELETE FROM door_staff WHERE concert_id = ? AND user_id = ?";
        let ended =
            Prepared::new(sql).bind::<SqlId, _>(staff.concert_id).bind::<SqlId, _>(staff.user_id);
        check_deleted("assignment", ended.execute(conn)?)?;
    }
    Rows::of("door_staff", &changes.inserted::<DoorStaff>())
        .column::<SqlId, _>("concert_id", |staff| staff.concert_id)
        .column::<SqlId, _>("user_id", |staff| staff.user_id)
        .column::<SqlInstant, _>("assigned_at", |staff| staff.assigned_at)
        .insert()
        .execute(conn)?;
    Rows::of("door_staff", &changes.updated::<DoorStaff>())
        .column::<SqlInstant, _>("assigned_at", |staff| staff.assigned_at)
        .column::<SqlId, _>("concert_id", |staff| staff.concert_id)
        .column::<SqlId, _>("user_id", |staff| staff.user_id)
        .update_by_last(2)
        .execute(conn)
}

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
    rows.column::<Text, _>("state", |ticket| ticket_columns(&ticket.state).0)
        .column::<Nullable<SqlInstant>, _>("void_at", |ticket| ticket_columns(&ticket.state).1)
        .column::<BigInt, _>("version", |ticket| ticket.version)
        .column::<Nullable<SqlInstant>, _>("checked_in_at", |ticket| {
            ticket.check_in().map(|check_in| check_in.scanned_at)
        })
        .column::<Nullable<SqlId>, _>("checked_in_by", |ticket| {
            ticket.check_in().map(|check_in| check_in.user_id)
        })
        .column::<Nullable<Text>, _>("door", |ticket| {
            ticket.check_in().map(|check_in| check_in.door.as_str())
        })
}
