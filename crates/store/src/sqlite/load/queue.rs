//! Rooms and queue tokens.

use crate::sqlite::codec::{Id, Micros};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use stagedoor_domain::operations::{
    Admit, ChangePolicy, ExpireTokens, JoinRoom, LeaveRoom, SeeToken, SetUpSite,
};
use stagedoor_domain::queue_token::SIGN_GRACE;
use stagedoor_domain::{Instant, Room, RoomId, Schedule, WorkingSet};

use super::{IdRow, Load, ids, parts};
use crate::sqlite::failure::Failure;
use crate::sqlite::operator_action;
use crate::sqlite::rows::{QueueTokenRow, ScheduleRow, fold};
use crate::sqlite::schema::{queue_tokens, reservations};
use crate::sqlite::statement::Statement;

impl Load for ChangePolicy {
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        set.load(parts::rooms(conn, &ids(commands.iter().map(|c| c.room_id.0)))?);
        Ok(set)
    }
}

impl Load for SetUpSite {
    fn load(conn: &mut SqliteConnection, _: &[&Self], _: Instant) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        set.load(parts::rooms(conn, &[Id(RoomId::SITE.0)])?);
        set.load(operator_action::of_room(conn, RoomId::SITE)?);
        Ok(set)
    }
}

/// Of a concert one schedule whose booking is not over, if possible one with seats left.
const BOOKABLE: &str = "SELECT * FROM schedules
    WHERE concert_id = ? AND booking_closes_at > ? ORDER BY sold_count < seat_count DESC LIMIT 1";

impl Load for JoinRoom {
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        now: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let wanted = ids(commands.iter().map(|command| command.room_id.0));
        let locked = load_rooms_and_crowds(conn, &mut set, &wanted, now)?;
        for concert_id in locked.iter().filter_map(|room| room.concert_id) {
            let rows: Vec<ScheduleRow> = Statement::new(BOOKABLE)
                .bind::<Text, _>(Id(concert_id.0))
                .bind::<BigInt, _>(Micros(now))
                .load(conn)?;
            set.load::<Schedule>(fold(rows)?);
        }
        let users = ids(commands.iter().map(|command| command.user_id.0));
        let rows: Vec<QueueTokenRow> = queue_tokens::table
            .select(QueueTokenRow::as_select())
            .filter(queue_tokens::room_id.eq_any(&wanted))
            .filter(queue_tokens::user_id.eq_any(&users))
            .filter(queue_tokens::status.ne("EXPIRED"))
            .order(queue_tokens::id)
            .load(conn)?;
        set.load_queue_tokens(fold(rows)?);
        Ok(set)
    }
}

impl Load for Admit {
    fn load(
        conn: &mut SqliteConnection,
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
        set.load_queue_tokens(parts::tokens(conn, &first)?);
        Ok(set)
    }
}

pub(super) fn load_rooms_and_crowds(
    conn: &mut SqliteConnection,
    set: &mut WorkingSet,
    wanted: &[Id],
    now: Instant,
) -> Result<Vec<Room>, Failure> {
    let locked = parts::rooms(conn, wanted)?;
    for room in &locked {
        let crowd = parts::crowd(conn, room, now)?;
        set.load_crowd(room.id, crowd);
    }
    set.load(locked.clone());
    Ok(locked)
}

/// `+` keeps the planner from the index of silent tokens, with which it would sort the whole line.
const HEAD_OF_LINE: &str = "SELECT id FROM queue_tokens
    WHERE room_id = ? AND status = 'WAITING' AND +idle_at > ? ORDER BY place LIMIT ?";

fn head_of_line(
    conn: &mut SqliteConnection,
    room: &Room,
    most: usize,
    now: Instant,
) -> Result<Vec<Id>, Failure> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let first: Vec<IdRow> = Statement::new(HEAD_OF_LINE)
        .bind::<Text, _>(Id(room.id.0))
        .bind::<BigInt, _>(Micros(now))
        .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
        .load(conn)?;
    Ok(first.into_iter().map(|row| row.id).collect())
}

impl Load for LeaveRoom {
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        let tokens = ids(commands.iter().map(|command| command.token_id.0));
        set.load(parts::rooms(conn, &ids(commands.iter().map(|c| c.room_id.0)))?);
        set.load_queue_tokens(parts::tokens(conn, &tokens)?);
        let held: Vec<Id> = reservations::table
            .select(reservations::id)
            .filter(reservations::queue_token_id.eq_any(&tokens))
            .filter(reservations::status.eq("HELD"))
            .load(conn)?;
        parts::load_reservations(conn, &mut set, &held)?;
        Ok(set)
    }
}

impl Load for SeeToken {
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        set.load_queue_tokens(parts::tokens(conn, &ids(commands.iter().map(|c| c.token_id.0)))?);
        Ok(set)
    }
}

#[derive(QueryableByName)]
struct Overdue {
    #[diesel(sql_type = Text)]
    id: Id,
    #[diesel(sql_type = Text)]
    room_id: Id,
}

/// Room by room, so that each half is found by its index.
const OVERDUE: &str = "
    SELECT * FROM (SELECT queue_tokens.id, room_id FROM rooms CROSS JOIN queue_tokens
        WHERE room_id = rooms.id AND status = 'ACTIVE' AND queue_tokens.expires_at <= ? LIMIT ?)
    UNION ALL
    SELECT * FROM (SELECT queue_tokens.id, room_id FROM rooms CROSS JOIN queue_tokens
        WHERE room_id = rooms.id AND status = 'WAITING'
        AND idle_at <= ? LIMIT ?)
    LIMIT ?";

impl Load for ExpireTokens {
    fn load(conn: &mut SqliteConnection, _: &[&Self], now: Instant) -> Result<WorkingSet, Failure> {
        let most = i64::try_from(Self::TOKENS_MAX).unwrap_or(i64::MAX);
        let overdue: Vec<Overdue> = Statement::new(OVERDUE)
            .bind::<BigInt, _>(Micros(now))
            .bind::<BigInt, _>(most)
            .bind::<BigInt, _>(Micros(now - SIGN_GRACE))
            .bind::<BigInt, _>(most)
            .bind::<BigInt, _>(most)
            .load(conn)?;
        let mut set = WorkingSet::new();
        set.load(parts::rooms(conn, &ids(overdue.iter().map(|row| row.room_id.0)))?);
        let tokens = parts::tokens(conn, &ids(overdue.iter().map(|row| row.id.0)))?;
        set.load_queue_tokens(tokens);
        Ok(set)
    }
}
