//! Ids for tests: UUIDv7 in the order in which they are asked for.

use std::sync::atomic::{AtomicU64, Ordering};

use stagedoor_domain::{
    ConcertId, HallId, OperatorActionId, PaymentId, PointEntryId, QueueTokenId, ReservationId,
    RoomId, ScheduleId, SeatId, TicketId, UserId, VenueId, WebhookId,
};
use uuid::Uuid;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// The form of a UUIDv7 with nothing in it.
const FORM: u128 = 0x019a_0000_0000_7000_8000_0000_0000_0000;

/// A new id above all those before it, in text as in bytes.
pub fn fresh() -> Uuid {
    Uuid::from_u128(FORM + u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// The ids a test has used, so that all there is can be read back.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// People.
    pub users: Vec<UserId>,
    /// Shows.
    pub concerts: Vec<ConcertId>,
    /// Where they are.
    pub venues: Vec<VenueId>,
    /// The halls there.
    pub halls: Vec<HallId>,
    /// Their dates.
    pub schedules: Vec<ScheduleId>,
    /// Their rooms.
    pub rooms: Vec<RoomId>,
    /// Places in rooms.
    pub tokens: Vec<QueueTokenId>,
    /// Taken seats.
    pub reservations: Vec<ReservationId>,
    /// Payments.
    pub payments: Vec<PaymentId>,
    /// Tickets.
    pub tickets: Vec<TicketId>,
    /// Addresses that events are sent to.
    pub webhooks: Vec<WebhookId>,
}

/// An id that a test can ask for.
pub trait NewId: Copy {
    /// The id of this UUID, noted as known.
    fn note(uuid: Uuid, known: &mut Known) -> Self;
}

macro_rules! noted {
    ($($id:ident in $list:ident),*) => {$(
        impl NewId for $id {
            fn note(uuid: Uuid, known: &mut Known) -> Self {
                known.$list.push(Self(uuid));
                Self(uuid)
            }
        }
    )*};
}

macro_rules! unnoted {
    ($($id:ident),*) => {$(
        impl NewId for $id {
            fn note(uuid: Uuid, _known: &mut Known) -> Self {
                Self(uuid)
            }
        }
    )*};
}

noted!(
    UserId in users,
    ConcertId in concerts,
    VenueId in venues,
    HallId in halls,
    ScheduleId in schedules,
    RoomId in rooms,
    QueueTokenId in tokens,
    ReservationId in reservations,
    PaymentId in payments,
    TicketId in tickets,
    WebhookId in webhooks
);
unnoted!(SeatId, PointEntryId, OperatorActionId);
