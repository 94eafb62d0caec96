//! Which sessions have ended.

use crate::UserId;

/// Knows in memory which sessions have ended (rule 17), so that no request reads the store for it. Other
/// processes are followed with a delay of at most two seconds while the store answers.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait EndedSessions: Send + Sync {
    /// Whether the user's sessions of this version have ended.
    fn have_ended(&self, user_id: UserId, version: i64) -> bool;

    /// Takes in that the user's sessions of all older versions than this have ended.
    fn note(&self, user_id: UserId, version: i64);
}
