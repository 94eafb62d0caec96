//! Removing a token from its room, by an operator.

use serde::{Deserialize, Serialize};

use super::leave_room::{LeaveRefused, LeaveRoom};
use crate::{
    Command, DecideError, Decided, Instant, Needs, NoKey, OperatorAction, OperatorActionId,
    OperatorDeed, QueueToken, QueueTokenId, Reason, Refusal, RoomId, UserId, WorkingSet,
};

/// Ends another user's queue token as if the user [left](LeaveRoom), and keeps a record of it. Removing twice is
/// removing once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoveToken {
    /// The record's id.
    pub action_id: OperatorActionId,
    /// Who removes it: an operator.
    pub operator_id: UserId,
    /// Which token.
    pub token_id: QueueTokenId,
    /// Its room.
    pub room_id: RoomId,
    /// Why.
    pub reason: Reason,
}

/// Why no token was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum RemoveTokenRefused {
    /// There is no such token.
    #[error("there is no such queue token")]
    TokenNotFound,
}

impl Refusal for RemoveTokenRefused {}

impl From<LeaveRefused> for RemoveTokenRefused {
    fn from(refused: LeaveRefused) -> Self {
        match refused {
            LeaveRefused::TokenNotFound => Self::TokenNotFound,
        }
    }
}

impl RemoveToken {
    fn leave(&self) -> LeaveRoom {
        LeaveRoom { token_id: self.token_id, room_id: self.room_id }
    }
}

impl Command for RemoveToken {
    type Success = ();
    type Refusal = RemoveTokenRefused;
    type Key = NoKey;
    const NAME: &'static str = "remove_token";

    fn needs(&self, needs: &mut Needs) {
        self.leave().needs(needs);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let token = set.token_of(self.room_id, self.token_id)?;
        let ends = token.is_some_and(|token: &QueueToken| token.is_live(now));
        let user_id = token.map(|token| token.user_id);
        self.leave().decide(set, now).map_err(|error| match error {
            DecideError::Refused(refused) => DecideError::Refused(refused.into()),
            DecideError::Corrupt(bug) => DecideError::Corrupt(bug),
        })?;
        if let Some(user_id) = user_id.filter(|_| ends) {
            set.insert(OperatorAction {
                id: self.action_id,
                operator_id: self.operator_id,
                deed: OperatorDeed::TokenRemoved {
                    token_id: self.token_id,
                    user_id,
                    reason: self.reason.clone(),
                },
                at: now,
            });
        }
        Ok(())
    }
}
