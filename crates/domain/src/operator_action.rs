//! What staff did: operators, and organizers with what belongs to their concerts.

use serde::{Deserialize, Serialize};

use crate::room::RoomMessage;
use crate::venue::{Address, PlaceName, TimeZoneName};
use crate::{
    HallId, Instant, OperatorActionId, QueueTokenId, Reason, ReservationId, Role, RoomId,
    RoomPolicy, ScheduleId, ScheduleTerms, TicketId, UserId, Venue, VenueId,
};

/// One thing that an operator or an organizer did: who, what, when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorAction {
    /// Which.
    pub id: OperatorActionId,
    /// Who.
    pub operator_id: UserId,
    /// What.
    pub deed: OperatorDeed,
    /// When.
    pub at: Instant,
}

/// What an operator or an organizer did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorDeed {
    /// Changed a room.
    RoomChanged {
        /// Which room.
        room_id: RoomId,
        /// The room's controls before.
        before: RoomControls,
        /// The room's controls since.
        after: RoomControls,
    },
    /// Read what is another user's.
    UserRead {
        /// Whose.
        user_id: UserId,
        /// What.
        part: UserPart,
    },
    /// Changed the terms of a schedule.
    ScheduleEdited {
        /// Which schedule.
        schedule_id: ScheduleId,
        /// Its terms before.
        before: ScheduleTerms,
        /// Its terms since.
        after: ScheduleTerms,
    },
    /// Cancelled a schedule.
    ScheduleCancelled {
        /// Which schedule.
        schedule_id: ScheduleId,
        /// Why.
        reason: Reason,
    },
    /// Gave complimentary tickets to a user.
    TicketsGiven {
        /// The reservation.
        reservation_id: ReservationId,
        /// To whom.
        user_id: UserId,
        /// Why.
        reason: Reason,
    },
    /// Released a user's hold, or cancelled and refunded a paid reservation.
    ReservationCancelled {
        /// Which reservation.
        reservation_id: ReservationId,
        /// Whose.
        user_id: UserId,
        /// Why.
        reason: Reason,
    },
    /// Took back that the holder of a ticket came in.
    CheckInUndone {
        /// Which ticket.
        ticket_id: TicketId,
        /// Whose.
        user_id: UserId,
        /// Why.
        reason: Reason,
    },
    /// Took seats of a schedule out of sale.
    SeatsBlocked {
        /// Of which schedule.
        schedule_id: ScheduleId,
        /// Their numbers, in order.
        numbers: Vec<i32>,
        /// Why.
        reason: Reason,
    },
    /// Put blocked seats of a schedule back on sale.
    SeatsUnblocked {
        /// Of which schedule.
        schedule_id: ScheduleId,
        /// Their numbers, in order.
        numbers: Vec<i32>,
    },
    /// Removed a user's queue token.
    TokenRemoved {
        /// Which token.
        token_id: QueueTokenId,
        /// Whose.
        user_id: UserId,
        /// Why.
        reason: Reason,
    },
    /// Gave a user another role.
    RoleChanged {
        /// Whose.
        user_id: UserId,
        /// The role before.
        before: Role,
        /// The role since.
        after: Role,
    },
    /// Changed a venue.
    VenueEdited {
        /// Which venue.
        venue_id: VenueId,
        /// What it told before.
        before: VenueTerms,
        /// What it tells since.
        after: VenueTerms,
    },
    /// Added a hall to a venue.
    HallAdded {
        /// Which hall.
        hall_id: HallId,
    },
    /// Gave a hall another seat plan.
    PlanChanged {
        /// Which hall.
        hall_id: HallId,
        /// The version of its plan before.
        before: i32,
        /// The version of its plan since.
        after: i32,
    },
}

/// What those who manage a venue can change of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueTerms {
    /// What it is called.
    pub name: PlaceName,
    /// Where it is.
    pub address: Address,
    /// The time zone of its clocks.
    pub time_zone: TimeZoneName,
}

impl From<&Venue> for VenueTerms {
    fn from(venue: &Venue) -> Self {
        let Venue { name, address, time_zone, .. } = venue.clone();
        Self { name, address, time_zone }
    }
}

/// What an operator may read of another user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserPart {
    /// The account: name, e-mail address, role and live queue tokens.
    Account,
    /// A page of the reservations.
    Reservations,
}

/// What an operator controls of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomControls {
    /// How it lets people in.
    pub policy: RoomPolicy,
    /// The message for waiting users.
    pub message: RoomMessage,
}
