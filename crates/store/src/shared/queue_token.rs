//! Reading queue tokens.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{QueueTokens, StoreError};
use stagedoor_domain::{QueueToken, QueueTokenId, Room};

use super::dialect::Store;
use super::load;
use crate::rows::{QueueTokenRow, fold};
use crate::schema::queue_tokens;
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
            let tokens: Vec<QueueToken> = fold(rows)?;
            let rooms = load::rooms(conn, &tokens.iter().map(|token| token.room_id).collect())?;
            let with_room = |token: QueueToken| {
                let room = rooms.iter().find(|room| room.id == token.room_id)?;
                Some((token, room.clone()))
            };
            Ok(tokens.into_iter().filter_map(with_room).collect())
        })
        .await
    }
}
