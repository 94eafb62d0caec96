//! Reading queue tokens.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{QueueTokens, StoreError};
use stagedoor_domain::{QueueToken, QueueTokenId, Room};

use crate::codec::Id;
use crate::rows::{QueueTokenRow, RoomRow};
use crate::schema::{queue_tokens, rooms};
use crate::store::SqliteStore;

#[async_trait]
impl QueueTokens for SqliteStore {
    async fn queue_token(
        &self,
        id: QueueTokenId,
    ) -> Result<Option<(QueueToken, Room)>, StoreError> {
        self.read(move |conn| {
            let found: Option<(QueueTokenRow, RoomRow)> = queue_tokens::table
                .inner_join(rooms::table.on(rooms::id.eq(queue_tokens::room_id)))
                .select((QueueTokenRow::as_select(), RoomRow::as_select()))
                .filter(queue_tokens::id.eq(Id(id.0)))
                .first(conn)
                .optional()?;
            found.map(|(token, room)| Ok((token.try_into()?, room.try_into()?))).transpose()
        })
        .await
    }
}
