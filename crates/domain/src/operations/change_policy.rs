//! Updating the controls of a room.

use serde::{Deserialize, Serialize};

use crate::room::RoomMessage;
use crate::{
    Command, Decided, ExpectedVersion, Instant, Needs, NoKey, OperatorAction, OperatorActionId,
    OperatorDeed, OtherVersion, Refusal, Room, RoomId, RoomPolicy, UserId, WorkingSet,
};

/// Changes some of a room's policy (rule 4) or the message for waiting users, and keeps a record of
/// it. It holds from now on: for the deadline of a waiting token from its next heartbeat, and for the
/// time to shop of those let in after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePolicy {
    /// The record's id, if anything changes.
    pub action_id: OperatorActionId,
    /// Who changes it.
    pub operator_id: UserId,
    /// Which room.
    pub room_id: RoomId,
    /// What is to change; each new value lies within its bounds ([`RoomPolicy::check`]).
    pub edit: PolicyEdit,
    /// A new message, if it is to change.
    pub message: Option<RoomMessage>,
    /// Which versions of the policy it is meant for.
    pub expected: ExpectedVersion,
}

/// New values for some of a policy's fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyEdit {
    /// See [`RoomPolicy::capacity`].
    pub capacity: Option<i32>,
    /// See [`RoomPolicy::admit_batch`].
    pub admit_batch: Option<i32>,
    /// See [`RoomPolicy::admit_interval_seconds`].
    pub admit_interval_seconds: Option<i32>,
    /// See [`RoomPolicy::active_seconds`].
    pub active_seconds: Option<i32>,
    /// See [`RoomPolicy::idle_seconds`].
    pub idle_seconds: Option<i32>,
    /// See [`RoomPolicy::paused`].
    pub paused: Option<bool>,
}

impl PolicyEdit {
    /// The policy with the new values in it.
    pub fn applied_to(&self, policy: RoomPolicy) -> RoomPolicy {
        RoomPolicy {
            capacity: self.capacity.unwrap_or(policy.capacity),
            admit_batch: self.admit_batch.unwrap_or(policy.admit_batch),
            admit_interval_seconds: self
                .admit_interval_seconds
                .unwrap_or(policy.admit_interval_seconds),
            active_seconds: self.active_seconds.unwrap_or(policy.active_seconds),
            idle_seconds: self.idle_seconds.unwrap_or(policy.idle_seconds),
            paused: self.paused.unwrap_or(policy.paused),
        }
    }
}

/// Why a policy was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum PolicyRefused {
    /// There is no such room.
    #[error("there is no such room")]
    RoomNotFound,
    /// The policy was changed meanwhile.
    #[error("the policy was changed meanwhile")]
    OtherVersion,
}

impl Refusal for PolicyRefused {}

impl Command for ChangePolicy {
    type Success = Room;
    type Refusal = PolicyRefused;
    type Key = NoKey;
    const NAME: &'static str = "change_policy";

    fn needs(&self, needs: &mut Needs) {
        needs.rooms.insert(self.room_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let room = set.get::<Room>(&self.room_id)?.ok_or(PolicyRefused::RoomNotFound)?;
        let expected = self.expected.check(room.policy_version);
        expected.map_err(|OtherVersion| PolicyRefused::OtherVersion)?;
        let before = room.controls();
        let mut room = room.clone();
        room.update_controls(self.edit.applied_to(room.policy), self.message.clone(), now);
        let after = room.controls();
        if before != after {
            set.insert(OperatorAction {
                id: self.action_id,
                operator_id: self.operator_id,
                deed: OperatorDeed::RoomChanged { room_id: self.room_id, before, after },
                at: now,
            });
        }
        set.replace(room.clone())?;
        Ok(room)
    }
}
