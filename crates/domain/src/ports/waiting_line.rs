//! The lines of rooms: following them in the store, and asking for positions in memory.

use async_trait::async_trait;
use time::Duration;

use super::StoreError;
use crate::queue_token::Heartbeats;
use crate::{
    ConcertId, Instant, LineBlock, LineOverview, LinePage, Position, QueueTokenId, Room, RoomId,
};

/// Follows the lines of a store by reading what changed (docs/ARCHITECTURE.md, "Queue positions").
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait WaitingLines: Send + Sync {
    /// All rooms, with their newest stamps.
    ///
    /// # Errors
    /// A failure of the store.
    async fn all_rooms(&self) -> Result<Vec<Room>, StoreError>;

    /// A part of the line of a room from scratch: at most `limit` tokens that wait behind the sequence number `after`,
    /// and the numbers of open ranges among them, in their order; and the room's stamp at the instant of the reading. A reader that begins with 0, and then reads
    /// the changes above the stamp of the first part, misses none; some may come again.
    ///
    /// # Errors
    /// A failure of the store.
    async fn line_part(
        &self,
        room_id: RoomId,
        after: i64,
        limit: usize,
    ) -> Result<LinePage, StoreError>;

    /// What changed in a room above a stamp, of at most `limit` batches.
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

/// The state of a room's line, all of one instant. Caches serve it with the overview.
#[derive(Clone, Debug, PartialEq)]
pub struct LineState {
    /// The room, with a policy at most a second old.
    pub room: Room,
    /// The stamp of the newest change in the line.
    pub version: i64,
    /// The last sequence number that it knows.
    pub last_sequence: i64,
    /// The number of tokens that wait.
    pub waiting: u64,
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

    /// The state of a room's line; nothing while it is not known.
    fn line_state(&self, room_id: RoomId) -> Option<LineState>;

    /// The overview of a room's line; nothing while it is not known.
    fn overview(&self, room_id: RoomId) -> Option<LineOverview>;

    /// A block of a room's line; nothing while it is not known, or if no known sequence number is in it.
    fn block(&self, room_id: RoomId, number: u64) -> Option<LineBlock>;

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
