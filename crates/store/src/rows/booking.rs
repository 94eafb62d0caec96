//! Schedules, seats and reservations.

use std::collections::HashMap;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel::sqlite::Sqlite;
use stagedoor_domain::{
    BookingWindow, ConcertId, HallId, Instant, Moved, OperatorActionId, OwnTickets, PlanVersion,
    Points, QueueTokenId, Reason, Reference, Reservation, ReservationId, ReservationState,
    ReservedSeat, Schedule, ScheduleCancelled, ScheduleId, Seat, SeatDetails, SeatId, SeatKind,
    SeatState, TicketLimit, UserId,
};

use super::{concert_state, corrupt};
use crate::failure::Failure;
use crate::schema;
use crate::types::SqlId;

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = schema::schedules, check_for_backend(Pg, Sqlite))]
pub(crate) struct ScheduleRow {
    id: ScheduleId,
    concert_id: ConcertId,
    concert_state: String,
    starts_at: Instant,
    ends_at: Instant,
    booking_opens_at: Instant,
    booking_closes_at: Instant,
    seat_count: i32,
    sold_count: i32,
    blocked_count: i32,
    created_at: Instant,
    cancellation_closes_at: Option<Instant>,
    ticket_limit: i32,
    version: i64,
    moved_at: Option<Instant>,
    moved_from: Option<Instant>,
    refundable_until: Option<Instant>,
    move_told_to: Option<ReservationId>,
    cancelled_at: Option<Instant>,
    cancel_reason: Option<String>,
    hall_id: Option<HallId>,
    plan_version: Option<i32>,
}

impl TryFrom<ScheduleRow> for Schedule {
    type Error = Failure;

    fn try_from(row: ScheduleRow) -> Result<Self, Failure> {
        let wrong = |column| corrupt("schedule", row.id, column);
        let plan = match (row.hall_id, row.plan_version) {
            (Some(hall_id), Some(version)) => Some(PlanVersion { hall_id, version }),
            (None, None) => None,
            _ => return Err(corrupt("schedule", row.id, "plan_version")),
        };
        let booking =
            BookingWindow { opens_at: row.booking_opens_at, closes_at: row.booking_closes_at };
        let moved = match (row.moved_at, row.moved_from, row.refundable_until) {
            (None, None, None) => None,
            (Some(at), Some(from), Some(refundable_until)) => {
                Some(Moved { at, from, refundable_until, told_to: row.move_told_to })
            }
            _ => return Err(wrong("moved_at")),
        };
        let cancelled = match (row.cancelled_at, &row.cancel_reason) {
            (None, None) => None,
            (Some(at), Some(reason)) => {
                let reason = Reason::stored(reason).map_err(|_| wrong("cancel_reason"))?;
                Some(ScheduleCancelled { at, reason })
            }
            _ => return Err(wrong("cancelled_at")),
        };
        let ticket_limit = TicketLimit::parse(row.ticket_limit.into());
        Ok(Self {
            id: row.id,
            concert_id: row.concert_id,
            concert_state: concert_state(&row.concert_state)
                .ok_or_else(|| corrupt("schedule", row.id, "concert_state"))?,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            booking,
            cancellation_closes_at: row.cancellation_closes_at,
            seat_count: row.seat_count,
            sold_count: row.sold_count,
            blocked_count: row.blocked_count,
            ticket_limit: ticket_limit.map_err(|_| wrong("ticket_limit"))?,
            version: row.version,
            moved,
            cancelled,
            created_at: row.created_at,
            plan,
        })
    }
}

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = schema::seats, check_for_backend(Pg, Sqlite))]
pub(crate) struct SeatRow {
    id: SeatId,
    schedule_id: ScheduleId,
    number: i32,
    row_number: i32,
    column_number: i32,
    label: String,
    price: i64,
    status: String,
    reservation_id: Option<ReservationId>,
    held_until: Option<Instant>,
    kind: Option<String>,
    row_label: Option<String>,
    seat_number: Option<i32>,
    block_id: Option<OperatorActionId>,
}

