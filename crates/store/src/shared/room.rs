//! Reading rooms.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{RoomCount, Rooms, StoreError};
use stagedoor_domain::{ConcertId, Instant, Page, PageSize, Room, RoomId};

use super::dialect::{Conn, Store};
use super::one_more;
use crate::failure::Failure;
use crate::prepared::Literal;
use crate::rows::{RoomRow, fold, fold_one};
use crate::schema::{queue_tokens, rooms};
use crate::types::{At, Id};

#[async_trait]
impl Rooms for Store {
    async fn room(&self, id: RoomId) -> Result<Option<Room>, StoreError> {
        self.read(move |conn| {
            let row = rooms::table.find(Id(id)).select(RoomRow::as_select()).first(conn);
            fold_one(row.optional()?)
        })
        .await
    }

    async fn room_of_concert(&self, concert_id: ConcertId) -> Result<Option<Room>, StoreError> {
        self.read(move |conn| {
            let found = rooms::table.filter(rooms::concert_id.eq(Id(concert_id)));
            fold_one(found.select(RoomRow::as_select()).first(conn).optional()?)
        })
        .await
    }

    async fn room_count(&self, id: RoomId, now: Instant) -> Result<Option<RoomCount>, StoreError> {
        self.snapshot(move |conn| {
            let row = rooms::table.find(Id(id)).select(RoomRow::as_select()).first(conn);
            let room = fold_one(row.optional()?)?;
            room.map(|room| count(conn, room, now)).transpose()
        })
        .await
    }

    async fn room_counts(
        &self,
        after: Option<RoomId>,
        size: PageSize,
        now: Instant,
    ) -> Result<Page<RoomCount, RoomId>, StoreError> {
        self.snapshot(move |conn| {
            let mut query = rooms::table
                .select(RoomRow::as_select())
                .order(rooms::id.desc())
                .limit(one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(rooms::id.lt(Id(after)));
            }
            let found: Vec<Room> = fold(query.load(conn)?)?;
            let counts: Result<Vec<_>, _> =
                found.into_iter().map(|room| count(conn, room, now)).collect();
            Ok(Page::of(counts?, size, |counted| counted.room.id))
        })
        .await
    }
}

fn count(conn: &mut Conn, room: Room, now: Instant) -> Result<RoomCount, Failure> {
    let of_room = || queue_tokens::table.filter(queue_tokens::room_id.eq(Id(room.id)));
    let waiting = of_room()
        .filter(queue_tokens::status.eq(Literal("WAITING")))
        .filter(queue_tokens::idle_at.gt(At(now)))
        .count()
        .get_result(conn)?;
    let active = of_room()
        .filter(queue_tokens::status.eq(Literal("ACTIVE")))
        .filter(queue_tokens::expires_at.gt(At(now)))
        .count()
        .get_result(conn)?;
    Ok(RoomCount { room, waiting, active })
}
