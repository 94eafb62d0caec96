//! Rooms and queue tokens.

use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use stagedoor_domain::{Changes, QueueToken, Room};

use super::{column, execute};
use crate::postgres::failure::Failure;
use crate::postgres::rows::token_columns;
use crate::postgres::statement::Statement;

pub(super) fn write(conn: &mut PgConnection, changes: &Changes) -> Result<(), Failure> {
    for room in changes.inserted::<Room>() {
        insert_room(conn, room)?;
    }
    for room in changes.updated::<Room>() {
        update_room(conn, room)?;
    }
    let ended = changes.updated::<QueueToken>();
    if !ended.is_empty() {
        update_tokens(conn, &ended)?;
    }
    let joined = changes.inserted::<QueueToken>();
    if joined.is_empty() { Ok(()) } else { insert_tokens(conn, &joined) }
}

fn insert_room(conn: &mut PgConnection, room: &Room) -> Result<(), Failure> {
    let statement = Statement::new(
        "INSERT INTO rooms (id, concert_id, capacity, admit_batch, admit_interval_seconds,
            active_seconds, idle_seconds, paused, message, policy_changed_at, last_place,
            version, admissions_since, admissions_count)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<SqlUuid, _>(room.id.0)
    .bind::<Nullable<SqlUuid>, _>(room.concert_id.map(|id| id.0));
    execute(conn, "rooms", 1, with_columns(statement, room))
}

fn update_room(conn: &mut PgConnection, room: &Room) -> Result<(), Failure> {
    let statement = Statement::new(
        "UPDATE rooms SET capacity = ?, admit_batch = ?, admit_interval_seconds = ?,
            active_seconds = ?, idle_seconds = ?, paused = ?, message = ?, policy_changed_at = ?,
            last_place = ?, version = ?, admissions_since = ?, admissions_count = ?
         WHERE id = ?",
    );
    let statement = with_columns(statement, room).bind::<SqlUuid, _>(room.id.0);
    execute(conn, "rooms", 1, statement)
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
        .bind::<Timestamptz, _>(room.policy_changed_at)
        .bind::<BigInt, _>(room.last_place)
        .bind::<BigInt, _>(room.version)
        .bind::<Timestamptz, _>(room.admissions.since)
        .bind::<Integer, _>(room.admissions.count)
}

fn update_tokens(conn: &mut PgConnection, tokens: &[&QueueToken]) -> Result<(), Failure> {
    let statement = Statement::new(
        "UPDATE queue_tokens SET version = new.version, status = new.status,
            seen_at = new.seen_at, idle_at = new.idle_at, active_since = new.active_since,
            expires_at = new.expires_at, reason = new.reason, ended_at = new.ended_at
         FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?)
            AS new (id, version, status, seen_at, idle_at, active_since, expires_at, reason, ended_at)
         WHERE queue_tokens.id = new.id",
    )
    .bind::<Array<SqlUuid>, _>(column(tokens, |token| token.id.0))
    .bind::<Array<BigInt>, _>(column(tokens, |token| token.version));
    execute(conn, "queue tokens", tokens.len(), with_states(statement, tokens))
}

fn insert_tokens(conn: &mut PgConnection, tokens: &[&QueueToken]) -> Result<(), Failure> {
    let statement = Statement::new(
        "INSERT INTO queue_tokens (id, version, room_id, user_id, place, created_at, status,
            seen_at, idle_at, active_since, expires_at, reason, ended_at)
         SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Array<SqlUuid>, _>(column(tokens, |token| token.id.0))
    .bind::<Array<BigInt>, _>(column(tokens, |token| token.version))
    .bind::<Array<SqlUuid>, _>(column(tokens, |token| token.room_id.0))
    .bind::<Array<SqlUuid>, _>(column(tokens, |token| token.user_id.0))
    .bind::<Array<Nullable<BigInt>>, _>(column(tokens, |token| token.place))
    .bind::<Array<Timestamptz>, _>(column(tokens, |token| token.created_at));
    execute(conn, "queue tokens", tokens.len(), with_states(statement, tokens))
}

fn with_states<'a>(statement: Statement<'a>, tokens: &[&QueueToken]) -> Statement<'a> {
    statement
        .bind::<Array<Text>, _>(column(tokens, |token| token_columns(&token.state).0))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(tokens, |t| token_columns(&t.state).1))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(tokens, |t| token_columns(&t.state).2))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(tokens, |t| token_columns(&t.state).3))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(tokens, |t| token_columns(&t.state).4))
        .bind::<Array<Nullable<Text>>, _>(column(tokens, |token| token_columns(&token.state).5))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(tokens, |t| token_columns(&t.state).6))
}
