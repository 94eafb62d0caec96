//! Reading point accounts.

use async_trait::async_trait;

use super::StoreError;
use crate::{Page, PageSize, PointAccount, PointEntry, UserId};

/// Reads point accounts and their history.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait PointAccounts: Send + Sync {
    /// A user's account.
    ///
    /// # Errors
    /// A failure of the store.
    async fn point_account(&self, user_id: UserId) -> Result<Option<PointAccount>, StoreError>;

    /// A user's entries, newest first, from those with a number below `after` on. The cursor is
    /// the number of the last entry of the page.
    ///
    /// # Errors
    /// A failure of the store.
    async fn point_entries(
        &self,
        user_id: UserId,
        after: Option<i64>,
        size: PageSize,
    ) -> Result<Page<PointEntry, i64>, StoreError>;
}
