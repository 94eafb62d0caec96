//! Checking admission to a concert's dates and seats.

use std::sync::Arc;

use super::QueuePass;
use crate::ports::{Clock, Lines, QueueTokens, Rooms, StoreError};
use crate::queue_token::NotActive;
use crate::{ConcertId, Instant, Room};

/// Why a concert's dates and seats are not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionRefused {
    /// The queue token does not admit to booking.
    #[error("{0}")]
    NotActive(NotActive),
    /// There is no such concert, or it is a draft.
    #[error("there is no such concert")]
    ConcertNotFound,
    /// The queue token is of another concert's room.
    #[error("the queue token is of another room")]
    OtherRoom,
    /// The queue token is of the site-wide room, and the concert's own room has a line or admits no user.
    #[error("the concert has a queue of its own")]
    OwnQueue,
}

/// Checks that a queue token admits to a concert (rule 7).
#[derive(Clone)]
pub struct Admission {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Reads queue tokens.
    pub queue_tokens: Arc<dyn QueueTokens>,
    /// Rooms and their lines in memory, at most a second old.
    pub lines: Arc<dyn Lines>,
    /// Reads rooms that memory does not know.
    pub rooms: Arc<dyn Rooms>,
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
        if !room.covers(concert_id) {
            return Ok(Err(AdmissionRefused::OtherRoom));
        }
        if room.concert_id.is_some() {
            return Ok(Ok(()));
        }
        self.check_from_the_site(concert_id, now).await
    }

    async fn check_from_the_site(
        &self,
        concert_id: ConcertId,
        now: Instant,
    ) -> Result<Result<(), AdmissionRefused>, StoreError> {
        let judge = |room: &Room, anyone_waits| match room.admits_from_the_site(anyone_waits) {
            _ if !room.concert_state.is_public() => Err(AdmissionRefused::ConcertNotFound),
            true => Ok(()),
            false => Err(AdmissionRefused::OwnQueue),
        };
        let known = self.lines.room_of_concert(concert_id).and_then(|id| self.lines.room(id));
        // A draft that memory knows may have been published a moment ago.
        if let Some(room) = known.filter(|room| room.concert_state.is_public()) {
            return Ok(judge(&room, self.lines.waiting(room.id) > 0));
        }
        let Some(room) = self.rooms.room_of_concert(concert_id).await? else {
            return Ok(Err(AdmissionRefused::ConcertNotFound));
        };
        let count = self.rooms.room_count(room.id, now).await?;
        let gone = Err(AdmissionRefused::ConcertNotFound);
        Ok(count.map_or(gone, |count| judge(&count.room, count.waiting > 0)))
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::ports::{MockLines, MockQueueTokens, MockRooms, RoomCount, StoppedClock};
    use crate::{ConcertState, QueueToken, QueueTokenId, RoomId, RoomPolicy, TokenState, UserId};

    const NOW: Instant = time::macros::datetime!(2026-11-21 10:00 UTC);

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
            sequence: Some(1),
        };
        let found = state.map(|state| {
            let token = QueueToken {
                id: pass.token_id,
                room_id: room.id,
                user_id: pass.user_id,
                sequence: Some(1),
                version: 1,
                created_at: NOW,
                state,
            };
            (token, room)
        });
        let mut queue_tokens = MockQueueTokens::new();
        queue_tokens.expect_queue_token().returning(move |_| Ok(found.clone()));
        let mut rooms = MockRooms::new();
        rooms.expect_room_of_concert().returning(|id| Ok(Some(room_before(id, open()))));
        rooms.expect_room_count().returning(|_, _| Ok(Some(count(open(), 0))));
        let admission = Admission {
            clock: Arc::new(StoppedClock(NOW)),
            queue_tokens: Arc::new(queue_tokens),
            lines: Arc::new(lines_that_know(None)),
            rooms: Arc::new(rooms),
        };
        admission.check(&pass, concert(7)).await.unwrap()
    }

    fn open() -> RoomPolicy {
        RoomPolicy::default()
    }

    fn room_before(concert_id: ConcertId, policy: RoomPolicy) -> Room {
        Room { policy, ..Room::open(RoomId(uuid::Uuid::from_u128(4)), Some(concert_id), NOW) }
    }

    fn count(policy: RoomPolicy, waiting: i64) -> RoomCount {
        RoomCount { room: room_before(concert(7), policy), waiting, active: 0 }
    }

    /// Lines that know the concert's room, with this many in line, or nothing.
    fn lines_that_know(known: Option<(RoomPolicy, u64)>) -> MockLines {
        let mut lines = MockLines::new();
        let room = known.map(|(policy, _)| room_before(concert(7), policy));
        let id = room.as_ref().map(|room| room.id);
        lines.expect_room_of_concert().returning(move |_| id);
        lines.expect_room().returning(move |_| room.clone());
        lines.expect_waiting().returning(move |_| known.map_or(0, |(_, waiting)| waiting));
        lines
    }

    #[tokio::test]
    async fn a_site_wide_token_enters_where_no_token_waits_and_users_are_admitted() {
        let paused = RoomPolicy { paused: true, ..open() };
        let closed = RoomPolicy { capacity: 0, ..open() };
        let own_queue = Err(AdmissionRefused::OwnQueue);
        let table = [
            (open(), 0, Ok(())),
            (open(), 1, own_queue),
            (paused, 0, own_queue),
            (closed, 0, own_queue),
        ];
        for (policy, waiting, expected) in table {
            for is_known in [true, false] {
                let known = is_known.then(|| (policy, u64::try_from(waiting).unwrap()));
                let mut rooms = MockRooms::new();
                rooms
                    .expect_room_of_concert()
                    .returning(move |id| Ok(Some(room_before(id, policy))));
                rooms.expect_room_count().returning(move |_, _| Ok(Some(count(policy, waiting))));

                let checked = check_from_the_site(lines_that_know(known), rooms).await;

                assert_eq!(checked, expected, "{policy:?} with {waiting} in line");
            }
        }
    }

    #[tokio::test]
    async fn a_site_wide_token_sees_no_draft_and_no_deleted_concert() {
        let draft =
            || Room { concert_state: ConcertState::Draft, ..room_before(concert(7), open()) };
        for stored in [Some(draft()), None] {
            for is_known in [true, false] {
                let known = is_known.then(draft);
                let id = known.as_ref().map(|room| room.id);
                let mut lines = MockLines::new();
                lines.expect_room_of_concert().returning(move |_| id);
                lines.expect_room().returning(move |_| known.clone());
                let mut rooms = MockRooms::new();
                let (found, counted) = (stored.clone(), stored.clone());
                rooms.expect_room_of_concert().returning(move |_| Ok(found.clone()));
                rooms.expect_room_count().returning(move |_, _| {
                    Ok(counted.clone().map(|room| RoomCount { room, waiting: 0, active: 0 }))
                });

                let checked = check_from_the_site(lines, rooms).await;

                assert_eq!(checked, Err(AdmissionRefused::ConcertNotFound));
            }
        }
    }

    /// Whether an active token of the site-wide room admits to concert 7.
    async fn check_from_the_site(
        lines: MockLines,
        rooms: MockRooms,
    ) -> Result<(), AdmissionRefused> {
        let site = Room::open(RoomId::SITE, None, NOW);
        let token = QueueToken {
            id: QueueTokenId(uuid::Uuid::from_u128(2)),
            room_id: site.id,
            user_id: UserId(uuid::Uuid::from_u128(3)),
            sequence: None,
            version: 1,
            created_at: NOW,
            state: TokenState::Active { since: NOW, expires_at: NOW + Duration::MINUTE },
        };
        let pass = QueuePass::from(&token);
        let mut queue_tokens = MockQueueTokens::new();
        queue_tokens
            .expect_queue_token()
            .returning(move |_| Ok(Some((token.clone(), site.clone()))));
        let admission = Admission {
            clock: Arc::new(StoppedClock(NOW)),
            queue_tokens: Arc::new(queue_tokens),
            lines: Arc::new(lines),
            rooms: Arc::new(rooms),
        };
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
