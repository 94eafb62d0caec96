//! Active queue tokens as they were read recently.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use moka::sync::Cache;
use stagedoor_domain::ports::{QueueTokens, StoreError, Submit, SubmitError};
use stagedoor_domain::{
    Command, QueueToken, QueueTokenId, Room, Submission, TokenState, UserId, Verdict,
};

/// How old a token may be when dates and seats are shown for it.
const AGE_MAX: Duration = Duration::from_secs(1);
const TOKENS_MAX: u64 = 100_000;

type Active = Cache<QueueTokenId, (QueueToken, Room)>;

/// Reads queue tokens; one that was active a moment ago is not read again. What ended it meanwhile is
/// seen at once if this process did it, within a second if another did; its deadline is checked by
/// the caller. Good enough to show seats, not to sell them (decision 0011).
#[derive(Clone)]
pub(crate) struct RecentTokens {
    tokens: Arc<dyn QueueTokens>,
    active: Active,
}

impl RecentTokens {
    /// Reads what is not known from `tokens`.
    pub(crate) fn new(tokens: Arc<dyn QueueTokens>) -> Self {
        let active = Cache::builder().max_capacity(TOKENS_MAX).time_to_live(AGE_MAX).build();
        Self { tokens, active }
    }

    /// Hands commands in that may end tokens, and forgets those.
    pub(crate) fn ended_by<C: Command>(
        &self,
        submit: Arc<dyn Submit<C>>,
        token_id: fn(&C) -> QueueTokenId,
    ) -> Arc<dyn Submit<C>> {
        Arc::new(Ending { submit, token_id, active: self.active.clone() })
    }
}

#[async_trait]
impl QueueTokens for RecentTokens {
    async fn queue_tokens(
        &self,
        ids: &[QueueTokenId],
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        self.tokens.queue_tokens(ids).await
    }

    async fn queue_tokens_of(
        &self,
        user_id: UserId,
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        self.tokens.queue_tokens_of(user_id).await
    }

    async fn queue_token(
        &self,
        id: QueueTokenId,
    ) -> Result<Option<(QueueToken, Room)>, StoreError> {
        if let Some(known) = self.active.get(&id) {
            return Ok(Some(known));
        }
        let found = self.tokens.queue_token(id).await?;
        if let Some((token, room)) = &found
            && matches!(token.state, TokenState::Active { .. })
        {
            self.active.insert(id, (token.clone(), room.clone()));
        }
        Ok(found)
    }
}

/// Hands in commands that may end a token.
struct Ending<C: Command> {
    submit: Arc<dyn Submit<C>>,
    token_id: fn(&C) -> QueueTokenId,
    active: Active,
}

#[async_trait]
impl<C: Command> Submit<C> for Ending<C> {
    async fn submit(&self, submission: Submission<C>) -> Result<Verdict<C>, SubmitError> {
        let id = (self.token_id)(&submission.command);
        let verdict = self.submit.submit(submission).await;
        self.active.invalidate(&id);
        verdict
    }
}

#[cfg(test)]
mod tests {
    use stagedoor_domain::operations::LeaveRoom;
    use stagedoor_domain::ports::{MockQueueTokens, MockSubmit};
    use stagedoor_domain::{Instant, RoomId, UserId};
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;

    const NOW: Instant = datetime!(2026-11-21 10:00 UTC);
    const ID: QueueTokenId = QueueTokenId(Uuid::from_u128(1));

    fn reads_of(state: TokenState, times: usize) -> RecentTokens {
        let room = Room::open(RoomId::SITE, None, NOW);
        let token = QueueToken {
            id: ID,
            room_id: room.id,
            user_id: UserId(Uuid::from_u128(2)),
            sequence: Some(1),
            version: 1,
            created_at: NOW,
            state,
        };
        let mut tokens = MockQueueTokens::new();
        let found = Some((token, room));
        tokens.expect_queue_token().times(times).returning(move |_| Ok(found.clone()));
        RecentTokens::new(Arc::new(tokens))
    }

    const ACTIVE: TokenState = TokenState::Active { since: NOW, expires_at: NOW };

    #[tokio::test]
    async fn an_active_token_is_not_read_again_at_once_and_one_that_waits_is() {
        for (state, reads) in [(ACTIVE, 1), (TokenState::Waiting { seen_at: NOW, idle_at: NOW }, 2)]
        {
            let tokens = reads_of(state, reads);
            for _ in 0..2 {
                let found = tokens.queue_token(ID).await.unwrap().unwrap();
                assert_eq!(found.0.state, state);
            }
        }
    }

    #[tokio::test]
    async fn a_token_that_may_have_been_ended_here_is_read_again() {
        let tokens = reads_of(ACTIVE, 2);
        let mut submit = MockSubmit::<LeaveRoom>::new();
        submit.expect_submit().returning(|_| Ok(Ok(())));
        let leave = tokens.ended_by(Arc::new(submit), |command| command.token_id);
        tokens.queue_token(ID).await.unwrap();

        let command = LeaveRoom { token_id: ID, room_id: RoomId::SITE };
        leave.submit(Submission::new(command)).await.unwrap().unwrap();

        tokens.queue_token(ID).await.unwrap();
    }
}
