//! Loading tickets, and who checks them.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use stagedoor_domain::{ConcertId, DoorStaff, Needs, ReservationId, Ticket, TicketId, UserId};

use super::dialect::{self, Conn, Prepared};
use super::load::{by_ids, limit};
use crate::failure::Failure;
use crate::rows::{DoorStaffRow, TicketRow};
use crate::schema::{self, tickets};
use crate::types::{Id, SqlId};

/// The reservations that tickets are needed of, and those whose tickets are to be repaired. Which reservation a ticket belongs to never
/// changes.
pub(super) fn reservations_of_tickets(
    conn: &mut Conn,
    needs: &Needs,
) -> Result<BTreeSet<ReservationId>, Failure> {
    let mut found = BTreeSet::new();
    if needs.mismatched > 0 {
        let mismatched = Prepared::new(dialect::MISMATCHED)
            .returning::<SqlId>()
            .bind::<BigInt, _>(limit(needs.mismatched));
        found.extend(mismatched.load::<ReservationId>(conn)?);
    }
    found.extend(reservations_of(conn, &needs.tickets)?);
    Ok(found)
}

/// The reservations of tickets.
fn reservations_of(
    conn: &mut Conn,
    wanted: &BTreeSet<TicketId>,
) -> Result<Vec<ReservationId>, Failure> {
    let mut found = Vec::new();
    for ids in wanted.iter().collect::<Vec<_>>().chunks(dialect::VALUES_MAX) {
        let named = tickets::table.filter(tickets::id.eq_any(ids.iter().map(|id| Id(**id))));
        found.extend(named.select(tickets::reservation_id).load::<ReservationId>(conn)?);
    }
    Ok(found)
}

/// The tickets that are needed, and those of `paid` reservations. Their schedules are locked, but for those that are only
/// read.
pub(super) fn needed_tickets(
    conn: &mut Conn,
    needs: &Needs,
    paid: Vec<ReservationId>,
) -> Result<Vec<Ticket>, Failure> {
    let mut found = tickets(conn, &needs.tickets)?;
    let mut of = &needs.tickets_of | &needs.tickets_read_of;
    of.extend(paid);
    of.extend(reservations_of(conn, &needs.tickets_read)?);
    found.extend(by_ids(&of, |ids| {
        let of = tickets::table.filter(tickets::reservation_id.eq_any(ids));
        of.select(TicketRow::as_select()).load(conn)
    })?);
    Ok(found)
}

/// Tickets, unlocked.
pub(super) fn tickets(
    conn: &mut Conn,
    wanted: &BTreeSet<TicketId>,
) -> Result<Vec<Ticket>, Failure> {
    by_ids(wanted, |ids| {
        tickets::table.select(TicketRow::as_select()).filter(tickets::id.eq_any(ids)).load(conn)
    })
}

/// Assignments of users, who are locked, to the doors of concerts.
pub(super) fn door_staff(
    conn: &mut Conn,
    wanted: &BTreeSet<(ConcertId, UserId)>,
) -> Result<Vec<DoorStaff>, Failure> {
    let mut found = Vec::new();
    for (concert_id, user_id) in wanted {
        let row = schema::door_staff::table.find((Id(*concert_id), Id(*user_id)));
        let row: Option<DoorStaffRow> =
            row.select(DoorStaffRow::as_select()).first(conn).optional()?;
        found.extend(row.map(DoorStaff::from));
    }
    Ok(found)
}
