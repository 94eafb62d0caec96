//! Files for calendars (RFC 5545): one event for one ticket.

use stagedoor_domain::{Instant, TicketId};
use time::macros::format_description;
use time::{UtcOffset, format_description::BorrowedFormatItem};

/// The longest line, in bytes and without its end. A longer one is folded (RFC 5545 section 3.1).
const LINE_BYTES_MAX: usize = 75;
const LINE_END: &str = "\r\n";
/// The program that makes the file (RFC 5545 section 3.7.3).
const PRODUCT: &str = "-//Stagedoor//Tickets//EN";
const UTC: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

/// What a calendar shows of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarEntry {
    /// The ticket. Calendars replace an event by a later file of the same ticket.
    pub ticket_id: TicketId,
    /// The version of the schedule. Calendars take a file with a higher one as the newer one.
    pub version: i64,
    /// When the file is made.
    pub made_at: Instant,
    /// When the show starts.
    pub starts_at: Instant,
    /// When the show ends.
    pub ends_at: Instant,
    /// The title of the concert.
    pub title: String,
    /// The venue: its name and its address, of which an empty one is left out.
    pub location: Vec<String>,
    /// What else to tell, a line each: the seat and the ticket's number.
    pub details: Vec<String>,
    /// Whether the ticket admits its holder.
    pub status: EntryStatus,
}

/// Whether the event of a ticket takes place for its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryStatus {
    /// It does.
    Confirmed,
    /// The ticket is void, or the date is cancelled.
    Cancelled,
}

impl CalendarEntry {
    /// The file, as `text/calendar` in UTF-8.
    pub fn file(&self) -> String {
        let location: Vec<_> = self.location.iter().filter(|text| !text.is_empty()).collect();
        let location = location.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let status = match self.status {
            EntryStatus::Confirmed => "CONFIRMED",
            EntryStatus::Cancelled => "CANCELLED",
        };
        let lines = [
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            format!("PRODID:{PRODUCT}"),
            "CALSCALE:GREGORIAN".to_owned(),
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}@stagedoor", self.ticket_id),
            format!("SEQUENCE:{}", self.version),
            format!("DTSTAMP:{}", utc(self.made_at)),
            format!("DTSTART:{}", utc(self.starts_at)),
            format!("DTEND:{}", utc(self.ends_at)),
            format!("SUMMARY:{}", escaped(&self.title)),
            format!("LOCATION:{}", escaped(&location)),
            format!("DESCRIPTION:{}", escaped(&self.details.join("\n"))),
            format!("STATUS:{status}"),
            "END:VEVENT".to_owned(),
            "END:VCALENDAR".to_owned(),
        ];
        lines.iter().map(|line| folded(line) + LINE_END).collect()
    }
}

/// An instant as a calendar reads it, in UTC and whole seconds.
fn utc(at: Instant) -> String {
    // Formatting into a `String` fails only for a year that needs more than four digits.
    at.to_offset(UtcOffset::UTC).format(UTC).unwrap_or_default()
}

/// A text as a value (RFC 5545 section 3.3.11). A control character is left out, except the end of a line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.replace(LINE_END, "\n").chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A line in parts of at most 75 bytes, of which each later one begins with a space. No character is cut.
fn folded(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + line.len() / LINE_BYTES_MAX * 3);
    let mut bytes = 0;
    for letter in line.chars() {
        if bytes + letter.len_utf8() > LINE_BYTES_MAX {
            folded.push_str("\r\n ");
            bytes = 1;
        }
        folded.push(letter);
        bytes += letter.len_utf8();
    }
    folded
}

#[cfg(test)]
mod tests;
