//! Reading what operators did.

use async_trait::async_trait;

use super::StoreError;
use crate::{OperatorAction, OperatorActionId, Page, PageSize};

/// Reads what operators did.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait OperatorActions: Send + Sync {
    /// Actions, newest id first, from those below `after` on.
    ///
    /// # Errors
    /// A failure of the store.
    async fn operator_actions(
        &self,
        after: Option<OperatorActionId>,
        size: PageSize,
    ) -> Result<Page<OperatorAction, OperatorActionId>, StoreError>;
}
