//! What e-mails say.

use std::sync::Arc;

use stagedoor_domain::mail::Language;
use stagedoor_domain::operations::ClaimedMail;
use stagedoor_domain::ports::{
    Clock, MailFile, MailMessage, ShowTickets, StoreError, TicketDetails, Tickets,
};
use stagedoor_domain::{
    Instant, MailKind, PageSize, ReservationId, ReservedSeat, Schedule, TicketId,
};
use stagedoor_http::LocalTime;

use super::letter::{Part, html, plain, text};

/// Writes e-mails from what the store has when they are sent.
pub struct Letters {
    /// Reads tickets.
    pub tickets: Arc<dyn Tickets>,
    /// Draws them.
    pub show_tickets: Arc<dyn ShowTickets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The time zone of dates whose venue is not known.
    pub local_time: LocalTime,
    /// The address of the web pages, without a slash at its end.
    pub public_url: String,
}

/// What is between the greeting and the end.
struct Letter {
    subject: String,
    parts: Vec<Part>,
    files: Vec<MailFile>,
}

impl Letters {
    /// Writes an e-mail; nothing if what it is about is there no longer.
    pub(super) async fn write(
        &self,
        claimed: &ClaimedMail,
        token: Option<&str>,
    ) -> Result<Option<MailMessage>, StoreError> {
        let written = match (claimed.mail.kind, token) {
            (MailKind::VerifyAddress, Some(token)) => {
                Some(self.link(claimed, "pages/verify-email", token))
            }
            (MailKind::ResetPassword, Some(token)) => {
                Some(self.link(claimed, "pages/reset-password", token))
            }
            (MailKind::VerifyAddress | MailKind::ResetPassword, None) => None,
            _ => self.about(claimed, &self.tickets_of(claimed).await?),
        };
        let Some(Letter { subject, parts: body, files }) = written else { return Ok(None) };
        let (to, mail) = (&claimed.to, &claimed.mail);
        let greeting = text(to.language, "greeting", &[("name", to.name.as_str())]);
        let mut parts = vec![Part::Paragraph(greeting)];
        parts.extend(body);
        parts.push(Part::Paragraph(text(to.language, "footer", &[])));
        Ok(Some(MailMessage {
            id: mail.id.to_string(),
            at: mail.created_at,
            name: to.name.clone(),
            email: to.email.clone(),
            text: plain(&parts),
            html: html(to.language, &subject, &parts),
            subject,
            files,
        }))
    }

    /// A letter with a link. The token is behind `#`, which browsers send to no server.
    fn link(&self, claimed: &ClaimedMail, page: &str, token: &str) -> Letter {
        let of_kind = |part| of_kind(claimed, part, &[]);
        let url = format!("{}/{page}#{token}", self.public_url);
        let parts = vec![
            Part::Paragraph(of_kind("body")),
            Part::Link(of_kind("link"), url),
            Part::Paragraph(of_kind("other")),
        ];
        Letter { subject: of_kind("subject"), parts, files: Vec::new() }
    }

    /// The tickets that an e-mail is about: one, or those that its user has or had of a reservation.
    async fn tickets_of(&self, claimed: &ClaimedMail) -> Result<Vec<TicketDetails>, StoreError> {
        let (mail, id) = (&claimed.mail, claimed.mail.id.subject_id);
        match mail.kind {
            MailKind::Tickets | MailKind::Refund | MailKind::Moved => {
                let of = Some(ReservationId(id));
                let page = self.tickets.tickets(mail.user_id, of, None, PageSize::LARGEST).await?;
                Ok(page.items.into_iter().rev().collect())
            }
            // The event of a transfer is one of the old ticket.
            MailKind::TicketReceived => {
                let Some(old) = self.tickets.ticket(TicketId(id)).await? else {
                    return Ok(Vec::new());
                };
                let of = Some(old.ticket.reservation_id);
                let page = self.tickets.tickets(mail.user_id, of, None, PageSize::LARGEST).await?;
                let is_new = |it: &TicketDetails| it.ticket.seat_id == old.ticket.seat_id;
                Ok(page.items.into_iter().filter(is_new).collect())
            }
            _ => Ok(self.tickets.ticket(TicketId(id)).await?.into_iter().collect()),
        }
    }

    /// A letter about tickets of one date; nothing if it would bring tickets, and none is valid any more.
    fn about(&self, claimed: &ClaimedMail, all: &[TicketDetails]) -> Option<Letter> {
        let kind = claimed.mail.kind;
        let brings = matches!(kind, MailKind::Tickets | MailKind::TicketReceived);
        let valid: Vec<_> = all.iter().filter(|it| !it.ticket.is_void()).collect();
        if brings && valid.is_empty() {
            return None;
        }
        let first = all.first()?;
        let title = first.title.as_str();
        let body = match kind {
            MailKind::Refund if first.schedule.cancelled.is_some() => "date",
            _ => "body",
        };
        let mut parts = vec![
            Part::Paragraph(of_kind(claimed, body, &[])),
            Part::Lines(self.lines(claimed, first, all)),
        ];
        let mut files = Vec::new();
        if brings {
            for details in valid {
                parts.extend(self.drawn(claimed, details, &mut files));
            }
        }
        parts.push(Part::Link(
            text(claimed.to.language, "link", &[]),
            format!("{}/pages/account", self.public_url),
        ));
        Some(Letter { subject: of_kind(claimed, "subject", &[("title", title)]), parts, files })
    }

