//! What the rules need from the outside, and what the outside asks of them.
//!
//! Writing has two ports. Handlers ask [`Submit`] for one command at a time; a batcher gathers what
//! is asked and has [`Execute`], which a store implements, carry out many at once. Reading has one
//! port for each noun.

pub mod audit;
pub mod clock;
pub mod concert;
pub mod credentials;
pub mod door;
pub mod event;
pub mod execute;
pub mod hall;
pub mod mail;
pub mod maintenance;
pub mod operator_action;
pub mod order;
pub mod payment;
pub mod point;
pub mod poster;
pub mod queue_token;
pub mod reservation;
pub mod room;
pub mod schedule;
pub mod session;
pub mod ticket;
pub mod user;
pub mod venue;
pub mod waiting_line;
pub mod webhook;

pub use audit::{Audit, Violation};
pub use clock::Clock;
pub use concert::{ConcertFilter, ConcertListing, Concerts};
pub use credentials::Passwords;
pub use door::{CheckInCount, CheckInsOfDoor, DoorDate, DoorEntry, DoorStaffMember, Doors};
pub use event::{Events, Subject};
pub use execute::{Execute, StoreError, Submit, SubmitError};
pub use hall::Halls;
pub use mail::{MailAnswer, MailFile, MailMessage, NoMailAnswer, SendMail};
pub use maintenance::{Kept, Maintenance, Readiness};
pub use operator_action::OperatorActions;
pub use order::{Order, OrderQuery, OrderText, Orders, PrintedSeat};
pub use payment::{PaymentDetails, Payments};
pub use point::PointAccounts;
pub use poster::{PosterImages, RenderPosters};
pub use queue_token::QueueTokens;
pub use reservation::Reservations;
pub use room::{RoomCount, Rooms};
pub use schedule::{
    QuarterSales, Sales, ScheduleListing, Schedules, SeatBlock, Settlement, VenueOfSchedule,
};
pub use session::EndedSessions;
pub use ticket::{ShowTickets, SignedTicket, TicketDetails, TicketKey, Tickets};
pub use user::Users;
pub use venue::Venues;
pub use waiting_line::{
    Heartbeat, LineState, LineSync, Lines, PositionInLine, TooManyHeartbeats, WaitingLines,
};

pub use webhook::{SendWebhook, WebhookAnswer, WebhookMessage, Webhooks};

#[cfg(any(test, feature = "mock"))]
pub use {
    clock::StoppedClock, concert::MockConcerts, credentials::MockPasswords, door::MockDoors,
    event::MockEvents, execute::MockExecute, execute::MockSubmit, hall::MockHalls,
    mail::MockSendMail, maintenance::MockMaintenance, operator_action::MockOperatorActions,
    order::MockOrders, payment::MockPayments, point::MockPointAccounts, poster::MockPosterImages,
    poster::MockRenderPosters, queue_token::MockQueueTokens, reservation::MockReservations,
    room::MockRooms, schedule::MockSchedules, session::MockEndedSessions, ticket::MockShowTickets,
    ticket::MockTickets, user::MockUsers, venue::MockVenues, waiting_line::MockLineSync,
    waiting_line::MockLines, waiting_line::MockWaitingLines, webhook::MockSendWebhook,
    webhook::MockWebhooks,
};
