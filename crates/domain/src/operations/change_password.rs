//! Changing one's own password.

use serde::{Deserialize, Serialize};

use crate::{Command, Decided, Instant, Needs, NoKey, Refusal, User, UserId, WorkingSet};

/// Replaces a password and ends all sessions of the user in the same step (rule 17). The current password is
/// checked before, because that takes long. So the command names the hash that was checked, and only the
/// first of several changes from one password is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePassword {
    /// Whose.
    pub user_id: UserId,
    /// The hash that the current password was checked against.
    pub checked_hash: String,
    /// The Argon2id hash of the new password.
    pub new_hash: String,
}

/// Why a password was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ChangePasswordRefused {
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
    /// The given password is not the current one: it never was, or it was changed since it was checked.
    #[error("the current password is wrong")]
    WrongPassword,
}

impl Refusal for ChangePasswordRefused {}

impl Command for ChangePassword {
    /// The version of the user's sessions from now on.
    type Success = i64;
    type Refusal = ChangePasswordRefused;
    type Key = NoKey;
    const NAME: &'static str = "change_password";

    fn needs(&self, needs: &mut Needs) {
        needs.users.insert(self.user_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let user = set.get::<User>(&self.user_id)?.ok_or(ChangePasswordRefused::UserNotFound)?;
        if !user.has_password() || user.password_hash != self.checked_hash {
            return Err(ChangePasswordRefused::WrongPassword.into());
        }
        let mut user = User { password_hash: self.new_hash.clone(), ..user.clone() };
        let version = user.end_sessions(now);
        set.replace(user)?;
        Ok(version)
    }
}
