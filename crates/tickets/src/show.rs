//! The port of the domain.

use stagedoor_domain::ports::{ShowTickets, TicketDetails, TicketKey};
use stagedoor_domain::{Instant, Seat, Ticket};

use crate::{CalendarEntry, EntryStatus, TicketKeys, draw};

impl ShowTickets for TicketKeys {
    fn qr_code(&self, ticket: &Ticket) -> Option<String> {
        draw(&self.sign(ticket)).ok()
    }

    fn calendar(&self, details: &TicketDetails, now: Instant) -> String {
        calendar_entry(details, now).file()
    }

    fn keys(&self) -> Vec<TicketKey> {
        let keys = self.jwks().keys.into_iter();
        keys.map(|key| TicketKey { id: key.kid, key: key.x }).collect()
    }
}

fn calendar_entry(details: &TicketDetails, now: Instant) -> CalendarEntry {
    let TicketDetails { ticket, seat, title, schedule, venue, .. } = details;
    let is_on = ticket.is_valid() && schedule.takes_place();
    let venue = venue.as_ref();
    let venue =
        venue.map(|venue| vec![venue.name.as_str().to_owned(), venue.address.as_str().to_owned()]);
    CalendarEntry {
        ticket_id: ticket.id,
        version: schedule.version,
        made_at: now,
        starts_at: schedule.starts_at,
        ends_at: schedule.ends_at,
        title: title.as_str().to_owned(),
        location: venue.unwrap_or_default(),
        details: vec![printed_seat(seat), ticket.number.to_string()],
        status: if is_on { EntryStatus::Confirmed } else { EntryStatus::Cancelled },
    }
}

/// A seat as its plan prints it: the section, the row and the number. A standing place, and a seat without a plan, has
/// its number alone.
fn printed_seat(seat: &Seat) -> String {
    let number = seat.details.seat_number.unwrap_or(seat.number).to_string();
    let parts = [seat.label.as_str(), seat.details.row_label.as_deref().unwrap_or(""), &number];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}
