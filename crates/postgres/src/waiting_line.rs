//! Following the lines of rooms.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid};
use stagedoor_domain::ports::{LinePage, StoreError, WaitingLines, WaitingPlace};
use stagedoor_domain::{Instant, LineChange, Room, RoomId};

use crate::rows::{RoomRow, fold};
use crate::schema::{queue_tokens, rooms};
use crate::statement::Statement;
use crate::store::PostgresStore;
use crate::transaction::Isolation;
use crate::word::Word;

type ChangeRow = (i64, Option<i64>, Option<Instant>);

fn change((version, place, seen_at): ChangeRow) -> Option<LineChange> {
    Some(LineChange { version, place: place?, waiting_since_sign: seen_at })
}

#[derive(QueryableByName)]
struct WaitingRow {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Timestamptz)]
    seen_at: Instant,
}

/// Places of a room that wait, one by one, not its whole line: put like this, no index but that of the
/// line (`queue_tokens_line`) has them in order.
const WAITING: &str = "
    SELECT place, waiting.seen_at FROM unnest(?) AS wanted (place) CROSS JOIN LATERAL (
        SELECT seen_at FROM queue_tokens
        WHERE room_id = ? AND place BETWEEN wanted.place AND wanted.place AND status = 'WAITING'
        ORDER BY place LIMIT 1
    ) AS waiting";

#[async_trait]
impl WaitingLines for PostgresStore {
    async fn all_rooms(&self) -> Result<Vec<Room>, StoreError> {
        self.read(|conn| {
            let rows: Vec<RoomRow> = rooms::table.select(RoomRow::as_select()).load(conn)?;
            fold(rows)
        })
        .await
    }

    async fn whole_line(&self, room_id: RoomId) -> Result<LinePage, StoreError> {
        self.run(Isolation::Snapshot, move |conn| {
            let version = rooms::table.find(room_id.0).select(rooms::version).first(conn);
            let version = version.optional()?.unwrap_or(0);
            let rows: Vec<ChangeRow> = queue_tokens::table
                .select((queue_tokens::version, queue_tokens::place, queue_tokens::seen_at))
                .filter(queue_tokens::room_id.eq(room_id.0))
                .filter(queue_tokens::status.eq(Word("WAITING")))
                .order(queue_tokens::place)
                .load(conn)?;
            let changes = rows.into_iter().filter_map(change).collect();
            Ok(LinePage { changes, version, has_more: false })
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
                .select((queue_tokens::version, queue_tokens::place, queue_tokens::seen_at))
                .filter(queue_tokens::room_id.eq(room_id.0))
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

    async fn waiting_places(
        &self,
        room_id: RoomId,
        places: &[i64],
    ) -> Result<Vec<WaitingPlace>, StoreError> {
        let places = places.to_vec();
        self.read(move |conn| {
            let rows: Vec<WaitingRow> = Statement::new(WAITING)
                .bind::<Array<BigInt>, _>(places)
                .bind::<SqlUuid, _>(room_id.0)
                .load(conn)?;
            let waiting = |WaitingRow { place, seen_at }| WaitingPlace { place, seen_at };
            Ok(rows.into_iter().map(waiting).collect())
        })
        .await
    }
}
