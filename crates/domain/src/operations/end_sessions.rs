//! Ending all sessions of a user.

use serde::{Deserialize, Serialize};

use crate::{Command, Decided, Instant, Needs, NoKey, Refusal, Role, User, UserId, WorkingSet};

/// Ends all sessions of a user, with a change of the role or the password or without one: tokens that
/// were given out before are refused (rule 17).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndSessions {
    /// Whose.
    pub user_id: UserId,
    /// The new role, if it is to change.
    pub role: Option<Role>,
    /// The Argon2id hash of the new password, if it is to change.
    pub password_hash: Option<String>,
}

/// Why no session was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum EndSessionsRefused {
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
}

impl Refusal for EndSessionsRefused {}

impl Command for EndSessions {
    /// The version of the user's sessions from now on.
    type Success = i64;
    type Refusal = EndSessionsRefused;
    type Key = NoKey;
    const NAME: &'static str = "end_sessions";

    fn needs(&self, needs: &mut Needs) {
        needs.users.insert(self.user_id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let user = set.get::<User>(&self.user_id)?.ok_or(EndSessionsRefused::UserNotFound)?;
        let mut user = user.clone();
        user.role = self.role.unwrap_or(user.role);
        if let Some(hash) = &self.password_hash {
            user.password_hash.clone_from(hash);
        }
        let version = user.end_sessions(now);
        set.replace(user)?;
        Ok(version)
    }
}
