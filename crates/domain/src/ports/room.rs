//! Reading rooms.

use async_trait::async_trait;

use super::StoreError;
use crate::{ConcertId, Instant, Page, PageSize, Room, RoomId};

/// A room and how many are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomCount {
    /// The room.
    pub room: Room,
    /// How many wait now; the abandoned do not count.
    pub waiting: i64,
    /// How many are active now; the overdue do not count.
    pub active: i64,
}

/// Reads rooms.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Rooms: Send + Sync {
    /// The room of this id.
    ///
    /// # Errors
    /// A failure of the store.
    async fn room(&self, id: RoomId) -> Result<Option<Room>, StoreError>;

    /// The room before this concert.
    ///
    /// # Errors
    /// A failure of the store.
    async fn room_of_concert(&self, concert_id: ConcertId) -> Result<Option<Room>, StoreError>;

    /// The room of this id and how many are in it, as of `now`.
    ///
    /// # Errors
    /// A failure of the store.
    async fn room_count(&self, id: RoomId, now: Instant) -> Result<Option<RoomCount>, StoreError>;

    /// Rooms and how many are in them, newest id first, from those below `after` on, as of `now`.
    ///
    /// # Errors
    /// A failure of the store.
    async fn room_counts(
        &self,
        after: Option<RoomId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<RoomCount, RoomId>, StoreError>;
}
