//! Reading queue tokens.

use async_trait::async_trait;

use super::StoreError;
use crate::{QueueToken, QueueTokenId, Room, UserId};

/// Reads queue tokens.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait QueueTokens: Send + Sync {
    /// Those of the tokens of these ids that exist, each with its room, in no order.
    ///
    /// # Errors
    /// A failure of the store.
    async fn queue_tokens(
        &self,
        ids: &[QueueTokenId],
    ) -> Result<Vec<(QueueToken, Room)>, StoreError>;

    /// The tokens of a user that are not written as expired, each with its room, newest first: at most one for each room.
    ///
    /// # Errors
    /// A failure of the store.
    async fn queue_tokens_of(&self, user_id: UserId)
    -> Result<Vec<(QueueToken, Room)>, StoreError>;

    /// The token of this id, and its room.
    ///
    /// # Errors
    /// A failure of the store.
    async fn queue_token(
        &self,
        id: QueueTokenId,
    ) -> Result<Option<(QueueToken, Room)>, StoreError> {
        Ok(self.queue_tokens(&[id]).await?.into_iter().next())
    }
}
