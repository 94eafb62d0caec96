//! Reading tickets.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    Instant, Page, PageSize, PersonName, Reservation, ReservationId, Schedule, ScheduleId, Seat,
    Ticket, TicketId, TicketNumber, Title, UserId, Venue,
};

/// A ticket with what its holder should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketDetails {
    /// The ticket.
    pub ticket: Ticket,
    /// The name of its holder.
    pub holder_name: PersonName,
    /// Its seat.
    pub seat: Seat,
    /// The reservation that its seat was paid with.
    pub reservation: Reservation,
    /// The title of its concert.
    pub title: Title,
    /// Its schedule.
    pub schedule: Schedule,
    /// Where that is, if the schedule has a seat plan.
    pub venue: Option<Venue>,
}

/// A public key that verifies the codes of tickets (Ed25519, RFC 8032).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketKey {
    /// Its thumbprint (RFC 7638), in base64url.
    pub id: String,
    /// The key, in base64url.
    pub key: String,
}

/// What a code says of its ticket. Whether the ticket is valid is not in it: it can become void later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedTicket {
    /// The ticket's number.
    pub number: TicketNumber,
    /// The schedule that it is for.
    pub schedule_id: ScheduleId,
}

/// Shows tickets in the forms that other programs read.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait ShowTickets: Send + Sync {
    /// The signed code of a ticket as a QR code, in SVG; nothing if it could not be drawn.
    fn qr_code(&self, ticket: &Ticket) -> Option<String>;

    /// The same in PNG, for programs that show no SVG, such as those for e-mail.
    fn qr_code_png(&self, ticket: &Ticket) -> Option<Vec<u8>>;

    /// What a code says, if one of the keys signed it.
    fn read_code(&self, code: &str) -> Option<SignedTicket>;

    /// A ticket as a file for calendars (RFC 5545) that is made at `now`.
    fn calendar(&self, details: &TicketDetails, now: Instant) -> String;

    /// The keys that verify codes. The first one signs.
    fn keys(&self) -> Vec<TicketKey>;
}

/// Reads tickets.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Tickets: Send + Sync {
    /// The ticket of this id.
    ///
    /// # Errors
    /// A failure of the store.
    async fn ticket(&self, id: TicketId) -> Result<Option<TicketDetails>, StoreError>;

    /// The id of the ticket with a number.
    ///
    /// # Errors
    /// A failure of the store.
    async fn ticket_numbered(&self, number: TicketNumber) -> Result<Option<TicketId>, StoreError>;

    /// The tickets that a user holds or held, void ones among them, newest id first, from those below `after` on. With
    /// `reservation_id`, those alone of that reservation.
    ///
    /// # Errors
    /// A failure of the store.
    async fn tickets(
        &self,
        holder_id: UserId,
        reservation_id: Option<ReservationId>,
        after: Option<TicketId>,
        size: PageSize,
    ) -> Result<Page<TicketDetails, TicketId>, StoreError>;
}
