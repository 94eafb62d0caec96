//! Reading queue tokens.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{QueueTokens, StoreError};
use stagedoor_domain::{QueueToken, QueueTokenId, Room};

use crate::postgres::load;
use crate::postgres::rows::{QueueTokenRow, fold};
use crate::postgres::schema::queue_tokens;
use crate::postgres::store::PostgresStore;

#[async_trait]
impl QueueTokens for PostgresStore {
    async fn queue_tokens(
        &self,
        ids: &[QueueTokenId],
    ) -> Result<Vec<(QueueToken, Room)>, StoreError> {
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        self.read(move |conn| {
            let rows: Vec<QueueTokenRow> = queue_tokens::table
                .select(QueueTokenRow::as_select())
                .filter(queue_tokens::id.eq_any(&ids))
                .load(conn)?;
            let tokens: Vec<QueueToken> = fold(rows)?;
            let rooms = load::rooms(conn, &load::ids(tokens.iter().map(|t| t.room_id.0)))?;
            let with_room = |token: QueueToken| {
                let room = rooms.iter().find(|room| room.id == token.room_id)?;
                Some((token, room.clone()))
            };
            Ok(tokens.into_iter().filter_map(with_room).collect())
        })
        .await
    }
}
