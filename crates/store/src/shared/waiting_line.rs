//! Following the lines of rooms.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{LinePage, StoreError, WaitingLines};
use stagedoor_domain::{Instant, LineChange, Room, RoomId};

use super::dialect::Store;
use crate::prepared::Literal;
use crate::rows::{RoomRow, fold};
use crate::schema::{queue_tokens, rooms};
use crate::types::Id;

/// The rows of a whole line are read in parts, so that few of them are in memory in two forms.
const ROWS_AT_ONCE: i64 = 10_000;

type ChangeRow = (i64, Option<i64>, Option<Instant>);

fn change((version, place, idle_at): ChangeRow) -> Option<LineChange> {
    Some(LineChange { version, sequence: place?, waiting_until: idle_at })
}

#[async_trait]
impl WaitingLines for Store {
    async fn all_rooms(&self) -> Result<Vec<Room>, StoreError> {
        self.read(|conn| {
            let rows: Vec<RoomRow> = rooms::table.select(RoomRow::as_select()).load(conn)?;
            fold(rows)
        })
        .await
    }

    async fn whole_line(&self, room_id: RoomId) -> Result<LinePage, StoreError> {
        self.snapshot(move |conn| {
            let version = rooms::table.find(Id(room_id)).select(rooms::version).first(conn);
            let version = version.optional()?.unwrap_or(0);
            let mut changes: Vec<LineChange> = Vec::new();
            loop {
                let after = changes.last().map_or(0, |last| last.sequence);
                let rows: Vec<ChangeRow> = queue_tokens::table
                    .select((queue_tokens::version, queue_tokens::place, queue_tokens::idle_at))
                    .filter(queue_tokens::room_id.eq(Id(room_id)))
                    .filter(queue_tokens::status.eq(Literal("WAITING")))
                    .filter(queue_tokens::place.gt(after))
                    .order(queue_tokens::place)
                    .limit(ROWS_AT_ONCE)
                    .load(conn)?;
                let read = changes.len();
                changes.extend(rows.into_iter().filter_map(change));
                if changes.len() == read {
                    return Ok(LinePage { changes, version, has_more: false });
                }
            }
        })
        .await
    }

    async fn line_changes(
        &self,
        room_id: RoomId,
        above: i64,
        limit: usize,
    ) -> Result<LinePage, StoreError> {
        self.read(move |conn| {
            let rows: Vec<ChangeRow> = queue_tokens::table
                .select((queue_tokens::version, queue_tokens::place, queue_tokens::idle_at))
                .filter(queue_tokens::room_id.eq(Id(room_id)))
                .filter(queue_tokens::version.gt(above))
                .order(queue_tokens::version)
                .limit(i64::try_from(limit).unwrap_or(i64::MAX))
                .load(conn)?;
            let has_more = rows.len() >= limit;
            let version = rows.last().map_or(above, |(version, _, _)| *version);
            let changes = rows.into_iter().filter_map(change).collect();
            Ok(LinePage { changes, version, has_more })
        })
        .await
    }
}
