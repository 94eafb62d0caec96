//! What operators did.

use serde::{Deserialize, Serialize};

use crate::room::RoomMessage;
use crate::{Instant, OperatorActionId, RoomId, RoomPolicy, UserId};

/// One thing that an operator did: who, what, when.
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

/// What an operator did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperatorDeed {
    /// Changed a room.
    RoomChanged {
        /// Which room.
        room_id: RoomId,
        /// How the room was steered before.
        before: Steering,
        /// How it has been steered since.
        after: Steering,
    },
    /// Read what is another user's.
    UserRead {
        /// Whose.
        user_id: UserId,
        /// What.
        part: UserPart,
    },
}

/// What an operator may read of another user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserPart {
    /// The account: name, e-mail address and role.
    Account,
    /// A page of the reservations.
    Reservations,
}

/// What an operator steers of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steering {
    /// How it lets people in.
    pub policy: RoomPolicy,
    /// What those who wait are told.
    pub message: RoomMessage,
}
