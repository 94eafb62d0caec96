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
}

/// What an operator may read of another user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserPart {
    /// The account: name, e-mail address and role.
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
