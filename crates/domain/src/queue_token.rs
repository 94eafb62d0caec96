//! Queue tokens: one user's position in a room, `WAITING → ACTIVE → EXPIRED`.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::{Instant, Outage, QueueTokenId, Room, RoomId, RoomPolicy, UserId};

/// How long the janitor leaves an abandoned token, so that heartbeats that another process has
/// gathered but not yet written still count.
pub const HEARTBEAT_GRACE: Duration = Duration::seconds(5);

/// One user's position in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueToken {
    /// Which.
    pub id: QueueTokenId,
    /// In which room.
    pub room_id: RoomId,
    /// Whose.
    pub user_id: UserId,
    /// Its sequence number in line; nothing for a token that was active at once.
    #[serde(rename = "place")]
    pub sequence: Option<i64>,
    /// The stamp of its newest change of state (see [`Room::version`]).
    pub version: i64,
    /// When it was asked for.
    pub created_at: Instant,
    /// Where it stands, as last written. [`QueueToken::status`] says what that means at an instant.
    pub state: TokenState,
}

/// Where a token stands, as last written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenState {
    /// In line.
    Waiting {
        /// The last heartbeat.
        seen_at: Instant,
        /// When it will be abandoned without another heartbeat.
        idle_at: Instant,
    },
    /// Let in.
    Active {
        /// When it was let in.
        since: Instant,
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

/// Heartbeats of a waiting token that are not written yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeats {
    /// When the first one was taken.
    pub since: Instant,
    /// When the last one was taken.
    pub at: Instant,
    /// The idle deadline that they set.
    pub idle_at: Instant,
    /// Whether the client was told this deadline. One that it was not told never shortens one that
    /// it was told before.
    pub is_told: bool,
}

impl Heartbeats {
    /// One heartbeat at `at`, which sets the deadline that the room's policy gives then.
    pub fn one(policy: &RoomPolicy, at: Instant, is_told: bool) -> Self {
        Self { since: at, at, idle_at: at + policy.idle_time(), is_told }
    }

    /// These heartbeats and others of the same token, taken before or after them; at the same
    /// instant, after them.
    pub fn and(self, other: Self) -> Self {
        let (first, last) = if other.at < self.at { (other, self) } else { (self, other) };
        Self {
            since: first.since.min(last.since),
            at: last.at,
            idle_at: last.deadline_after(first.idle_at),
            is_told: first.is_told || last.is_told,
        }
    }

    /// The deadline after these heartbeats, when it was `known` before them.
    pub fn deadline_after(&self, known: Instant) -> Instant {
        if self.is_told { self.idle_at } else { self.idle_at.max(known) }
    }
}

/// Why a token has ended (rule 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExpiryReason {
    /// Its time to shop expired.
    TimedOut,
    /// It sent no heartbeat for too long while it waited.
    Abandoned,
    /// The user left.
    Left,
    /// The user paid.
    Completed,
}

/// What a token is at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenStatus {
    /// In line.
    Waiting {
        /// When it will be abandoned without a heartbeat.
        idle_at: Instant,
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

/// The token does not wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the queue token is not waiting")]
pub struct NotWaiting;

/// The token has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the queue token has expired")]
pub struct NotLive;

/// The token does not admit its holder to booking (rule 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum NotActive {
    /// It is still in line.
    #[error("the queue token is still waiting")]
    Waiting,
    /// It has ended.
    #[error("the queue token has expired")]
    Expired,
}

impl TokenStatus {
    /// When it ends unless something happens, or ended.
    pub fn expires_at(self) -> Instant {
        match self {
            Self::Waiting { idle_at: at }
            | Self::Active { expires_at: at }
            | Self::Expired { at, .. } => at,
        }
    }
}

impl QueueToken {
    /// A newcomer's token, at the end of the line.
    pub fn wait(id: QueueTokenId, room: &mut Room, user_id: UserId, now: Instant) -> Self {
        let sequence = Some(room.next_sequence());
        let idle_at = now + room.policy.idle_time();
        Self::new(id, room, user_id, sequence, now, TokenState::Waiting { seen_at: now, idle_at })
    }

    /// A newcomer's token that is active at once.
    pub fn enter(id: QueueTokenId, room: &mut Room, user_id: UserId, now: Instant) -> Self {
        let state = TokenState::Active { since: now, expires_at: now + room.policy.active_time() };
        Self::new(id, room, user_id, None, now, state)
    }

    fn new(
        id: QueueTokenId,
        room: &mut Room,
        user_id: UserId,
        sequence: Option<i64>,
        created_at: Instant,
        state: TokenState,
    ) -> Self {
        Self { id, room_id: room.id, user_id, sequence, version: room.stamp(), created_at, state }
    }

    /// What the token is at `now`: an overdue one has ended, whether or not that was written
    /// (rules 4, 5 and 13).
    pub fn status(&self, now: Instant) -> TokenStatus {
        match self.state {
            TokenState::Waiting { idle_at, .. } => {
                if now < idle_at {
                    TokenStatus::Waiting { idle_at }
                } else {
                    TokenStatus::Expired { reason: ExpiryReason::Abandoned, at: idle_at }
                }
            }
            TokenState::Active { expires_at, .. } => {
                if now < expires_at {
                    TokenStatus::Active { expires_at }
                } else {
                    TokenStatus::Expired { reason: ExpiryReason::TimedOut, at: expires_at }
                }
            }
            TokenState::Expired { reason, at } => TokenStatus::Expired { reason, at },
        }
    }

    /// When it last sent a heartbeat while waiting, was let in, or expired, as last written.
    pub fn changed_at(&self) -> Instant {
        match self.state {
            TokenState::Waiting { seen_at: at, .. }
            | TokenState::Active { since: at, .. }
            | TokenState::Expired { at, .. } => at,
        }
    }

