//! Asking for a queue token.

use serde::{Deserialize, Serialize};

use crate::queue_token::Heartbeats;
use crate::{
    Command, ConcertState, Corrupt, DecideError, Decided, Idempotency, Instant, Needs, QueueToken,
    QueueTokenId, Refusal, Room, RoomId, Schedule, UserId, WorkingSet,
};

/// Asks for a queue token of a room (rules 1 to 3). There is none before a concert that has nothing
/// left to book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinRoom {
    /// The id a new token gets.
    pub token_id: QueueTokenId,
    /// Which room.
    pub room_id: RoomId,
    /// Who.
    pub user_id: UserId,
}

/// The user's token in the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The token.
    pub token: QueueToken,
    /// Whether it is new.
    pub is_new: bool,
    /// When it was asked for.
    pub at: Instant,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum JoinRefused {
    /// There is no such room.
    #[error("there is no such room")]
    RoomNotFound,
    /// The concert is a draft, which does not exist for those who would join.
    #[error("there is no such concert")]
    ConcertNotFound,
    /// The concert was cancelled.
    #[error("the concert was cancelled")]
    ConcertCancelled,
    /// The concert has no schedule whose booking is open or to come.
    #[error("booking is closed")]
    BookingClosed,
    /// Every seat of every schedule that can be booked is paid.
    #[error("the concert is sold out")]
    SoldOut,
}

impl Refusal for JoinRefused {
    fn is_final(&self) -> bool {
        match self {
            // A date may be added, and cancelled seats are sold again.
            Self::BookingClosed | Self::SoldOut => false,
            // A draft may be published.
            Self::ConcertNotFound => false,
            Self::RoomNotFound | Self::ConcertCancelled => true,
        }
    }
}

impl JoinRoom {
    fn live_token(&self, set: &WorkingSet, now: Instant) -> Result<Option<QueueToken>, Corrupt> {
        let tokens = set.tokens_of(self.room_id, self.user_id)?;
        Ok(tokens.into_iter().find(|token| token.is_live(now)).cloned())
    }

    /// Checks that there is something to wait for (rule 11). Before booking opens, there is.
    fn check_bookable(
        set: &WorkingSet,
        room: &Room,
        now: Instant,
    ) -> Result<(), DecideError<JoinRefused>> {
        let Some(concert_id) = room.concert_id else { return Ok(()) };
        match room.concert_state {
            ConcertState::Draft => return Err(JoinRefused::ConcertNotFound.into()),
            ConcertState::Published => {}
            ConcertState::Cancelled => return Err(JoinRefused::ConcertCancelled.into()),
        }
        let bookable = set.bookable(concert_id, now)?;
        if bookable.is_empty() {
            return Err(JoinRefused::BookingClosed.into());
        }
        let is_sold_out = bookable.into_iter().all(Schedule::is_sold_out);
        if is_sold_out { Err(JoinRefused::SoldOut.into()) } else { Ok(()) }
    }

    /// Records that the user's overdue tokens have ended, so that a new one can take their place.
    fn expire_overdue(
        &self,
        set: &mut WorkingSet,
        room: &mut Room,
        now: Instant,
    ) -> Result<(), Corrupt> {
        let tokens = set.tokens_of(self.room_id, self.user_id)?;
        for mut token in tokens.into_iter().cloned().collect::<Vec<_>>() {
            if token.expire_if_overdue(room, now) {
                set.replace(token)?;
            }
        }
        Ok(())
    }
}

impl Command for JoinRoom {
    type Success = Joined;
    type Refusal = JoinRefused;
    type Key = Idempotency;
    const NAME: &'static str = "join_room";

    fn needs(&self, needs: &mut Needs) {
        needs.occupancies.insert(self.room_id);
        needs.live_tokens.insert((self.room_id, self.user_id));
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        let room = set.get::<Room>(&self.room_id)?;
        needs.bookable.extend(room.and_then(|room| room.concert_id));
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        self.join(set, now, |set, token| set.insert(token))
    }
}

impl JoinRoom {
    /// The token that the user has or gets. `add` takes a new one into the set.
    pub(super) fn join(
        &self,
        set: &mut WorkingSet,
        now: Instant,
        add: impl FnOnce(&mut WorkingSet, QueueToken),
    ) -> Decided<Self> {
        let room = set.get::<Room>(&self.room_id)?;
        let mut room = room.cloned().ok_or(JoinRefused::RoomNotFound)?;
        if let Some(mut token) = self.live_token(set, now)? {
            if token.is_waiting(now) {
                let seen = token.record_heartbeats(Heartbeats::one(&room.policy, now, true));
                seen.map_err(|error| Corrupt::transition(token.id, error))?;
                set.replace(token.clone())?;
            }
            return Ok(Joined { token, is_new: false, at: now });
        }
        Self::check_bookable(set, &room, now)?;
        self.expire_overdue(set, &mut room, now)?;
        let token = if room.can_enter_now(set.occupancy(room.id)?) {
            set.occupancy_mut(room.id)?.active += 1;
            QueueToken::enter(self.token_id, &mut room, self.user_id, now)
        } else {
            set.occupancy_mut(room.id)?.anyone_waits = true;
            QueueToken::wait(self.token_id, &mut room, self.user_id, now)
        };
        set.replace(room)?;
        add(set, token.clone());
        Ok(Joined { token, is_new: true, at: now })
    }
}
