//! Schedules, seats and reservations.

use std::collections::HashMap;

use diesel::prelude::*;
use stagedoor_domain::{
    BookingWindow, ConcertId, Points, QueueTokenId, Reference, Reservation, ReservationId,
    ReservationState, ReservedSeat, Schedule, ScheduleId, Seat, SeatId, SeatState, UserId,
};

use super::corrupt;
use crate::sqlite::codec::{Id, Micros};
use crate::sqlite::failure::Failure;
use crate::sqlite::schema;

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = schema::schedules, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct ScheduleRow {
    id: Id,
    concert_id: Id,
    starts_at: Micros,
    ends_at: Micros,
    booking_opens_at: Micros,
    booking_closes_at: Micros,
    seat_count: i32,
    sold_count: i32,
    created_at: Micros,
    cancellation_closes_at: Option<Micros>,
}

impl TryFrom<ScheduleRow> for Schedule {
    type Error = Failure;

    fn try_from(row: ScheduleRow) -> Result<Self, Failure> {
        let booking =
            BookingWindow { opens_at: row.booking_opens_at.0, closes_at: row.booking_closes_at.0 };
        Ok(Self {
            id: ScheduleId(row.id.0),
            concert_id: ConcertId(row.concert_id.0),
            starts_at: row.starts_at.0,
            ends_at: row.ends_at.0,
            booking,
            cancellation_closes_at: row.cancellation_closes_at.map(|at| at.0),
            seat_count: row.seat_count,
            sold_count: row.sold_count,
            created_at: row.created_at.0,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::seats, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct SeatRow {
    id: Id,
    schedule_id: Id,
    number: i32,
    row_number: i32,
    column_number: i32,
    label: String,
    price: i64,
    status: String,
    reservation_id: Option<Id>,
    held_until: Option<Micros>,
}

impl TryFrom<SeatRow> for Seat {
    type Error = Failure;

    fn try_from(row: SeatRow) -> Result<Self, Failure> {
        let holder = row.reservation_id.map(|id| ReservationId(id.0));
        let state = match (row.status.as_str(), holder, row.held_until) {
            ("FREE", None, None) => SeatState::Free,
            ("HELD", Some(reservation_id), Some(until)) => {
                SeatState::Held { reservation_id, until: until.0 }
            }
            ("SOLD", Some(reservation_id), None) => SeatState::Sold { reservation_id },
            _ => return Err(corrupt("seat", row.id, "status")),
        };
        Ok(Self {
            id: SeatId(row.id.0),
            schedule_id: ScheduleId(row.schedule_id.0),
            number: row.number,
            row: row.row_number,
            column: row.column_number,
            label: row.label,
            price: Points::new(row.price).ok_or_else(|| corrupt("seat", row.id, "price"))?,
            state,
        })
    }
}

/// What a seat's state is in columns: status, `reservation_id` and `held_until`.
pub(crate) fn seat_columns(state: SeatState) -> (&'static str, Option<Id>, Option<Micros>) {
    match state {
        SeatState::Free => ("FREE", None, None),
        SeatState::Held { reservation_id, until } => {
            ("HELD", Some(Id(reservation_id.0)), Some(Micros(until)))
        }
        SeatState::Sold { reservation_id } => ("SOLD", Some(Id(reservation_id.0)), None),
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schema::reservations, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct ReservationRow {
    pub(crate) id: Id,
    user_id: Id,
    concert_id: Id,
    schedule_id: Id,
    queue_token_id: Id,
    total_price: i64,
    created_at: Micros,
    expires_at: Micros,
    extendable_until: Option<Micros>,
    reference: Option<String>,
    status: String,
    ended_at: Option<Micros>,
}

/// A seat as a reservation names it.
#[derive(Queryable)]
pub(crate) struct ReservedSeatRow {
    reservation_id: Id,
    id: Id,
    number: i32,
    row_number: i32,
    column_number: i32,
    label: String,
    price: i64,
}

impl TryFrom<ReservedSeatRow> for ReservedSeat {
    type Error = Failure;

    fn try_from(row: ReservedSeatRow) -> Result<Self, Failure> {
        Ok(Self {
            id: SeatId(row.id.0),
            number: row.number,
            row: row.row_number,
            column: row.column_number,
            label: row.label,
            price: Points::new(row.price).ok_or_else(|| corrupt("seat", row.id, "price"))?,
        })
    }
}

/// Folds reservations and their seats, which come in the order of their numbers.
pub(crate) fn with_seats(
    rows: Vec<ReservationRow>,
    seats: Vec<ReservedSeatRow>,
) -> Result<Vec<Reservation>, Failure> {
    let mut seats_of: HashMap<Id, Vec<ReservedSeat>> = HashMap::new();
    for seat in seats {
        seats_of.entry(seat.reservation_id).or_default().push(seat.try_into()?);
    }
    rows.into_iter().map(|row| row.fold(&mut seats_of)).collect()
}

impl ReservationRow {
    fn fold(self, seats_of: &mut HashMap<Id, Vec<ReservedSeat>>) -> Result<Reservation, Failure> {
        let wrong = |column| corrupt("reservation", self.id, column);
        let state = match (self.status.as_str(), self.ended_at) {
            ("HELD", None) => ReservationState::Held,
            ("EXPIRED", None) => ReservationState::Expired,
            ("CONFIRMED", Some(at)) => ReservationState::Confirmed { at: at.0 },
            ("CANCELLED", Some(at)) => ReservationState::Cancelled { at: at.0 },
            _ => return Err(wrong("status")),
        };
        let reference = self.reference.as_deref();
        let reference = reference.map(Reference::stored).transpose();
        let reference = reference.map_err(|_| wrong("reference"))?;
        Ok(Reservation {
            id: ReservationId(self.id.0),
            user_id: UserId(self.user_id.0),
            concert_id: ConcertId(self.concert_id.0),
            schedule_id: ScheduleId(self.schedule_id.0),
            queue_token_id: QueueTokenId(self.queue_token_id.0),
            seats: seats_of.remove(&self.id).ok_or_else(|| wrong("seats"))?,
            total_price: Points::new(self.total_price).ok_or_else(|| wrong("total_price"))?,
            created_at: self.created_at.0,
            expires_at: self.expires_at.0,
            extendable_until: self.extendable_until.map(|at| at.0),
            reference,
            state,
        })
    }
}

/// What a reservation's state is in columns: status and `ended_at`.
pub(crate) fn reservation_columns(state: ReservationState) -> (&'static str, Option<Micros>) {
    match state {
        ReservationState::Held => ("HELD", None),
        ReservationState::Expired => ("EXPIRED", None),
        ReservationState::Confirmed { at } => ("CONFIRMED", Some(Micros(at))),
        ReservationState::Cancelled { at } => ("CANCELLED", Some(Micros(at))),
    }
}
