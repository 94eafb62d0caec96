//! The rules of Stagedoor: a waiting room, seat holds, a points wallet and payment.
//!
//! This crate is pure. It reads no clock, makes no ids and does no IO: instants and ids come in
//! with the [commands](operations), rows come in through a [`WorkingSet`], and what has to be
//! written goes out as [`Changes`]. "Rule N" in these pages is rule N of
//! `docs/rules.md`.
#![deny(missing_docs)]

pub mod command;
pub mod concert;
pub mod door;
pub mod email;
pub mod event;
pub mod ids;
pub mod invalid;
pub mod line;
pub mod mail;
pub mod needs;
pub mod number_range;
pub mod operations;
pub mod operator_action;
pub mod paging;
pub mod password;
pub mod payment;
pub mod point;
pub mod ports;
pub mod poster;
pub mod pulse;
pub mod queue_token;
pub mod reason;
pub mod reservation;
pub mod room;
pub mod sale;
pub mod schedule;
pub mod seat;
pub mod seat_plan;
pub mod secret;
pub mod ticket;
pub mod use_cases;
pub mod user;
pub mod venue;
pub mod version;
pub mod webhook;
pub mod working_set;

pub use command::{
    Command, DecideError, Decided, Idempotency, Key, NeverRefused, NoKey, Refusal, RefusalOf,
    Refused, Submission, Verdict, decide_all,
};
pub use concert::{Concert, ConcertDetails, ConcertState, Title};
pub use door::{CheckIn, DoorName, DoorStaff};
pub use email::Email;
pub use event::{Event, EventId, EventKind};
pub use ids::{
    ConcertId, HallId, OperatorActionId, PaymentId, PointEntryId, ProcessId, QueueTokenId,
    ReservationId, RoomId, ScheduleId, SeatId, TicketId, UserId, VenueId, WebhookId,
};
pub use invalid::{Invalid, Rule};
pub use line::{
    KeptDeadline, Line, LineBlock, LineChange, LineDelta, LineOverview, LinePage, Position,
};
pub use mail::{Mail, MailId, MailKind, MailToken};
pub use needs::Needs;
pub use number_range::NumberRange;
pub use operator_action::{OperatorAction, OperatorDeed, RoomControls, UserPart, VenueTerms};
pub use paging::{Page, PageSize};
pub use password::NewPassword;
pub use payment::Payment;
pub use point::{PointAccount, PointEntry, PointKind, Points};
pub use poster::{Poster, PosterImage};
pub use pulse::{Outage, Peers, Pulse};
pub use queue_token::{ExpiryReason, QueueToken, TokenState, TokenStatus};
pub use reason::Reason;
pub use reservation::{
    BookingPolicy, OwnTickets, Reference, Reservation, ReservationState, ReservationStatus,
    ReservedSeat,
};
pub use room::{Occupancy, Room, RoomPolicy};
pub use sale::{ConcertSale, DateSale, ListedDate};
pub use schedule::{
    BookingWindow, Moved, Schedule, ScheduleCancelled, ScheduleTerms, SeatMap, Section, TicketLimit,
};
pub use seat::{Seat, SeatDetails, SeatState, SeatStatus};
pub use seat_plan::{HallPlan, PlanVersion, SeatKind, SeatPlan};
pub use ticket::{NewTicket, NewTickets, Ticket, TicketNumber, TicketState};
pub use user::{PersonName, Profile, Role, User};
pub use venue::{Hall, Venue, VenueEdit};
pub use version::{ExpectedVersion, OtherVersion};
pub use webhook::{Delivery, Webhook};
pub use working_set::{Changes, Corrupt, Stored, WorkingSet};

/// An instant. Adapters keep microseconds, so the [`ports::Clock`] gives no finer ones.
pub type Instant = time::OffsetDateTime;
