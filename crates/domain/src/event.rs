//! Events: changes that other systems and people learn of (rule 21).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ConcertId, Instant, ReservationState};

/// A change that others learn of. It is written in the transaction of the change, so there is one for each change and
/// none for a change that was rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which.
    pub id: EventId,
    /// What changed.
    pub kind: EventKind,
    /// The concert that it belongs to; nothing for the site-wide room and for a test.
    pub concert_id: Option<ConcertId>,
    /// When it changed.
    pub at: Instant,
    /// Whether each webhook that takes it has a delivery of it.
    pub fanned_out: bool,
}

/// What tells an event from all others: its subject, and the number of the event among those of the subject. The
/// subject's lock guards them, so a higher number is a later change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventId {
    /// The reservation, ticket, concert, schedule, room or webhook that changed.
    pub subject_id: Uuid,
    /// Rises with each event of the subject. Numbers may be left out.
    pub number: i64,
}

impl EventId {
    /// The event of a subject with a number.
    pub fn new(subject_id: Uuid, number: i64) -> Self {
        Self { subject_id, number }
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "evt_{}_{}", self.subject_id.simple(), self.number)
    }
}

/// The text is no id of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no id of an event")]
pub struct NoEventId;

impl FromStr for EventId {
    type Err = NoEventId;

    fn from_str(text: &str) -> Result<Self, NoEventId> {
        let (subject, number) =
            text.strip_prefix("evt_").and_then(|text| text.split_once('_')).ok_or(NoEventId)?;
        let subject_id = Uuid::try_parse(subject).map_err(|_| NoEventId)?;
        let id = Self { subject_id, number: number.parse().map_err(|_| NoEventId)? };
        if id.to_string() == text { Ok(id) } else { Err(NoEventId) }
    }
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// Seats were held.
    #[serde(rename = "reservation.held")]
    ReservationHeld,
    /// A hold expired unpaid.
    #[serde(rename = "reservation.expired")]
    ReservationExpired,
    /// A hold was paid, or staff gave complimentary tickets.
    #[serde(rename = "reservation.paid")]
    ReservationPaid,
    /// A hold was released, or a paid reservation was cancelled.
    #[serde(rename = "reservation.cancelled")]
    ReservationCancelled,
    /// A ticket was transferred to another user.
    #[serde(rename = "ticket.transferred")]
    TicketTransferred,
    /// One seat of a paid reservation was cancelled, and others of it stay paid.
    #[serde(rename = "ticket.cancelled")]
    TicketCancelled,
    /// The holder of a ticket came in.
    #[serde(rename = "ticket.checked_in")]
    TicketCheckedIn,
    /// Staff took back that the holder of a ticket came in.
    #[serde(rename = "ticket.check_in_undone")]
    CheckInUndone,
    /// A concert became public.
    #[serde(rename = "concert.published")]
    ConcertPublished,
    /// What is told of a public concert changed, or its poster.
    #[serde(rename = "concert.changed")]
    ConcertChanged,
    /// A concert was cancelled.
    #[serde(rename = "concert.cancelled")]
    ConcertCancelled,
    /// A date was added to a public concert.
    #[serde(rename = "schedule.added")]
    ScheduleAdded,
    /// The terms of a date of a public concert changed, such as its times.
    #[serde(rename = "schedule.changed")]
    ScheduleChanged,
    /// A date was cancelled.
    #[serde(rename = "schedule.cancelled")]
    ScheduleCancelled,
    /// A room was paused.
    #[serde(rename = "room.paused")]
    RoomPaused,
    /// A paused room lets people in again.
    #[serde(rename = "room.resumed")]
    RoomResumed,
    /// Nothing changed: the owner of a webhook tests it.
    #[serde(rename = "webhook.test")]
    WebhookTest,
}

impl EventKind {
    /// All kinds but the test, which every webhook takes.
    pub const ALL: [Self; 16] = [
        Self::ReservationHeld,
        Self::ReservationExpired,
        Self::ReservationPaid,
        Self::ReservationCancelled,
        Self::TicketTransferred,
        Self::TicketCancelled,
        Self::TicketCheckedIn,
        Self::CheckInUndone,
        Self::ConcertPublished,
        Self::ConcertChanged,
        Self::ConcertCancelled,
        Self::ScheduleAdded,
        Self::ScheduleChanged,
        Self::ScheduleCancelled,
        Self::RoomPaused,
        Self::RoomResumed,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReservationHeld => "reservation.held",
            Self::ReservationExpired => "reservation.expired",
            Self::ReservationPaid => "reservation.paid",
            Self::ReservationCancelled => "reservation.cancelled",
            Self::TicketTransferred => "ticket.transferred",
            Self::TicketCancelled => "ticket.cancelled",
            Self::TicketCheckedIn => "ticket.checked_in",
            Self::CheckInUndone => "ticket.check_in_undone",
            Self::ConcertPublished => "concert.published",
            Self::ConcertChanged => "concert.changed",
            Self::ConcertCancelled => "concert.cancelled",
            Self::ScheduleAdded => "schedule.added",
            Self::ScheduleChanged => "schedule.changed",
            Self::ScheduleCancelled => "schedule.cancelled",
            Self::RoomPaused => "room.paused",
            Self::RoomResumed => "room.resumed",
            Self::WebhookTest => "webhook.test",
        }
    }

    /// The kind with a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::WebhookTest]).find(|kind| kind.as_str() == name)
    }

    /// What is told of a reservation that came into a state, and its number. Each happens to a reservation once at
    /// most, in this order: a hold that expired may still be paid for a moment (rule 15).
    pub(crate) fn of_reservation(state: ReservationState) -> (Self, i64) {
        match state {
            ReservationState::Held => (Self::ReservationHeld, 1),
            ReservationState::Expired => (Self::ReservationExpired, 2),
            ReservationState::Confirmed { .. } => (Self::ReservationPaid, 3),
            ReservationState::Cancelled { .. } => (Self::ReservationCancelled, 4),
        }
    }
}
