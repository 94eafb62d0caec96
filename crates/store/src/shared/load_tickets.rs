//! Loading tickets.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use stagedoor_domain::{Needs, ReservationId, Ticket, TicketId};

use super::dialect::{self, Conn, Prepared};
use super::load::{by_ids, limit};
use crate::failure::Failure;
use crate::rows::TicketRow;
use crate::schema::tickets;
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
    if !needs.tickets.is_empty() {
        let named = tickets::table.filter(tickets::id.eq_any(needs.tickets.iter().map(Id)));
        found.extend(named.select(tickets::reservation_id).load::<ReservationId>(conn)?);
    }
    Ok(found)
}

/// The tickets that are needed, whose schedules are locked.
pub(super) fn needed_tickets(conn: &mut Conn, needs: &Needs) -> Result<Vec<Ticket>, Failure> {
    let mut found = tickets(conn, &needs.tickets)?;
    found.extend(by_ids(&needs.tickets_of, |ids| {
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
