//! The port of the domain.

use stagedoor_domain::ports::{ShowTickets, SignedTicket, TicketDetails, TicketKey};
use stagedoor_domain::{Instant, ReservedSeat, Seat, Ticket};

use crate::{CalendarEntry, EntryStatus, TicketKeys, draw, draw_png};

impl ShowTickets for TicketKeys {
    fn qr_code(&self, ticket: &Ticket) -> Option<String> {
        draw(&self.sign(ticket)).ok()
    }

    fn qr_code_png(&self, ticket: &Ticket) -> Option<Vec<u8>> {
        draw_png(&self.sign(ticket)).ok()
    }

    fn read_code(&self, code: &str) -> Option<SignedTicket> {
        self.verify(code)
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
    let is_on = !ticket.is_void() && schedule.takes_place();
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
        details: vec![printed(seat), ticket.number.to_string()],
        status: if is_on { EntryStatus::Confirmed } else { EntryStatus::Cancelled },
    }
}

/// A seat as it is printed: the section, the row and the number, without what it does not have.
fn printed(seat: &Seat) -> String {
    let seat = ReservedSeat::from(seat);
    let [row, number] = seat.printed();
    let parts = [seat.label, row, number];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use stagedoor_domain::{Points, ScheduleId, SeatDetails, SeatId, SeatState};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_seat_is_printed_with_what_it_has() {
        let details = SeatDetails {
            row_label: Some("B".to_owned()),
            seat_number: Some(12),
            ..SeatDetails::default()
        };
        let seat = Seat {
            id: SeatId(Uuid::nil()),
            schedule_id: ScheduleId(Uuid::nil()),
            number: 37,
            row: 4,
            column: 7,
            label: "Stalls".to_owned(),
            price: Points::ZERO,
            state: SeatState::Free,
            details: details.clone(),
        };
        let standing = SeatDetails { row_label: None, ..details };

        assert_eq!(printed(&seat), "Stalls B 12");
        assert_eq!(printed(&Seat { details: standing, ..seat.clone() }), "Stalls 12");
        let without_plan = Seat { details: SeatDetails::default(), label: String::new(), ..seat };
        assert_eq!(printed(&without_plan), "4 7");
    }
}