    /// Whether the token is waiting or active at `now`.
    pub fn is_live(&self, now: Instant) -> bool {
        !matches!(self.status(now), TokenStatus::Expired { .. })
    }

    /// Checks that the token is active at `now` (rule 7).
    ///
    /// # Errors
    /// Tells a waiting token from one that has ended.
    pub fn check_active(&self, now: Instant) -> Result<(), NotActive> {
        match self.status(now) {
            TokenStatus::Active { .. } => Ok(()),
            TokenStatus::Waiting { .. } => Err(NotActive::Waiting),
            TokenStatus::Expired { .. } => Err(NotActive::Expired),
        }
    }

    /// Whether the token waits at `now`.
    pub fn is_waiting(&self, now: Instant) -> bool {
        matches!(self.status(now), TokenStatus::Waiting { .. })
    }

    /// Notes heartbeats (rule 5). They count if the token was waiting at the first, and each later
    /// one came before the deadline that the one before it had set. Heartbeats older than the last
    /// written never shorten the deadline.
    ///
    /// # Errors
    /// [`NotWaiting`] unless they count.
    pub fn record_heartbeats(&mut self, heartbeats: Heartbeats) -> Result<(), NotWaiting> {
        match &mut self.state {
            TokenState::Waiting { seen_at, idle_at } if heartbeats.since < *idle_at => {
                if *seen_at <= heartbeats.at {
                    *seen_at = heartbeats.at;
                    *idle_at = heartbeats.deadline_after(*idle_at);
                } else {
                    *idle_at = heartbeats.idle_at.max(*idle_at);
                }
                Ok(())
            }
            _ => Err(NotWaiting),
        }
    }

    /// Moves the deadline of a waiting token to one that heartbeats have set which a process kept to itself (rule 5). They
    /// count if the token still has the deadline `stored`, or a later one, as it had when the first was taken.
    ///
    /// # Errors
    /// [`NotWaiting`] unless they count.
    pub fn keep_waiting(&mut self, stored: Instant, until: Instant) -> Result<(), NotWaiting> {
        match &mut self.state {
            TokenState::Waiting { idle_at, .. } if *idle_at >= stored => {
                *idle_at = until.max(*idle_at);
                Ok(())
            }
            _ => Err(NotWaiting),
        }
    }

    /// Moves the deadline of a waiting token by an outage (rule 5), at most to what a heartbeat would have
    /// set when it ended.
    ///
    /// # Errors
    /// [`NotWaiting`] unless it waits, as last written.
    pub fn refund(&mut self, policy: &RoomPolicy, outage: Outage) -> Result<(), NotWaiting> {
        let TokenState::Waiting { seen_at, idle_at } = &mut self.state else {
            return Err(NotWaiting);
        };
        let (refund, until) = (outage.refund(), outage.ended_at);
        *seen_at = (*seen_at + refund).min(until).max(*seen_at);
        *idle_at = (*idle_at + refund).min(until + policy.idle_time()).max(*idle_at);
        Ok(())
    }

    /// Lets a waiting token in (rules 3 and 4).
    ///
    /// # Errors
    /// [`NotWaiting`] unless it waits at `now`: an abandoned one stays out.
    pub fn admit(&mut self, room: &mut Room, now: Instant) -> Result<(), NotWaiting> {
        if !self.is_waiting(now) {
            return Err(NotWaiting);
        }
        let expires_at = now + room.policy.active_time();
        self.state = TokenState::Active { since: now, expires_at };
        self.version = room.stamp();
        Ok(())
    }

    /// The latest instant to which a hold that may take `hold_time` keeps the token active, if it is
    /// active as last written: its time to shop and one such hold (rule 8). A token that has a later
    /// deadline keeps it, so a policy that was changed takes nothing back.
    pub fn latest_hold_end(&self, policy: &RoomPolicy, hold_time: Duration) -> Option<Instant> {
        match self.state {
            TokenState::Active { since, expires_at } => {
                Some(expires_at.max(since + policy.active_time() + hold_time))
            }
            TokenState::Waiting { .. } | TokenState::Expired { .. } => None,
        }
    }

    /// Keeps an active token from expiring before a hold made with it (rule 8).
    ///
    /// # Errors
    /// It is not active, as last written.
    pub fn extend_to(&mut self, hold_expires_at: Instant) -> Result<(), NotActive> {
        match &mut self.state {
            TokenState::Active { expires_at, .. } => {
                *expires_at = hold_expires_at.max(*expires_at);
                Ok(())
            }
            TokenState::Waiting { .. } => Err(NotActive::Waiting),
            TokenState::Expired { .. } => Err(NotActive::Expired),
        }
    }

    /// Ends a token that is live at `now`.
    ///
    /// # Errors
    /// [`NotLive`] when it has ended; it keeps its reason.
    pub fn end(
        &mut self,
        reason: ExpiryReason,
        room: &mut Room,
        now: Instant,
    ) -> Result<(), NotLive> {
        if !self.is_live(now) {
            return Err(NotLive);
        }
        self.state = TokenState::Expired { reason, at: now };
        self.version = room.stamp();
        Ok(())
    }

    /// Records that an overdue token has ended. Says whether there was something to write.
    #[must_use = "the room that stamps the change is to be written with it"]
    pub fn expire_if_overdue(&mut self, room: &mut Room, now: Instant) -> bool {
        let TokenStatus::Expired { reason, at } = self.status(now) else {
            return false;
        };
        if matches!(self.state, TokenState::Expired { .. }) {
            return false;
        }
        self.state = TokenState::Expired { reason, at };
        self.version = room.stamp();
        true
    }
}
