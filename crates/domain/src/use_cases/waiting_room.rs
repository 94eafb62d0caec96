//! Waiting in line.

use std::sync::Arc;

use crate::operations::{JoinRoom, Joined};
use crate::ports::{
    Clock, Heartbeat, LineSync, Lines, PositionInLine, QueueTokens, Rooms, StoreError, Submit,
    SubmitError,
};
use crate::queue_token::Heartbeats;
use crate::room::RoomMessage;
use crate::{
    ConcertId, ExpiryReason, Instant, Position, QueueToken, QueueTokenId, RefusalOf, Room, RoomId,
    Submission, TokenState, TokenStatus, UserId,
};

/// What a queue token's holder can prove: the user, the room, and the sequence number in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuePass {
    /// The token.
    pub token_id: QueueTokenId,
    /// Its room.
    pub room_id: RoomId,
    /// Whose it is.
    pub user_id: UserId,
    /// Its sequence number in line; nothing if it was active at once.
    pub sequence: Option<i64>,
}

impl From<&QueueToken> for QueuePass {
    fn from(token: &QueueToken) -> Self {
        Self {
            token_id: token.id,
            room_id: token.room_id,
            user_id: token.user_id,
            sequence: token.sequence,
        }
    }
}

/// Where a token stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuePosition {
    /// The token.
    pub token_id: QueueTokenId,
    /// Its room.
    pub room_id: RoomId,
    /// Its sequence number in line; nothing if it was active at once.
    pub sequence: Option<i64>,
    /// How many wait in its room in all.
    pub waiting: u64,
    /// Whether admission to the room is paused.
    pub paused: bool,
    /// The message for waiting users.
    pub message: RoomMessage,
    /// Where it stands.
    pub status: PositionStatus,
}

impl QueuePosition {
    /// Whether the token waits or is active.
    pub fn is_live(&self) -> bool {
        !matches!(self.status, PositionStatus::Expired { .. })
    }
}

/// Where a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionStatus {
    /// In line.
    Waiting {
        /// How many wait ahead; the position is one more (rule 3).
        ahead: u64,
        /// When it will probably be let in, in seconds from now, judged by recent admissions; nothing while none was.
        estimated_wait_seconds: Option<u64>,
        /// When to ask again, in seconds from now.
        poll_after_seconds: u32,
        /// The latest time of the next heartbeat if the client computes its own position meanwhile, in seconds from now.
        heartbeat_after_seconds: u32,
        /// When it will be abandoned without another heartbeat.
        expires_at: Instant,
    },
    /// Let in.
    Active {
        /// The first instant at which it has expired.
        expires_at: Instant,
    },
    /// Ended.
    Expired {
        /// Why.
        reason: ExpiryReason,
        /// Since when.
        at: Instant,
    },
}

/// Takes people into rooms and tells them where they stand.
#[derive(Clone)]
pub struct WaitingRoom {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Positions in memory.
    pub lines: Arc<dyn Lines>,
    /// Keeps them as new as what other processes answer.
    pub line_sync: Arc<dyn LineSync>,
    /// Reads queue tokens.
    pub queue_tokens: Arc<dyn QueueTokens>,
    /// Reads rooms.
    pub rooms: Arc<dyn Rooms>,
    /// Gives out tokens.
    pub join_room: Arc<dyn Submit<JoinRoom>>,
}

impl WaitingRoom {
    /// The room before a concert; nothing if there is no such concert, or it is a draft.
    ///
    /// # Errors
    /// The store failed.
    pub async fn room_of_concert(&self, id: ConcertId) -> Result<Option<RoomId>, StoreError> {
        let known = self.lines.room_of_concert(id).and_then(|id| self.lines.room(id));
        if let Some(known) = known.filter(|room| room.concert_state.is_public()) {
            return Ok(Some(known.id));
        }
        // A draft that memory knows may have been published a moment ago.
        let stored = self.rooms.room_of_concert(id).await?;
        Ok(stored.filter(|room| room.concert_state.is_public()).map(|room| room.id))
    }

    /// Asks for a queue token of a room (rules 1 to 3).
    ///
    /// # Errors
    /// Too much is waiting, or the store failed.
    pub async fn join(
        &self,
        submission: Submission<JoinRoom>,
    ) -> Result<Result<(Joined, QueuePosition), RefusalOf<JoinRoom>>, SubmitError> {
        self.line_sync.settle().await?;
        let joined = match self.join_room.submit(submission).await? {
            Ok(joined) => joined,
            Err(refused) => return Ok(Err(refused)),
        };
        let room_id = joined.token.room_id;
        let known = self.lines.room(room_id);
        let room = known.unwrap_or_else(|| Room::open(room_id, None, joined.at));
        let status = joined.token.status(joined.at);
        if matches!(status, TokenStatus::Waiting { .. }) && !self.line_sync.is_current() {
            self.line_sync.catch_up(room_id).await?;
        }
        let position = self.position(&joined.token, status, &room);
        Ok(Ok((joined, position)))
    }

