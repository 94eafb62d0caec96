//! Checking admission to a concert's dates and seats.

use std::sync::Arc;

use super::QueuePass;
use crate::ConcertId;
use crate::ports::{Clock, QueueTokens, StoreError};
use crate::queue_token::NotActive;

/// Why a concert's dates and seats are not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionRefused {
    /// The queue token does not admit to booking.
    #[error("{0}")]
    NotActive(NotActive),
    /// The queue token is of another concert's room.
    #[error("the queue token is of another room")]
    OtherRoom,
}

/// Checks that a queue token admits to a concert (rule 7).
#[derive(Clone)]
pub struct Admission {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Reads queue tokens.
    pub queue_tokens: Arc<dyn QueueTokens>,
}

impl Admission {
    /// Checks the token as the store has it now.
    ///
    /// # Errors
    /// The store failed.
    pub async fn check(
        &self,
        pass: &QueuePass,
        concert_id: ConcertId,
    ) -> Result<Result<(), AdmissionRefused>, StoreError> {
        let now = self.clock.now();
        let Some((token, room)) = self.queue_tokens.queue_token(pass.token_id).await? else {
            return Ok(Err(AdmissionRefused::NotActive(NotActive::Expired)));
        };
        if let Err(refused) = token.check_active(now) {
            return Ok(Err(AdmissionRefused::NotActive(refused)));
        }
        let stands_before = room.stands_before(concert_id);
        Ok(if stands_before { Ok(()) } else { Err(AdmissionRefused::OtherRoom) })
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::ports::MockQueueTokens;
    use crate::{Instant, QueueToken, QueueTokenId, Room, RoomId, TokenState, UserId};

    const NOW: Instant = time::macros::datetime!(2026-11-21 10:00 UTC);

    struct At(Instant);

    impl Clock for At {
        fn now(&self) -> Instant {
            self.0
        }
    }

    fn concert(n: u128) -> ConcertId {
        ConcertId(uuid::Uuid::from_u128(n))
    }

    async fn check(
        state: Option<TokenState>,
        room_of: Option<ConcertId>,
    ) -> Result<(), AdmissionRefused> {
        let room = Room::open(RoomId(uuid::Uuid::from_u128(1)), room_of, NOW);
        let pass = QueuePass {
            token_id: QueueTokenId(uuid::Uuid::from_u128(2)),
            room_id: room.id,
            user_id: UserId(uuid::Uuid::from_u128(3)),
            place: Some(1),
        };
        let found = state.map(|state| {
            let token = QueueToken {
                id: pass.token_id,
                room_id: room.id,
                user_id: pass.user_id,
                place: Some(1),
                version: 1,
                created_at: NOW,
                state,
            };
            (token, room)
        });
        let mut queue_tokens = MockQueueTokens::new();
        queue_tokens.expect_queue_token().returning(move |_| Ok(found.clone()));
        let admission =
            Admission { clock: Arc::new(At(NOW)), queue_tokens: Arc::new(queue_tokens) };
        admission.check(&pass, concert(7)).await.unwrap()
    }

    fn active_until(expires_at: Instant) -> Option<TokenState> {
        Some(TokenState::Active { since: NOW - Duration::HOUR, expires_at })
    }

    #[tokio::test]
    async fn only_an_active_token_of_the_concerts_room_or_the_site_wide_room_admits() {
        let waiting = Some(TokenState::Waiting { seen_at: NOW, idle_at: NOW + Duration::HOUR });
        let soon = NOW + Duration::SECOND;
        let expired = Err(AdmissionRefused::NotActive(NotActive::Expired));
        let table = [
            (active_until(soon), Some(concert(7)), Ok(())),
            (active_until(soon), None, Ok(())),
            (active_until(soon), Some(concert(8)), Err(AdmissionRefused::OtherRoom)),
            (active_until(NOW), Some(concert(7)), expired),
            (waiting, Some(concert(7)), Err(AdmissionRefused::NotActive(NotActive::Waiting))),
            (None, Some(concert(7)), expired),
        ];
        for (state, room_of, expected) in table {
            assert_eq!(check(state, room_of).await, expected, "{state:?} before {room_of:?}");
        }
    }
}
