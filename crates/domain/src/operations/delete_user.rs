//! Deleting one's own account.

use serde::{Deserialize, Serialize};

use crate::{Command, Decided, Instant, Needs, NoKey, Refusal, Role, User, UserId, WorkingSet};

/// Removes the personal data of a user and ends the user's sessions (rule 17). The ledger stays: point entries,
/// payments and reservations belong to a user whose name and address are gone. There is no way back.
///
/// The password is checked before, as by [`ChangePassword`](super::ChangePassword).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteUser {
    /// Who.
    pub user_id: UserId,
    /// The hash that the password was checked against.
    pub checked_hash: String,
}

/// Why an account was not deleted, in the order in which the reasons are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum DeleteUserRefused {
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
    /// The given password is not the current one: it never was, or it was changed since it was checked.
    #[error("the password is wrong")]
    WrongPassword,
    /// The user is an organizer or an operator, for whom concerts and rooms wait.
    #[error("accounts of organizers and operators are not deleted")]
    IsStaff,
}

impl Refusal for DeleteUserRefused {}

impl Command for DeleteUser {
    /// The version of the user's sessions from now on.
    type Success = i64;
    type Refusal = DeleteUserRefused;
    type Key = NoKey;
    const NAME: &'static str = "delete_user";

    fn needs(&self, needs: &mut Needs) {
        needs.users.insert(self.user_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let user = set.get::<User>(&self.user_id)?.ok_or(DeleteUserRefused::UserNotFound)?;
        if !user.has_password() || user.password_hash != self.checked_hash {
            return Err(DeleteUserRefused::WrongPassword.into());
        }
        if matches!(user.role, Role::Organizer | Role::Operator) {
            return Err(DeleteUserRefused::IsStaff.into());
        }
        let mut user = user.clone();
        user.remove_personal_data();
        let version = user.end_sessions(now);
        set.replace(user)?;
        Ok(version)
    }
}
