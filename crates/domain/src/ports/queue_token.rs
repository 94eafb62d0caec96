//! Reading queue tokens.

use async_trait::async_trait;

use super::StoreError;
use crate::{QueueToken, QueueTokenId, Room};

/// Reads queue tokens.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait QueueTokens: Send + Sync {
    /// The token of this id, and its room.
    ///
    /// # Errors
    /// A failure of the store.
    async fn queue_token(&self, id: QueueTokenId)
    -> Result<Option<(QueueToken, Room)>, StoreError>;
}
