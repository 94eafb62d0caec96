//! What tickets are shown and checked with: signed codes, drawings of them, the keys that verify them, and files for
//! calendars.

#![deny(missing_docs)]

mod calendar;
mod code;
mod drawing;
mod jwks;
mod keys;
mod show;

pub use calendar::{CalendarEntry, EntryStatus};
pub use drawing::{NotDrawn, draw, draw_png};
pub use jwks::{Jwk, Jwks};
pub use keys::TicketKeys;
