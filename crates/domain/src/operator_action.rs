//! What operators did.

use serde::{Deserialize, Serialize};

use crate::room::RoomMessage;
use crate::{Instant, OperatorActionId, RoomId, RoomPolicy, UserId};

/// One change that an operator made to a room: who, what, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorAction {
    /// Which.
    pub id: OperatorActionId,
    /// Who.
    pub operator_id: UserId,
    /// To which room.
    pub room_id: RoomId,
    /// How the room was steered before.
    pub before: Steering,
    /// How it has been steered since.
    pub after: Steering,
    /// When.
    pub at: Instant,
}

/// What an operator steers of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steering {
    /// How it lets people in.
    pub policy: RoomPolicy,
    /// What those who wait are told.
    pub message: RoomMessage,
}
