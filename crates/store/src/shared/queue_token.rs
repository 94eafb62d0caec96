//! Reading queue tokens.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{QueueTokens, StoreError};
use stagedoor_domain::{QueueToken, QueueTokenId, Room, UserId};

use super::dialect::{Conn, Store};
use super::load;
use crate::failure::Failure;
use crate::prepared::Literal;
use crate::rows::{QueueTokenRow, fold};
use crate::schema::{queue_tokens, rooms};
use crate::types::Id;

#[async_trait]
impl QueueTokens for Store {
    async fn queue_tokens(
        &self,
        ids: &[QueueTokenId],
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        let ids: Vec<_> = ids.iter().copied().map(Id).collect();
        self.read(move |conn| {
            let rows: Vec<QueueTokenRow> = queue_tokens::table
                .select(QueueTokenRow::as_select())
                .filter(queue_tokens::id.eq_any(&ids))
                .load(conn)?;
            with_rooms(conn, fold(rows)?)
        })
        .await
    }

    async fn queue_tokens_of(
        &self,
        user_id: UserId,
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        self.read(move |conn| {
            // By way of the rooms, which are few: the index of live tokens is by room and user.
            let rows: Vec<QueueTokenRow> = rooms::table
                .inner_join(queue_tokens::table.on(queue_tokens::room_id.eq(rooms::id)))
                .select(QueueTokenRow::as_select())
                .filter(queue_tokens::user_id.eq(Id(user_id)))
                .filter(queue_tokens::status.ne(Literal("EXPIRED")))
                .order(queue_tokens::id.desc())
                .load(conn)?;
            with_rooms(conn, fold(rows)?)
        })
        .await
    }
}

fn with_rooms(
    conn: &mut Conn,
    tokens: Vec<QueueToken>,
) -> Result<Vec<(QueueToken, Room)>, Failure> {
    let rooms = load::rooms(conn, &tokens.iter().map(|token| token.room_id).collect())?;
    let with_room = |token: QueueToken| {
        let room = rooms.iter().find(|room| room.id == token.room_id)?;
        Some((token, room.clone()))
    };
    Ok(tokens.into_iter().filter_map(with_room).collect())
}
