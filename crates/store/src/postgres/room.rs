//! Reading rooms.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{RoomCount, Rooms, StoreError};
use stagedoor_domain::{ConcertId, Instant, Page, PageSize, Room, RoomId};

use crate::postgres::failure::Failure;
use crate::postgres::rows::{RoomRow, fold, fold_one};
use crate::postgres::schema::{queue_tokens, rooms};
use crate::postgres::store::PostgresStore;
use crate::postgres::transaction::Isolation;
use crate::postgres::word::Word;

#[async_trait]
impl Rooms for PostgresStore {
    async fn room(&self, id: RoomId) -> Result<Option<Room>, StoreError> {
        self.read(move |conn| {
            let row = rooms::table.find(id.0).select(RoomRow::as_select()).first(conn);
            fold_one(row.optional()?)
        })
        .await
    }

    async fn room_of_concert(&self, concert_id: ConcertId) -> Result<Option<Room>, StoreError> {
        self.read(move |conn| {
            let found = rooms::table.filter(rooms::concert_id.eq(concert_id.0));
            fold_one(found.select(RoomRow::as_select()).first(conn).optional()?)
        })
        .await
    }

    async fn room_count(&self, id: RoomId, now: Instant) -> Result<Option<RoomCount>, StoreError> {
        self.run(Isolation::Snapshot, move |conn| {
            let row = rooms::table.find(id.0).select(RoomRow::as_select()).first(conn);
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
        self.run(Isolation::Snapshot, move |conn| {
            let mut query = rooms::table
                .select(RoomRow::as_select())
                .order(rooms::id.desc())
                .limit(crate::postgres::store::one_more(size))
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(rooms::id.lt(after.0));
            }
            let found: Vec<Room> = fold(query.load(conn)?)?;
            let counts: Result<Vec<_>, _> =
                found.into_iter().map(|room| count(conn, room, now)).collect();
            Ok(Page::of(counts?, size, |counted| counted.room.id))
        })
        .await
    }
}

fn count(conn: &mut PgConnection, room: Room, now: Instant) -> Result<RoomCount, Failure> {
    let of_room = || queue_tokens::table.filter(queue_tokens::room_id.eq(room.id.0));
    let waiting = of_room()
        .filter(queue_tokens::status.eq(Word("WAITING")))
        .filter(queue_tokens::idle_at.gt(now))
        .count()
        .get_result(conn)?;
    let active = of_room()
        .filter(queue_tokens::status.eq(Word("ACTIVE")))
        .filter(queue_tokens::expires_at.gt(now))
        .count()
        .get_result(conn)?;
    Ok(RoomCount { room, waiting, active })
}