/// What the state of a seat is read from.
#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::seats, check_for_backend(Pg, Sqlite))]
pub(crate) struct SeatStateRow {
    number: i32,
    status: String,
    reservation_id: Option<ReservationId>,
    held_until: Option<Instant>,
    block_id: Option<OperatorActionId>,
}

impl TryFrom<SeatStateRow> for SeatState {
    type Error = Failure;

    fn try_from(row: SeatStateRow) -> Result<Self, Failure> {
        let state = seat_state(&row.status, row.reservation_id, row.held_until, row.block_id);
        state.ok_or_else(|| corrupt("seat number", row.number, "status"))
    }
}

fn seat_state(
    status: &str,
    reservation_id: Option<ReservationId>,
    held_until: Option<Instant>,
    block_id: Option<OperatorActionId>,
) -> Option<SeatState> {
    match (status, reservation_id, held_until, block_id) {
        ("FREE", None, None, None) => Some(SeatState::Free),
        ("FREE", None, None, Some(by)) => Some(SeatState::Blocked { by }),
        ("HELD", Some(reservation_id), Some(until), None) => {
            Some(SeatState::Held { reservation_id, until })
        }
        ("SOLD", Some(reservation_id), None, None) => Some(SeatState::Sold { reservation_id }),
        _ => None,
    }
}

/// The kinds of places in columns; the ordinary one has none.
const SEAT_KINDS: [(SeatKind, Option<&str>); 5] = [
    (SeatKind::Seat, None),
    (SeatKind::Accessible, Some("ACCESSIBLE")),
    (SeatKind::Companion, Some("COMPANION")),
    (SeatKind::RestrictedView, Some("RESTRICTED_VIEW")),
    (SeatKind::Standing, Some("STANDING")),
];

/// What a place's kind is in its column.
pub(crate) fn seat_kind_column(kind: SeatKind) -> Option<&'static str> {
    SEAT_KINDS.iter().find(|(known, _)| *known == kind).and_then(|(_, text)| *text)
}

fn seat_details(
    seat_id: SeatId,
    kind: Option<&str>,
    row_label: Option<String>,
    seat_number: Option<i32>,
) -> Result<SeatDetails, Failure> {
    let kind = SEAT_KINDS.iter().find(|(_, text)| *text == kind).map(|(kind, _)| *kind);
    let kind = kind.ok_or_else(|| corrupt("seat", seat_id, "kind"))?;
    Ok(SeatDetails { kind, row_label, seat_number })
}

impl TryFrom<SeatRow> for Seat {
    type Error = Failure;

    fn try_from(row: SeatRow) -> Result<Self, Failure> {
        let state = seat_state(&row.status, row.reservation_id, row.held_until, row.block_id);
        let state = state.ok_or_else(|| corrupt("seat", row.id, "status"))?;
        Ok(Self {
            id: row.id,
            schedule_id: row.schedule_id,
            number: row.number,
            row: row.row_number,
            column: row.column_number,
            label: row.label,
            price: Points::new(row.price).ok_or_else(|| corrupt("seat", row.id, "price"))?,
            state,
            details: seat_details(row.id, row.kind.as_deref(), row.row_label, row.seat_number)?,
        })
    }
}

/// The columns of a seat's state: status, `reservation_id`, `held_until` and `block_id`.
pub(crate) fn seat_columns(
    state: SeatState,
) -> (&'static str, Option<ReservationId>, Option<Instant>, Option<OperatorActionId>) {
    match state {
        SeatState::Free => ("FREE", None, None, None),
        SeatState::Held { reservation_id, until } => {
            ("HELD", Some(reservation_id), Some(until), None)
        }
        SeatState::Sold { reservation_id } => ("SOLD", Some(reservation_id), None, None),
        SeatState::Blocked { by } => ("FREE", None, None, Some(by)),
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::reservations, check_for_backend(Pg, Sqlite))]
pub(crate) struct ReservationRow {
    pub(crate) id: ReservationId,
    user_id: UserId,
    concert_id: ConcertId,
    schedule_id: ScheduleId,
    queue_token_id: Option<QueueTokenId>,
    total_price: i64,
    created_at: Instant,
    expires_at: Instant,
    extendable_until: Option<Instant>,
    reference: Option<String>,
    status: String,
    ended_at: Option<Instant>,
    tickets_issued: bool,
}

