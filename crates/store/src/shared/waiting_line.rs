//! Following the lines of rooms.

use async_trait::async_trait;
use diesel::prelude::*;
use stagedoor_domain::ports::{StoreError, WaitingLines};
use stagedoor_domain::{Instant, LineChange, LinePage, NumberRange, Room, RoomId};

use super::dialect::{Conn, Store};
use crate::failure::Failure;
use crate::prepared::Literal;
use crate::rows::{LineDeltaRow, NumberRangeRow, RoomRow, fold};
use crate::schema::{line_changes, number_ranges, queue_tokens, rooms};
use crate::types::Id;

type WaitingRow = (Option<i64>, Option<Instant>);

fn waiting((place, idle_at): WaitingRow) -> Option<LineChange> {
    Some(LineChange { sequence: place?, waiting_until: idle_at })
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

    async fn line_part(
        &self,
        room_id: RoomId,
        after: i64,
        limit: usize,
    ) -> Result<LinePage, StoreError> {
        self.snapshot(move |conn| {
            let version = room_version(conn, room_id)?;
            let rows: Vec<WaitingRow> = queue_tokens::table
                .select((queue_tokens::place, queue_tokens::idle_at))
                .filter(queue_tokens::room_id.eq(Id(room_id)))
                .filter(queue_tokens::status.eq(Literal("WAITING")))
                .filter(queue_tokens::place.gt(after))
                .order(queue_tokens::place)
                .limit(rows_of(limit))
                .load(conn)?;
            let has_more = rows.len() >= limit;
            let mut changes: Vec<LineChange> = rows.into_iter().filter_map(waiting).collect();
            let last = changes.last().filter(|_| has_more).map_or(i64::MAX, |last| last.sequence);
            changes.extend(open_numbers(conn, room_id, after, last)?);
            changes.sort_unstable_by_key(|change| change.sequence);
            Ok(LinePage { changes, version, has_more, has_gap: false })
        })
        .await
    }

    async fn line_changes(
        &self,
        room_id: RoomId,
        above: i64,
        limit: usize,
    ) -> Result<LinePage, StoreError> {
        self.snapshot(move |conn| {
            let version = room_version(conn, room_id)?;
            let rows: Vec<LineDeltaRow> = line_changes::table
                .select(LineDeltaRow::as_select())
                .filter(line_changes::room_id.eq(Id(room_id)))
                .filter(line_changes::version.gt(above))
                .order(line_changes::version)
                .limit(rows_of(limit))
                .load(conn)?;
            Ok(LinePage::of(&fold(rows)?, above, limit, version))
        })
        .await
    }
}

/// The numbers of a room's ranges above `after` and up to `last`: they wait, and have no tokens yet.
fn open_numbers(
    conn: &mut Conn,
    room_id: RoomId,
    after: i64,
    last: i64,
) -> Result<Vec<LineChange>, Failure> {
    let rows: Vec<NumberRangeRow> = number_ranges::table
        .select(NumberRangeRow::as_select())
        .filter(number_ranges::room_id.eq(Id(room_id)))
        .filter(number_ranges::last_place.gt(after))
        .filter(number_ranges::first_place.le(last))
        .load(conn)?;
    let ranges: Vec<NumberRange> = fold(rows)?;
    let open = ranges.iter().flat_map(|range| {
        let numbers = range.first.max(after + 1)..=range.last.min(last);
        numbers.map(|sequence| LineChange { sequence, waiting_until: Some(range.idle_at) })
    });
    Ok(open.collect())
}

/// The newest stamp of a room; 0 if there is none.
fn room_version(conn: &mut Conn, room_id: RoomId) -> QueryResult<i64> {
    let version = rooms::table.find(Id(room_id)).select(rooms::version).first(conn);
    Ok(version.optional()?.unwrap_or_default())
}

fn rows_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
