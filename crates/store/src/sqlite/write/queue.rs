//! Rooms and queue tokens.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
use stagedoor_domain::{Changes, QueueToken, Room, TokenState};

use super::for_each;
use crate::sqlite::codec::{Id, Micros};
use crate::sqlite::failure::Failure;
use crate::sqlite::rows::token_columns;
use crate::sqlite::statement::Statement;

pub(super) fn write(conn: &mut SqliteConnection, changes: &Changes) -> Result<(), Failure> {
    for_each(conn, "rooms", &changes.inserted::<Room>(), |room| insert_room(room))?;
    for_each(conn, "rooms", &changes.updated::<Room>(), |room| update_room(room))?;
    for_each(conn, "queue tokens", &changes.updated::<QueueToken>(), |token| update_token(token))?;
    for_each(conn, "queue tokens", &changes.inserted::<QueueToken>(), |token| insert_token(token))
}

fn insert_room(room: &Room) -> Statement<'_> {
    let statement = Statement::new(
        "INSERT INTO rooms (id, concert_id, capacity, admit_batch, admit_interval_seconds,
            active_seconds, idle_seconds, paused, message, policy_changed_at, last_place,
            version, admissions_since, admissions_count)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(Id(room.id.0))
    .bind::<Nullable<Text>, _>(room.concert_id.map(|id| Id(id.0)));
    with_columns(statement, room)
}

fn update_room(room: &Room) -> Statement<'_> {
    let statement = Statement::new(
        "UPDATE rooms SET capacity = ?, admit_batch = ?, admit_interval_seconds = ?,
            active_seconds = ?, idle_seconds = ?, paused = ?, message = ?, policy_changed_at = ?,
            last_place = ?, version = ?, admissions_since = ?, admissions_count = ?
         WHERE id = ?",
    );
    with_columns(statement, room).bind::<Text, _>(Id(room.id.0))
}

fn with_columns<'a>(statement: Statement<'a>, room: &Room) -> Statement<'a> {
    statement
        .bind::<Integer, _>(room.policy.capacity)
        .bind::<Integer, _>(room.policy.admit_batch)
        .bind::<Integer, _>(room.policy.admit_interval_seconds)
        .bind::<Integer, _>(room.policy.active_seconds)
        .bind::<Integer, _>(room.policy.idle_seconds)
        .bind::<Bool, _>(room.policy.paused)
        .bind::<Text, _>(room.message.as_str().to_owned())
        .bind::<BigInt, _>(Micros(room.policy_changed_at))
        .bind::<BigInt, _>(room.last_place)
        .bind::<BigInt, _>(room.version)
        .bind::<BigInt, _>(Micros(room.admissions.since))
        .bind::<Integer, _>(room.admissions.count)
}

fn update_token(token: &QueueToken) -> Statement<'_> {
    let statement = Statement::new(
        "UPDATE queue_tokens SET version = ?, status = ?, seen_at = ?, idle_at = ?,
            active_since = ?,
            expires_at = ?, reason = ?, ended_at = ?
         WHERE id = ?",
    )
    .bind::<BigInt, _>(token.version);
    with_state(statement, &token.state).bind::<Text, _>(Id(token.id.0))
}

fn insert_token(token: &QueueToken) -> Statement<'_> {
    let statement = Statement::new(
        "INSERT INTO queue_tokens (id, version, room_id, user_id, place, created_at, status,
            seen_at, idle_at, active_since, expires_at, reason, ended_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(Id(token.id.0))
    .bind::<BigInt, _>(token.version)
    .bind::<Text, _>(Id(token.room_id.0))
    .bind::<Text, _>(Id(token.user_id.0))
    .bind::<Nullable<BigInt>, _>(token.place)
    .bind::<BigInt, _>(Micros(token.created_at));
    with_state(statement, &token.state)
}

fn with_state<'a>(statement: Statement<'a>, state: &TokenState) -> Statement<'a> {
    let (status, seen_at, idle_at, active_since, expires_at, reason, ended_at) =
        token_columns(state);
    statement
        .bind::<Text, _>(status)
        .bind::<Nullable<BigInt>, _>(seen_at)
        .bind::<Nullable<BigInt>, _>(idle_at)
        .bind::<Nullable<BigInt>, _>(active_since)
        .bind::<Nullable<BigInt>, _>(expires_at)
        .bind::<Nullable<Text>, _>(reason)
        .bind::<Nullable<BigInt>, _>(ended_at)
}