/// A seat as a reservation names it.
#[derive(Queryable)]
pub(crate) struct ReservedSeatRow {
    reservation_id: ReservationId,
    id: SeatId,
    number: i32,
    row_number: i32,
    column_number: i32,
    label: String,
    price: i64,
    kind: Option<String>,
    row_label: Option<String>,
    seat_number: Option<i32>,
}

/// The types of the columns of a [`ReservedSeatRow`].
pub(crate) type ReservedSeatColumns = (
    SqlId,
    SqlId,
    Integer,
    Integer,
    Integer,
    Text,
    BigInt,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Integer>,
);

impl TryFrom<ReservedSeatRow> for ReservedSeat {
    type Error = Failure;

    fn try_from(row: ReservedSeatRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id,
            number: row.number,
            row: row.row_number,
            column: row.column_number,
            label: row.label,
            price: Points::new(row.price).ok_or_else(|| corrupt("seat", row.id, "price"))?,
            details: seat_details(row.id, row.kind.as_deref(), row.row_label, row.seat_number)?,
        })
    }
}

/// Folds reservations and their seats, which come in the order of their numbers.
pub(crate) fn with_seats(
    rows: Vec<ReservationRow>,
    seats: Vec<ReservedSeatRow>,
) -> Result<Vec<Reservation>, Failure> {
    let mut seats_of: HashMap<ReservationId, Vec<ReservedSeat>> = HashMap::new();
    for seat in seats {
        seats_of.entry(seat.reservation_id).or_default().push(seat.try_into()?);
    }
    rows.into_iter().map(|row| row.fold(&mut seats_of)).collect()
}

impl ReservationRow {
    fn fold(
        self,
        seats_of: &mut HashMap<ReservationId, Vec<ReservedSeat>>,
    ) -> Result<Reservation, Failure> {
        let wrong = |column| corrupt("reservation", self.id, column);
        let state = match (self.status.as_str(), self.ended_at) {
            ("HELD", None) => ReservationState::Held,
            ("EXPIRED", None) => ReservationState::Expired,
            ("CONFIRMED", Some(at)) => ReservationState::Confirmed { at },
            ("CANCELLED", Some(at)) => ReservationState::Cancelled { at },
            _ => return Err(wrong("status")),
        };
        let reference = self.reference.as_deref();
        let reference = reference.map(Reference::stored).transpose();
        let reference = reference.map_err(|_| wrong("reference"))?;
        let mut seats = seats_of.remove(&self.id).ok_or_else(|| wrong("seats"))?;
        if self.queue_token_id.is_none() {
            // Complimentary: what the seats cost others is not its price.
            seats.iter_mut().for_each(|seat| seat.price = Points::ZERO);
        }
        Ok(Reservation {
            id: self.id,
            user_id: self.user_id,
            concert_id: self.concert_id,
            schedule_id: self.schedule_id,
            queue_token_id: self.queue_token_id,
            seats,
            total_price: Points::new(self.total_price).ok_or_else(|| wrong("total_price"))?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            extendable_until: self.extendable_until,
            reference,
            tickets_issued: self.tickets_issued,
            state,
        })
    }
}

/// The tickets of a reservation as a row tells them.
pub(crate) fn own_tickets_row(
    reservation_id: ReservationId,
    is_paid: bool,
    count: i64,
) -> OwnTickets {
    OwnTickets { reservation_id, count: usize::try_from(count).unwrap_or(usize::MAX), is_paid }
}

/// What a reservation's state is in columns: status and `ended_at`.
pub(crate) fn reservation_columns(state: ReservationState) -> (&'static str, Option<Instant>) {
    match state {
        ReservationState::Held => ("HELD", None),
        ReservationState::Expired => ("EXPIRED", None),
        ReservationState::Confirmed { at } => ("CONFIRMED", Some(at)),
        ReservationState::Cancelled { at } => ("CANCELLED", Some(at)),
    }
}
