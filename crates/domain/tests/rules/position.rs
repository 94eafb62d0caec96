//! What a client is told of its queue token.

use async_trait::async_trait;
use stagedoor_domain::ports::{QueueTokens, StoreError};
use stagedoor_domain::room::RoomMessage;
use stagedoor_domain::use_cases::{PositionStatus, QueuePosition};
use stagedoor_domain::{ExpiryReason, QueueToken, QueueTokenId, Room, UserId};

use crate::builders::*;

#[test]
fn a_token_that_waits_or_is_active_is_live_and_an_expired_one_is_not() {
    let waiting = PositionStatus::Waiting {
        ahead: 0,
        estimated_wait_seconds: None,
        poll_after_seconds: 5,
        heartbeat_after_seconds: 150,
        expires_at: NOW,
    };
    let active = PositionStatus::Active { expires_at: NOW };
    let expired = |reason| PositionStatus::Expired { reason, at: NOW };
    let table = [
        (waiting, true),
        (active, true),
        (expired(ExpiryReason::TimedOut), false),
        (expired(ExpiryReason::Abandoned), false),
        (expired(ExpiryReason::Left), false),
        (expired(ExpiryReason::Completed), false),
    ];
    for (status, is_live) in table {
        let message = RoomMessage::default();
        let position = QueuePosition {
            token_id: token(1),
            room_id: a_room().id,
            sequence: Some(1),
            waiting: 1,
            paused: false,
            message,
            status,
        };
        assert_eq!(position.is_live(), is_live, "{status:?}");
    }
}

/// A store with the tokens 1 to 3.
struct Three;

#[async_trait]
impl QueueTokens for Three {
    async fn queue_tokens(
        &self,
        ids: &[QueueTokenId],
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        let tokens = (1..=3).map(a_token).filter(|token| ids.contains(&token.id));
        Ok(tokens.map(|token| (token, a_room())).collect())
    }

    async fn queue_tokens_of(
        &self,
        user_id: UserId,
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        let tokens = (1..=3).map(a_token).filter(|token| token.user_id == user_id);
        Ok(tokens.map(|token| (token, a_room())).collect())
    }
}

#[tokio::test]
async fn one_token_is_read_as_several_are() {
    assert_eq!(Three.queue_token(token(2)).await, Ok(Some((a_token(2), a_room()))));
    assert_eq!(Three.queue_token(token(4)).await, Ok(None));
}
