//! Ids: one type for each noun, so that one cannot stand for another. All are UUIDv7, made at the
//! edge of the system; index pages stay local because new ids sort last.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A person.
    UserId
    /// A show.
    ConcertId
    /// One dated performance of a concert.
    ScheduleId
    /// One seat of one schedule.
    SeatId
    /// A place where concerts are.
    VenueId
    /// A hall of a venue.
    HallId
    /// A waiting room.
    RoomId
    /// One user's position in a room.
    QueueTokenId
    /// Seats taken by one user.
    ReservationId
    /// One line of a point account's history.
    PointEntryId
    /// Points paid for one reservation.
    PaymentId
    /// What admits one person to one seat.
    TicketId
    /// One change that an operator made.
    OperatorActionId
    /// An address that events are sent to.
    WebhookId
    /// One process of the service, from its start to its end.
    ProcessId
}

impl RoomId {
    /// The site-wide room, which exists in every store from its first migration on.
    pub const SITE: Self = Self(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000));
}

impl ReservationId {
    /// Below all others.
    pub const FIRST: Self = Self(Uuid::nil());
}

impl UserId {
    /// Owner of the idempotency keys of requests without a signed-in user (sign-up).
    pub const NONE: Self = Self(Uuid::nil());
}
