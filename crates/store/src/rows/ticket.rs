//! Tickets, and who checks them.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use stagedoor_domain::ticket::VoidReason;
use stagedoor_domain::{
    CheckIn, ConcertId, DoorName, DoorStaff, Instant, ReservationId, ScheduleId, SeatId, Ticket,
    TicketId, TicketNumber, TicketState, UserId,
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
    checked_in_at: Option<Instant>,
    checked_in_by: Option<UserId>,
    door: Option<String>,
    version: i64,
}

impl TryFrom<TicketRow> for Ticket {
    type Error = Failure;

    fn try_from(row: TicketRow) -> Result<Self, Failure> {
        let wrong = |column| corrupt("ticket", row.id, column);
        let reason = VOID_REASONS.iter().find(|(_, text)| *text == row.state);
        let check_in = match (row.checked_in_at, row.checked_in_by, row.door) {
            (None, None, None) => None,
            (Some(scanned_at), Some(user_id), Some(door)) => {
                let door = DoorName::stored(&door).map_err(|_| wrong("door"))?;
                Some(CheckIn { scanned_at, door, user_id })
            }
            _ => return Err(wrong("checked_in_at")),
        };
        // A process of an older version voids a ticket and leaves its check-in.
        let state = match (row.state.as_str(), reason, row.void_at, check_in) {
            (VALID, _, None, None) => TicketState::Valid,
            (VALID, _, None, Some(check_in)) => TicketState::CheckedIn(check_in),
            (_, Some((reason, _)), Some(at), _) => TicketState::Void { at, reason: *reason },
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
            version: row.version,
        })
    }
}

/// The state of tickets that are not void, checked in or not.
const VALID: &str = "VALID";
/// The states of void tickets in their column.
const VOID_REASONS: [(VoidReason, &str); 3] = [
    (VoidReason::Transferred, "TRANSFERRED"),
    (VoidReason::SeatCancelled, "SEAT_CANCELLED"),
    (VoidReason::ReservationCancelled, "RESERVATION_CANCELLED"),
];

/// What a ticket's state is in columns: `state` and `void_at`.
pub(crate) fn ticket_columns(state: &TicketState) -> (&'static str, Option<Instant>) {
    match state {
        TicketState::Valid | TicketState::CheckedIn(_) => (VALID, None),
        TicketState::Void { at, reason } => {
            let text = match reason {
                VoidReason::Transferred => "TRANSFERRED",
                VoidReason::SeatCancelled => "SEAT_CANCELLED",
                VoidReason::ReservationCancelled => "RESERVATION_CANCELLED",
            };
            (text, Some(*at))
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::door_staff, check_for_backend(Pg, Sqlite))]
pub(crate) struct DoorStaffRow {
    concert_id: ConcertId,
    user_id: UserId,
    assigned_at: Instant,
}

impl From<DoorStaffRow> for DoorStaff {
    fn from(row: DoorStaffRow) -> Self {
        let DoorStaffRow { concert_id, user_id, assigned_at } = row;
        Self { concert_id, user_id, assigned_at }
    }
}