    /// Where a token stands now. Asking is a heartbeat (rule 5), and the answer tells the deadline
    /// that it sets. Nothing is answered for a token that does not exist.
    ///
    /// # Errors
    /// Too much is waiting, or the store failed.
    pub async fn look(&self, pass: &QueuePass) -> Result<Option<QueuePosition>, SubmitError> {
        self.heartbeat(pass, true).await
    }

    /// As [`look`](Self::look), for an answer that does not tell the deadline.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub async fn keep_alive(&self, pass: &QueuePass) -> Result<Option<QueuePosition>, SubmitError> {
        self.heartbeat(pass, false).await
    }

    async fn heartbeat(
        &self,
        pass: &QueuePass,
        is_told: bool,
    ) -> Result<Option<QueuePosition>, SubmitError> {
        let at = self.clock.now();
        let heartbeat = |room: &Room| Heartbeats::one(&room.policy, at, is_told);
        if !self.line_sync.is_current()
            && let Err(error) = self.line_sync.catch_up(pass.room_id).await
        {
            // No position can be told, but the heartbeat counts.
            self.look_in_memory(pass, at, |room| Heartbeats::one(&room.policy, at, false))?;
            return Err(error.into());
        }
        if let Some(position) = self.look_in_memory(pass, at, heartbeat)? {
            return Ok(Some(position));
        }
        let Some((token, room)) = self.stored(pass.token_id).await? else { return Ok(None) };
        let mut status = token.status(self.clock.now());
        if let (TokenStatus::Waiting { idle_at }, Some(sequence)) = (&mut status, token.sequence) {
            *idle_at = self.note(pass, sequence, heartbeat(&room))?;
        }
        Ok(Some(self.position(&token, status, &room)))
    }

    /// A token as the store has it. An abandoned one is read again, because the outage that let its
    /// deadline pass may have ended a moment ago.
    async fn stored(&self, id: QueueTokenId) -> Result<Option<(QueueToken, Room)>, StoreError> {
        let found = self.queue_tokens.queue_token(id).await?;
        let now = self.clock.now();
        let is_abandoned = |token: &QueueToken| match token.state {
            TokenState::Waiting { idle_at, .. } => idle_at <= now,
            _ => false,
        };
        if !found.as_ref().is_some_and(|(token, _)| is_abandoned(token)) {
            return Ok(found);
        }
        self.line_sync.settle().await?;
        self.queue_tokens.queue_token(id).await
    }

    fn look_in_memory(
        &self,
        pass: &QueuePass,
        at: Instant,
        heartbeat: impl Fn(&Room) -> Heartbeats,
    ) -> Result<Option<QueuePosition>, SubmitError> {
        let Some(sequence) = pass.sequence else { return Ok(None) };
        let Some(known) = self.lines.look(pass.room_id, sequence, at) else { return Ok(None) };
        let PositionInLine { room, position, admission_rate } = known;
        let idle_at = self.note(pass, sequence, heartbeat(&room))?;
        Ok(Some(QueuePosition {
            token_id: pass.token_id,
            room_id: pass.room_id,
            sequence: pass.sequence,
            waiting: position.waiting,
            status: waiting(&room, position, admission_rate, idle_at),
            paused: room.policy.paused,
            message: room.message,
        }))
    }

    /// Notes a heartbeat, and answers the deadline that it sets.
    fn note(
        &self,
        pass: &QueuePass,
        sequence: i64,
        heartbeats: Heartbeats,
    ) -> Result<Instant, SubmitError> {
        let (room_id, token_id) = (pass.room_id, pass.token_id);
        let heartbeat = Heartbeat { room_id, sequence, token_id, heartbeats };
        self.lines.note_heartbeat(heartbeat).map_err(|_| SubmitError::Overloaded)?;
        Ok(heartbeats.idle_at)
    }

    fn position(&self, token: &QueueToken, status: TokenStatus, room: &Room) -> QueuePosition {
        let at = |waiting, status| QueuePosition {
            token_id: token.id,
            room_id: token.room_id,
            sequence: token.sequence,
            waiting,
            status,
            paused: room.policy.paused,
            message: room.message.clone(),
        };
        let outside = |status| at(self.lines.waiting(token.room_id), status);
        match (status, token.sequence) {
            (TokenStatus::Waiting { idle_at }, sequence) => {
                let position = self.lines.position_at(token.room_id, sequence.unwrap_or(1));
                let rate = self.lines.admission_rate(room.id);
                at(position.waiting, waiting(room, position, rate, idle_at))
            }
            (TokenStatus::Active { expires_at }, _) => {
                outside(PositionStatus::Active { expires_at })
            }
            (TokenStatus::Expired { reason, at }, _) => {
                outside(PositionStatus::Expired { reason, at })
            }
        }
    }
}