    /// What was booked, when and where it is, and what it cost or brings back.
    fn lines(
        &self,
        claimed: &ClaimedMail,
        first: &TicketDetails,
        all: &[TicketDetails],
    ) -> Vec<String> {
        let (language, kind) = (claimed.to.language, claimed.mail.kind);
        let TicketDetails { schedule, venue, reservation, .. } = first;
        let zone = venue.as_ref().and_then(|venue| LocalTime::of_zone(venue.time_zone.as_str()));
        let zone = zone.as_ref().unwrap_or(&self.local_time);
        let mut lines = vec![text(language, "title", &[("title", first.title.as_str())])];
        lines.extend(times(claimed, schedule, zone));
        lines.extend(venue.as_ref().map(|venue| {
            let (name, address) = (venue.name.as_str(), venue.address.as_str());
            text(language, "venue", &[("name", name), ("address", address)])
        }));
        let one = |it: &TicketDetails| vec![ReservedSeat::from(&it.seat)];
        let seats_of = match kind {
            MailKind::Tickets | MailKind::Refund | MailKind::Moved => reservation.seats.clone(),
            _ => all.first().map(one).unwrap_or_default(),
        };
        lines.push(text(language, "seats", &[("seats", &seats(language, &seats_of))]));
        let price = seats_of.iter().map(|seat| seat.price.get()).sum::<i64>();
        let points = [("points", grouped(price))];
        let points = points.each_ref().map(|(name, value)| (*name, value.as_str()));
        match kind {
            _ if reservation.is_complimentary() => {}
            MailKind::Tickets => lines.push(text(language, "price", &points)),
            MailKind::Refund | MailKind::TicketRefund => {
                lines.push(text(language, "refund", &points));
            }
            _ => {}
        }
        lines
    }

    /// A ticket with its code, and its files.
    fn drawn(
        &self,
        claimed: &ClaimedMail,
        details: &TicketDetails,
        files: &mut Vec<MailFile>,
    ) -> Vec<Part> {
        let (ticket, language) = (&details.ticket, claimed.to.language);
        let number = ticket.number.to_string();
        let seat = seats(language, &[ReservedSeat::from(&details.seat)]);
        let named = text(language, "ticket", &[("number", &number), ("seat", &seat)]);
        let name = format!("ticket-{number}");
        files.push(MailFile {
            name: format!("{name}.ics"),
            media_type: "text/calendar",
            bytes: self.show_tickets.calendar(details, self.clock.now()).into_bytes(),
            content_id: None,
        });
        let mut parts = vec![Part::Paragraph(named.clone())];
        if let Some(bytes) = self.show_tickets.qr_code_png(ticket) {
            files.push(MailFile {
                name: format!("{name}.png"),
                media_type: "image/png",
                bytes,
                content_id: Some(name.clone()),
            });
            parts.push(Part::Image { content_id: name, description: named });
        }
        parts
    }
}

/// When the date is, and for a move when it was to be and until when it can be cancelled for that.
fn times(claimed: &ClaimedMail, schedule: &Schedule, zone: &LocalTime) -> Vec<String> {
    let line = |name, at| {
        let time = written(at, zone);
        text(claimed.to.language, name, &[("time", &time), ("zone", zone.name())])
    };
    let mut lines = vec![line("time", schedule.starts_at)];
    let is_move = matches!(claimed.mail.kind, MailKind::Moved | MailKind::TicketMoved);
    if let Some(moved) = schedule.moved.filter(|_| is_move) {
        lines.push(line("before", moved.from));
        if claimed.mail.kind == MailKind::Moved {
            lines.push(line("refundable", moved.refundable_until));
        }
    }
    lines
}

/// The local date and time, to the minute.
fn written(at: Instant, zone: &LocalTime) -> String {
    let time = zone.date_time(at).replace('T', " ");
    time.get(..16).unwrap_or(&time).to_owned()
}

/// A message of the e-mail's kind, in its language.
fn of_kind(claimed: &ClaimedMail, part: &str, values: &[(&str, &str)]) -> String {
    let name = format!("{}-{part}", claimed.mail.kind.as_str());
    text(claimed.to.language, &name, values)
}

/// Seats as they are printed, one after the other.
fn seats(language: Language, seats: &[ReservedSeat]) -> String {
    let named = |seat: &ReservedSeat| {
        let [row, number] = seat.printed();
        let name = if row.is_empty() { "place" } else { "seat" };
        let values = [("label", seat.label.as_str()), ("row", &row), ("number", &number)];
        text(language, name, &values).trim().to_owned()
    };
    seats.iter().map(named).collect::<Vec<_>>().join(", ")
}

/// A number with commas between thousands.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
