//! Reading users.

use async_trait::async_trait;

use super::StoreError;
use crate::{Email, Instant, Page, PageSize, User, UserId};

/// Reads users.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Users: Send + Sync {
    /// The user of this id.
    ///
    /// # Errors
    /// A failure of the store.
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The user of this e-mail address.
    ///
    /// # Errors
    /// A failure of the store.
    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError>;

    /// How many users there are, counted no further than `limit`.
    ///
    /// # Errors
    /// A failure of the store.
    async fn count_users(&self, limit: usize) -> Result<usize, StoreError>;

    /// Users, newest id first, from those below `after` on.
    ///
    /// # Errors
    /// A failure of the store.
    async fn users(
        &self,
        after: Option<UserId>,
        size: PageSize,
    ) -> Result<Page<User, UserId>, StoreError>;

    /// The users whose sessions ended at `since` or later, with the version of those that are valid.
    ///
    /// # Errors
    /// A failure of the store.
    async fn sessions_ended(&self, since: Instant) -> Result<Vec<(UserId, i64)>, StoreError>;
}
