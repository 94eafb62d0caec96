//! The lines of rooms: following them in the store, and asking for positions in memory.

use async_trait::async_trait;
use time::Duration;

use super::StoreError;
use crate::queue_token::Heartbeats;
use crate::{ConcertId, Instant, LineChange, Position, QueueTokenId, Room, RoomId};

/// What changed in a room's line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinePage {
    /// The changes to tokens that have a sequence number, in the order of their stamps.
    pub changes: Vec<LineChange>,
    /// The stamp up to which nothing is missing.
    pub version: i64,
    /// Whether there is more to read.
    pub has_more: bool,
}

/// Follows the lines of a store by reading what changed (docs/ARCHITECTURE.md, "Queue positions").
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait WaitingLines: Send + Sync {
    /// All rooms, with their newest stamps.
    ///
    /// # Errors
    /// A failure of the store.
    async fn all_rooms(&self) -> Result<Vec<Room>, StoreError>;

    /// The line of a room from scratch: those that wait, and a stamp at or before the instant of
    /// the reading, so that later changes may come again but none is missed.
    ///
    /// # Errors
    /// A failure of the store.
    async fn whole_line(&self, room_id: RoomId) -> Result<LinePage, StoreError>;

    /// What changed in a room above a stamp, at most `limit` tokens.
    ///
    /// # Errors
    /// A failure of the store.
    async fn line_changes(
        &self,
        room_id: RoomId,
        above: i64,
        limit: usize,
    ) -> Result<LinePage, StoreError>;
}

/// What a poll is answered from, all of one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct PositionInLine {
    /// The room, with a policy at most a second old.
    pub room: Room,
    /// The position of the token.
    pub position: Position,
    /// As [`Lines::admission_rate`] tells it.
    pub admission_rate: Option<f64>,
}

/// The lines as this process knows them, at most a second old.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait Lines: Send + Sync {
    /// The position of a token, and its room, if it is known to wait and, as far as this process
    /// knows, has not been abandoned at `now`.
    fn look(&self, room_id: RoomId, sequence: i64, now: Instant) -> Option<PositionInLine>;

    /// The position of a token that the store has just said to wait.
    fn position_at(&self, room_id: RoomId, sequence: i64) -> Position;

    /// How many wait in a room.
    fn waiting(&self, room_id: RoomId) -> u64;

    /// The room, with a policy at most a second old, if it is known.
    fn room(&self, room_id: RoomId) -> Option<Room>;

    /// The room before a concert, if it is known.
    fn room_of_concert(&self, concert_id: ConcertId) -> Option<RoomId>;

    /// How many a second were let in from the room's line in the last minutes, as this process saw
    /// it; nothing while it saw none.
    fn admission_rate(&self, room_id: RoomId) -> Option<f64>;

    /// How long ago the lines were last brought up to date; nothing before the first time.
    fn lag(&self) -> Option<Duration>;

    /// Notes a heartbeat, to be written soon.
    ///
    /// # Errors
    /// [`TooManyHeartbeats`] when as many as may be kept wait to be written.
    fn note_heartbeat(&self, heartbeat: Heartbeat) -> Result<(), TooManyHeartbeats>;
}

/// Keeps this process's lines as new as what other processes answer.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait LineSync: Send + Sync {
    /// Whether positions may be told from the lines as they are: no other process tells newer ones.
    fn is_current(&self) -> bool;

    /// Brings the line of a room up to an instant after the call.
    ///
    /// # Errors
    /// A failure of the store.
    async fn catch_up(&self, room_id: RoomId) -> Result<(), StoreError>;

    /// Makes sure that the store has moved idle deadlines by its last outage (rule 5), before a
    /// waiting token is judged by one.
    ///
    /// # Errors
    /// A failure of the store.
    async fn settle(&self) -> Result<(), StoreError>;
}

/// A heartbeat of a waiting token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The room of the token.
    pub room_id: RoomId,
    /// Its sequence number in line.
    pub sequence: i64,
    /// The token.
    pub token_id: QueueTokenId,
    /// Those that are not written yet.
    pub heartbeats: Heartbeats,
}

/// As many heartbeats as may be kept wait to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many heartbeats wait to be written")]
pub struct TooManyHeartbeats;
