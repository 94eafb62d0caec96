//! Users and concerts.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use stagedoor_domain::{Changes, Concert, User};

use super::for_each;
use crate::sqlite::codec::{Id, Micros};
use crate::sqlite::failure::Failure;
use crate::sqlite::rows::role_text;
use crate::sqlite::statement::Statement;

pub(super) fn write(conn: &mut SqliteConnection, changes: &Changes) -> Result<(), Failure> {
    for_each(conn, "users", &changes.inserted::<User>(), |user| {
        Statement::new(
            "INSERT INTO users (id, name, email, password_hash, role, created_at)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind::<Text, _>(Id(user.id.0))
        .bind::<Text, _>(user.name.as_str())
        .bind::<Text, _>(user.email.as_str())
        .bind::<Text, _>(user.password_hash.as_str())
        .bind::<Text, _>(role_text(user.role))
        .bind::<BigInt, _>(Micros(user.created_at))
    })?;
    for_each(conn, "users", &changes.updated::<User>(), |user| {
        Statement::new(
            "UPDATE users SET role = ?, password_hash = ?, session_version = ?,
                sessions_ended_at = ? WHERE id = ?",
        )
        .bind::<Text, _>(role_text(user.role))
        .bind::<Text, _>(user.password_hash.as_str())
        .bind::<BigInt, _>(user.sessions.version)
        .bind::<Nullable<BigInt>, _>(user.sessions.ended_at.map(Micros))
        .bind::<Text, _>(Id(user.id.0))
    })?;
    for_each(conn, "concerts", &changes.inserted::<Concert>(), |concert| {
        Statement::new(
            "INSERT INTO concerts (id, organizer_id, title, description, created_at)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind::<Text, _>(Id(concert.id.0))
        .bind::<Text, _>(Id(concert.organizer_id.0))
        .bind::<Text, _>(concert.title.as_str())
        .bind::<Text, _>(concert.description.as_str())
        .bind::<BigInt, _>(Micros(concert.created_at))
    })
}