fn waiting(
    room: &Room,
    position: Position,
    admission_rate: Option<f64>,
    expires_at: Instant,
) -> PositionStatus {
    let policy = &room.policy;
    let rate = admission_rate.filter(|_| !policy.paused);
    PositionStatus::Waiting {
        ahead: position.ahead,
        estimated_wait_seconds: rate.map(|rate| seconds_at(rate, position.ahead + 1)),
        poll_after_seconds: policy.poll_after_seconds(position.ahead),
        heartbeat_after_seconds: policy.heartbeat_after_seconds(),
        expires_at,
    }
}

fn seconds_at(per_second: f64, people: u64) -> u64 {
    (people as f64 / per_second).ceil() as u64
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::ports::{
        MockLineSync, MockLines, MockQueueTokens, MockRooms, MockSubmit, StoppedClock,
        TooManyHeartbeats,
    };

    const NOW: Instant = time::macros::datetime!(2026-11-21 10:00 UTC);

    fn a_room() -> Room {
        Room::open(RoomId(uuid::Uuid::from_u128(1)), None, NOW)
    }

    fn a_token(state: TokenState) -> QueueToken {
        QueueToken {
            id: QueueTokenId(uuid::Uuid::from_u128(2)),
            room_id: a_room().id,
            user_id: UserId(uuid::Uuid::from_u128(3)),
            sequence: Some(41),
            version: 1,
            created_at: NOW,
            state,
        }
    }

    fn waiting_room(lines: MockLines, queue_tokens: MockQueueTokens) -> WaitingRoom {
        WaitingRoom {
            clock: Arc::new(StoppedClock(NOW)),
            lines: Arc::new(lines),
            line_sync: Arc::new(current()),
            queue_tokens: Arc::new(queue_tokens),
            rooms: Arc::new(MockRooms::new()),
            join_room: Arc::new(MockSubmit::new()),
        }
    }

    fn current() -> MockLineSync {
        let mut line_sync = MockLineSync::new();
        line_sync.expect_is_current().return_const(true);
        line_sync.expect_settle().returning(|| Ok(()));
        line_sync
    }

    fn lines_that_know(position: Option<Position>) -> MockLines {
        let mut lines = MockLines::new();
        lines.expect_room().returning(|_| Some(a_room()));
        let known = position.map(|position| PositionInLine {
            room: a_room(),
            position,
            admission_rate: Some(2.0),
        });
        lines.expect_look().returning(move |_, _, _| known.clone());
        lines.expect_waiting().returning(|_| 30);
        lines.expect_position_at().returning(|_, _| Position { ahead: 40, waiting: 41 });
        lines.expect_admission_rate().returning(|_| Some(2.0));
        lines
    }

    const WAITING: TokenState =
        TokenState::Waiting { seen_at: NOW, idle_at: NOW.saturating_add(Duration::seconds(60)) };

    fn in_line(ahead: u64, wait: u64) -> PositionStatus {
        PositionStatus::Waiting {
            ahead,
            estimated_wait_seconds: Some(wait),
            poll_after_seconds: a_room().policy.poll_after_seconds(ahead),
            heartbeat_after_seconds: 150,
            expires_at: NOW + Duration::seconds(600),
        }
    }

    #[tokio::test]
    async fn a_known_place_is_answered_from_memory_and_counts_as_a_sign_of_life() {
        let mut lines = lines_that_know(Some(Position { ahead: 9, waiting: 30 }));
        lines
            .expect_note_heartbeat()
            .withf(|heartbeat| heartbeat.sequence == 41 && heartbeat.heartbeats.at == NOW)
            .times(1)
            .returning(|_| Ok(()));
        let pass = QueuePass::from(&a_token(WAITING));

        let position = waiting_room(lines, MockQueueTokens::new()).look(&pass).await;

        let expected = QueuePosition {
            token_id: pass.token_id,
            room_id: pass.room_id,
            sequence: Some(41),
            waiting: 30,
            paused: false,
            message: RoomMessage::default(),
            status: in_line(9, 5),
        };
        assert_eq!(position, Ok(Some(expected)));
    }

    #[tokio::test]
    async fn next_to_other_processes_the_line_catches_up_before_a_position_is_told() {
        let failure = StoreError::Unavailable("down".to_owned());
        for (caught_up, is_told) in [(Ok(()), true), (Err(failure), false)] {
            let mut lines = lines_that_know(Some(Position { ahead: 9, waiting: 30 }));
            lines
                .expect_note_heartbeat()
                .withf(move |heartbeat| heartbeat.heartbeats.is_told == is_told)
                .times(1)
                .returning(|_| Ok(()));
            let mut line_sync = MockLineSync::new();
            line_sync.expect_is_current().return_const(false);
            line_sync.expect_catch_up().times(1).return_const(caught_up.clone());
            let waiting_room = WaitingRoom {
                line_sync: Arc::new(line_sync),
                ..waiting_room(lines, MockQueueTokens::new())
            };

            let position = waiting_room.look(&QueuePass::from(&a_token(WAITING))).await;

            let status = position.map(|position| position.map(|position| position.status));
            assert_eq!(status, caught_up.map(|()| Some(in_line(9, 5))).map_err(Into::into));
        }
    }

    #[tokio::test]
    async fn a_place_that_memory_does_not_know_is_read_from_the_store() {
        let expires_at = NOW + Duration::MINUTE;
        let active = TokenState::Active { since: NOW, expires_at };
        let table = [
            (WAITING, in_line(40, 21)),
            (active, PositionStatus::Active { expires_at }),
            (
                TokenState::Waiting { seen_at: NOW, idle_at: NOW - Duration::SECOND },
                PositionStatus::Expired {
                    reason: ExpiryReason::Abandoned,
                    at: NOW - Duration::SECOND,
                },
            ),
        ];
        for (state, expected) in table {
            let mut lines = lines_that_know(None);
            lines.expect_note_heartbeat().returning(|_| Ok(()));
            let mut queue_tokens = MockQueueTokens::new();
            queue_tokens
                .expect_queue_token()
                .returning(move |_| Ok(Some((a_token(state), a_room()))));
            let pass = QueuePass::from(&a_token(state));

            let position = waiting_room(lines, queue_tokens).look(&pass).await;

            assert_eq!(position.unwrap().unwrap().status, expected);
        }
    }

    #[tokio::test]
    async fn a_token_that_an_outage_let_expire_is_read_again_when_its_deadline_has_moved() {
        let state = |idle_at| TokenState::Waiting { seen_at: NOW, idle_at };
        let mut reads = vec![state(NOW + Duration::MINUTE), state(NOW - Duration::SECOND)];
        let pass = QueuePass::from(&a_token(WAITING));
        let mut lines = lines_that_know(None);
        lines.expect_note_heartbeat().times(1).returning(|_| Ok(()));
        let mut queue_tokens = MockQueueTokens::new();
        queue_tokens
            .expect_queue_token()
            .times(2)
            .returning(move |_| Ok(reads.pop().map(|state| (a_token(state), a_room()))));

        let position = waiting_room(lines, queue_tokens).look(&pass).await;

        assert_eq!(position.unwrap().unwrap().status, in_line(40, 21));
    }

    #[tokio::test]
    async fn a_heartbeat_that_cannot_be_kept_is_refused_and_not_lost_in_silence() {
        let mut lines = lines_that_know(Some(Position { ahead: 0, waiting: 1 }));
        lines.expect_note_heartbeat().returning(|_| Err(TooManyHeartbeats));
        let pass = QueuePass::from(&a_token(WAITING));

        let position = waiting_room(lines, MockQueueTokens::new()).look(&pass).await;

        assert_eq!(position, Err(SubmitError::Overloaded));
    }

    #[tokio::test]
    async fn the_room_of_a_public_concert_is_known_in_memory_or_read_from_the_store() {
        use crate::ConcertState::{Draft, Published};

        let (concert, id) = (ConcertId(uuid::Uuid::from_u128(4)), a_room().id);
        let table = [
            (Some(Published), None, Some(id)),
            (Some(Draft), Some(Published), Some(id)),
            (Some(Draft), Some(Draft), None),
            (None, Some(Published), Some(id)),
            (None, Some(Draft), None),
            (None, None, None),
        ];
        let in_state = |state| Room { concert_state: state, ..a_room() };
        for (known, stored, expected) in table {
            let mut lines = MockLines::new();
            lines.expect_room_of_concert().returning(move |_| known.map(|_| id));
            lines.expect_room().returning(move |_| known.map(in_state));
            let mut rooms = MockRooms::new();
            let reads = usize::from(known != Some(Published));
            rooms
                .expect_room_of_concert()
                .times(reads)
                .returning(move |_| Ok(stored.map(in_state)));
            let waiting_room = WaitingRoom {
                rooms: Arc::new(rooms),
                ..waiting_room(lines, MockQueueTokens::new())
            };

            assert_eq!(waiting_room.room_of_concert(concert).await, Ok(expected));
        }
    }
}
