//! Users and concerts.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use stagedoor_domain::{Changes, Concert, User};

use super::{column, execute};
use crate::postgres::failure::Failure;
use crate::postgres::rows::role_text;
use crate::postgres::statement::Statement;

pub(super) fn write(conn: &mut PgConnection, changes: &Changes) -> Result<(), Failure> {
    let users = changes.inserted::<User>();
    if !users.is_empty() {
        insert_users(conn, &users)?;
    }
    let users = changes.updated::<User>();
    if !users.is_empty() {
        update_users(conn, &users)?;
    }
    let concerts = changes.inserted::<Concert>();
    if concerts.is_empty() { Ok(()) } else { insert_concerts(conn, &concerts) }
}

fn insert_users(conn: &mut PgConnection, users: &[&User]) -> Result<(), Failure> {
    let statement = Statement::new(
        "INSERT INTO users (id, name, email, password_hash, role, created_at)
         SELECT * FROM unnest(?, ?, ?, ?, ?, ?)",
    )
    .bind::<Array<SqlUuid>, _>(column(users, |user| user.id.0))
    .bind::<Array<Text>, _>(column(users, |user| user.name.as_str().to_owned()))
    .bind::<Array<Text>, _>(column(users, |user| user.email.as_str().to_owned()))
    .bind::<Array<Text>, _>(column(users, |user| user.password_hash.clone()))
    .bind::<Array<Text>, _>(column(users, |user| role_text(user.role)))
    .bind::<Array<Timestamptz>, _>(column(users, |user| user.created_at));
    execute(conn, "users", users.len(), statement)
}

/// What can change of a user: the role, the password, and which sessions are valid.
fn update_users(conn: &mut PgConnection, users: &[&User]) -> Result<(), Failure> {
    let statement = Statement::new(
        "UPDATE users SET role = new.role, password_hash = new.password_hash,
            session_version = new.session_version, sessions_ended_at = new.sessions_ended_at
         FROM unnest(?, ?, ?, ?, ?)
            AS new (id, role, password_hash, session_version, sessions_ended_at)
         WHERE users.id = new.id",
    )
    .bind::<Array<SqlUuid>, _>(column(users, |user| user.id.0))
    .bind::<Array<Text>, _>(column(users, |user| role_text(user.role)))
    .bind::<Array<Text>, _>(column(users, |user| user.password_hash.clone()))
    .bind::<Array<BigInt>, _>(column(users, |user| user.sessions.version))
    .bind::<Array<Nullable<Timestamptz>>, _>(column(users, |user| user.sessions.ended_at));
    execute(conn, "users", users.len(), statement)
}

fn insert_concerts(conn: &mut PgConnection, concerts: &[&Concert]) -> Result<(), Failure> {
    let statement = Statement::new(
        "INSERT INTO concerts (id, organizer_id, title, description, created_at)
         SELECT * FROM unnest(?, ?, ?, ?, ?)",
    )
    .bind::<Array<SqlUuid>, _>(column(concerts, |concert| concert.id.0))
    .bind::<Array<SqlUuid>, _>(column(concerts, |concert| concert.organizer_id.0))
    .bind::<Array<Text>, _>(column(concerts, |concert| concert.title.as_str().to_owned()))
    .bind::<Array<Text>, _>(column(concerts, |concert| concert.description.as_str().to_owned()))
    .bind::<Array<Timestamptz>, _>(column(concerts, |concert| concert.created_at));
    execute(conn, "concerts", concerts.len(), statement)
}
