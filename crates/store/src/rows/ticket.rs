//! Tickets.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use stagedoor_domain::ticket::VoidReason;
use stagedoor_domain::{
    ConcertId, Instant, ReservationId, ScheduleId, SeatId, Ticket, TicketId, TicketNumber,
    TicketState, UserId,
};

use super::corrupt;
use crate::failure::Failure;
use crate::schema;

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::tickets, check_for_backend(Pg, Sqlite))]
pub(crate) struct TicketRow {
    id: TicketId,
    number: i64,
    reservation_id: ReservationId,
    concert_id: ConcertId,
    schedule_id: ScheduleId,
    seat_id: SeatId,
    holder_id: UserId,
    issued_at: Instant,
    state: String,
    void_at: Option<Instant>,
}

impl TryFrom<TicketRow> for Ticket {
    type Error = Failure;

    fn try_from(row: TicketRow) -> Result<Self, Failure> {
        let wrong = |column| corrupt("ticket", row.id, column);
        let reason = VOID_REASONS.iter().find(|(_, text)| *text == row.state);
        let state = match (row.state.as_str(), reason, row.void_at) {
            ("VALID", _, None) => TicketState::Valid,
            (_, Some((reason, _)), Some(at)) => TicketState::Void { at, reason: *reason },
            _ => return Err(wrong("state")),
        };
        Ok(Self {
            id: row.id,
            number: TicketNumber::stored(row.number).ok_or_else(|| wrong("number"))?,
            reservation_id: row.reservation_id,
            concert_id: row.concert_id,
            schedule_id: row.schedule_id,
            seat_id: row.seat_id,
            holder_id: row.holder_id,
            issued_at: row.issued_at,
            state,
        })
    }
}

/// The states of void tickets in their column.
const VOID_REASONS: [(VoidReason, &str); 3] = [
    (VoidReason::Transferred, "TRANSFERRED"),
    (VoidReason::SeatCancelled, "SEAT_CANCELLED"),
    (VoidReason::ReservationCancelled, "RESERVATION_CANCELLED"),
];

/// What a ticket's state is in columns: `state` and `void_at`.
pub(crate) fn ticket_columns(state: TicketState) -> (&'static str, Option<Instant>) {
    match state {
        TicketState::Valid => ("VALID", None),
        TicketState::Void { at, reason: VoidReason::Transferred } => ("TRANSFERRED", Some(at)),
        TicketState::Void { at, reason: VoidReason::SeatCancelled } => ("SEAT_CANCELLED", Some(at)),
        TicketState::Void { at, reason: VoidReason::ReservationCancelled } => {
            ("RESERVATION_CANCELLED", Some(at))
        }
    }
}
