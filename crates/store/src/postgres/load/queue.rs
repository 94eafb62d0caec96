//! Rooms and queue tokens.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid};
use stagedoor_domain::operations::{
    Admit, ChangePolicy, ExpireTokens, JoinRoom, LeaveRoom, SeeToken, SetUpSite,
};
use stagedoor_domain::queue_token::SIGN_GRACE;
use stagedoor_domain::{Instant, Room, RoomId, Schedule, WorkingSet};
use uuid::Uuid;

use super::{Load, ids, parts};
use crate::postgres::failure::Failure;
use crate::postgres::operator_action;
use crate::postgres::rows::{ScheduleRow, fold};
use crate::postgres::schema::queue_tokens;
use crate::postgres::statement::Statement;
use crate::postgres::word::Word;

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

impl Load for ChangePolicy {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        set.load(parts::lock_rooms(conn, &ids(commands.iter().map(|c| c.room_id.0)))?);
        Ok(set)
    }
}

impl Load for SetUpSite {
    fn load(conn: &mut PgConnection, _: &[&Self], _: Instant) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        set.load(parts::lock_rooms(conn, &[RoomId::SITE.0])?);
        set.load(operator_action::of_room(conn, RoomId::SITE)?);
        Ok(set)
    }
}

/// The tokens of users in rooms that are written as live, pair by pair (`OFFSET 0`).
const LIVE: &str = "
    SELECT live.id FROM unnest(?, ?) AS wanted (room_id, user_id) CROSS JOIN LATERAL (
        SELECT id FROM queue_tokens
        WHERE room_id = wanted.room_id AND user_id = wanted.user_id AND status <> 'EXPIRED' OFFSET 0
    ) AS live";

/// Of each concert one schedule whose booking is not over, if possible one with seats left.
const BOOKABLE: &str = "
    SELECT bookable.* FROM unnest(?) AS wanted (concert_id) CROSS JOIN LATERAL (
        SELECT * FROM schedules
        WHERE concert_id = wanted.concert_id AND booking_closes_at > ?
        ORDER BY sold_count < seat_count DESC LIMIT 1
    ) AS bookable";

impl Load for JoinRoom {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        now: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let wanted = ids(commands.iter().map(|command| command.room_id.0));
        let locked = load_rooms_and_crowds(conn, &mut set, &wanted, now)?;
        let concerts = ids(locked.iter().filter_map(|room| Some(room.concert_id?.0)));
        if !concerts.is_empty() {
            let rows: Vec<ScheduleRow> = Statement::new(BOOKABLE)
                .bind::<Array<SqlUuid>, _>(concerts)
                .bind::<Timestamptz, _>(now)
                .load(conn)?;
            set.load::<Schedule>(fold(rows)?);
        }
        let wanted = ids(commands.iter().map(|command| (command.room_id.0, command.user_id.0)));
        let (rooms, users): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
        let live: Vec<IdRow> = Statement::new(LIVE)
            .bind::<Array<SqlUuid>, _>(rooms)
            .bind::<Array<SqlUuid>, _>(users)
            .load(conn)?;
        if !live.is_empty() {
            let live = ids(live.into_iter().map(|row| row.id));
            set.load_queue_tokens(parts::lock_tokens(conn, &live)?);
        }
        Ok(set)
    }
}

impl Load for Admit {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        now: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let wanted = ids(commands.iter().map(|command| command.room_id.0));
        let locked = load_rooms_and_crowds(conn, &mut set, &wanted, now)?;
        let mut first = Vec::new();
        for room in &locked {
            let most = room.admits(set.crowd(room.id), now).min(Self::TOKENS_MAX);
            first.extend(head_of_line(conn, room, most, now)?);
        }
        set.load_queue_tokens(parts::lock_tokens(conn, &ids(first))?);
        Ok(set)
    }
}

pub(super) fn load_rooms_and_crowds(
    conn: &mut PgConnection,
    set: &mut WorkingSet,
    wanted: &[Uuid],
    now: Instant,
) -> Result<Vec<Room>, Failure> {
    let locked = parts::lock_rooms(conn, wanted)?;
    for room in &locked {
        let crowd = parts::crowd(conn, room, now)?;
        set.load_crowd(room.id, crowd);
    }
    set.load(locked.clone());
    Ok(locked)
}

fn head_of_line(
    conn: &mut PgConnection,
    room: &Room,
    most: usize,
    now: Instant,
) -> Result<Vec<Uuid>, Failure> {
    if most == 0 {
        return Ok(Vec::new());
    }
    Ok(queue_tokens::table
        .select(queue_tokens::id)
        .filter(queue_tokens::room_id.eq(room.id.0))
        .filter(queue_tokens::status.eq(Word("WAITING")))
        .filter(queue_tokens::idle_at.gt(now))
        .order(queue_tokens::place)
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .load(conn)?)
}

/// The reservations that tokens hold, token by token (`OFFSET 0`), not all that are held.
const HELD: &str = "
    SELECT held.id FROM unnest(?) AS token (id) CROSS JOIN LATERAL (
        SELECT id FROM reservations WHERE queue_token_id = token.id AND status = 'HELD' OFFSET 0
    ) AS held";

impl Load for LeaveRoom {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let tokens = ids(commands.iter().map(|command| command.token_id.0));
        set.load(parts::lock_rooms(conn, &ids(commands.iter().map(|c| c.room_id.0)))?);
        set.load_queue_tokens(parts::lock_tokens(conn, &tokens)?);
        let held: Vec<IdRow> = Statement::new(HELD).bind::<Array<SqlUuid>, _>(tokens).load(conn)?;
        let held = ids(held.into_iter().map(|row| row.id));
        parts::lock_reservations(conn, &mut set, &held)?;
        Ok(set)
    }
}

impl Load for SeeToken {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let tokens = parts::lock_tokens(conn, &ids(commands.iter().map(|c| c.token_id.0)))?;
        set.load_queue_tokens(tokens);
        Ok(set)
    }
}

#[derive(QueryableByName)]
struct Overdue {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    room_id: Uuid,
}

/// Room by room and in order of time, so that each half is found by its index whatever the planner
/// knows of the table.
const OVERDUE: &str = "
    SELECT overdue.id, rooms.id AS room_id
    FROM rooms CROSS JOIN LATERAL (
        (SELECT id FROM queue_tokens
            WHERE room_id = rooms.id AND status = 'ACTIVE' AND expires_at <= ?
            ORDER BY expires_at LIMIT ?)
        UNION ALL
        (SELECT id FROM queue_tokens
            WHERE room_id = rooms.id AND status = 'WAITING'
            AND idle_at <= ?
            ORDER BY idle_at LIMIT ?)
    ) AS overdue LIMIT ?";

impl Load for ExpireTokens {
    fn load(conn: &mut PgConnection, _: &[&Self], now: Instant) -> Result<WorkingSet, Failure> {
        let most = i64::try_from(Self::TOKENS_MAX).unwrap_or(i64::MAX);
        let overdue: Vec<Overdue> = Statement::new(OVERDUE)
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(most)
            .bind::<Timestamptz, _>(now - SIGN_GRACE)
            .bind::<BigInt, _>(most)
            .bind::<BigInt, _>(most)
            .load(conn)?;
        let mut set = WorkingSet::new();
        set.load(parts::lock_rooms(conn, &ids(overdue.iter().map(|row| row.room_id)))?);
        let tokens = parts::lock_tokens(conn, &ids(overdue.iter().map(|row| row.id)))?;
        set.load_queue_tokens(tokens);
        Ok(set)
    }
}
