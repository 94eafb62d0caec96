//! Giving a user another role.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Decided, Instant, Needs, NoKey, OperatorAction, OperatorActionId, OperatorDeed,
    Profile, Refusal, Role, User, UserId, WorkingSet,
};

/// Gives a user another role, ends the user's sessions, whose tokens carry the old one, and keeps a record of it.
/// The same role again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRole {
    /// The record's id.
    pub action_id: OperatorActionId,
    /// Who changes it: an operator.
    pub operator_id: UserId,
    /// Whose role.
    pub user_id: UserId,
    /// The new role.
    pub role: Role,
}

/// Why a role was not changed, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ChangeRoleRefused {
    /// Operators keep their own role, so that one remains.
    #[error("operators cannot change their own role")]
    OwnRole,
    /// There is no such user, or the account was deleted.
    #[error("there is no such user")]
    UserNotFound,
}

impl Refusal for ChangeRoleRefused {}

impl Command for ChangeRole {
    type Success = Profile;
    type Refusal = ChangeRoleRefused;
    type Key = NoKey;
    const NAME: &'static str = "change_role";

    fn needs(&self, needs: &mut Needs) {
        needs.users.insert(self.user_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        if self.operator_id == self.user_id {
            return Err(ChangeRoleRefused::OwnRole.into());
        }
        let user = set.get::<User>(&self.user_id)?.filter(|user| !user.is_deleted());
        let mut user = user.ok_or(ChangeRoleRefused::UserNotFound)?.clone();
        let before = user.role;
        if before == self.role {
            return Ok(user.profile());
        }
        user.role = self.role;
        user.end_sessions(now);
        set.insert(OperatorAction {
            id: self.action_id,
            operator_id: self.operator_id,
            deed: OperatorDeed::RoleChanged { user_id: self.user_id, before, after: self.role },
            at: now,
        });
        set.replace(user.clone())?;
        Ok(user.profile())
    }
}
