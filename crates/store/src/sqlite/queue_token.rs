//! Reading queue tokens.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{QueueTokens, StoreError};
use stagedoor_domain::{QueueToken, QueueTokenId, Room};

use crate::sqlite::codec::Id;
use crate::sqlite::rows::{QueueTokenRow, RoomRow};
use crate::sqlite::schema::{queue_tokens, rooms};
use crate::sqlite::store::SqliteStore;

#[async_trait]
impl QueueTokens for SqliteStore {
    async fn queue_tokens(
        &self,
        ids: &[QueueTokenId],
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        let ids: Vec<_> = ids.iter().map(|id| Id(id.0)).collect();
        self.read(move |conn| {
            let found: Vec<(QueueTokenRow, RoomRow)> = queue_tokens::table
                .inner_join(rooms::table.on(rooms::id.eq(queue_tokens::room_id)))
                .select((QueueTokenRow::as_select(), RoomRow::as_select()))
                .filter(queue_tokens::id.eq_any(&ids))
                .load(conn)?;
            found
                .into_iter()
                .map(|(token, room)| Ok((token.try_into()?, room.try_into()?)))
                .collect()
        })
        .await
    }
}
